# Every task of the project by name; CI runs the same ones. Bare `make` tells what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Which cluster the end-to-end tests and the demo run on: auto, kind, local or current (the one kubectl talks to).
export CLUSTER ?= auto

# operator/ and sdk/ go on the path, nothing is installed: checkouts that share one environment must not see each other's source.
export PYTHONPATH := $(CURDIR)/operator:$(CURDIR)/sdk
export PYTHONDONTWRITEBYTECODE := 1

# Looked up on first use and once, so that `make help` needs no Python at all.
PYTHON = $(eval PYTHON := $$(or $$(shell requirements/environment.sh),$$(error No environment, for the reason above)))$(PYTHON)
BIN = $(dir $(PYTHON))

SOURCES := $(wildcard operator/serinus sdk benchmarks cluster demo manifests tests)
PYTEST = $(PYTHON) -m pytest

.PHONY: help
help:  ## tell what there is
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

##- The gate

# The API server of the integration tests takes minutes to build on a fresh machine: it starts first and is waited for
# last. It runs in a session of its own, so that a failure elsewhere can end it with all its compilers.
.PHONY: test
test:  ## all checks and tests that need no cluster node: what CI runs first
	@log=$$(mktemp) assets=$$(mktemp); \
	setsid $(PYTHON) -m cluster assets >$$assets 2>$$log & build=$$!; \
	trap 'kill -- -$$build 2>/dev/null || true; rm -f $$log $$assets' EXIT; \
	$(MAKE) lint types imports unit; \
	echo 'Waiting for the API server of the integration tests'; \
	wait $$build || { cat $$log; exit 1; }; \
	KUBEBUILDER_ASSETS=$$(tail -n 1 $$assets) $(MAKE) integration

.PHONY: lint
lint:  ## formatting and lint rules (ruff)
	$(BIN)ruff format --check $(SOURCES)
	$(BIN)ruff check $(SOURCES)

.PHONY: types
types:  ## strict types (mypy)
	$(PYTHON) -m mypy $(SOURCES)

.PHONY: imports
imports:  ## the direction in which stages may import each other (import-linter)
	$(BIN)lint-imports --no-logo

.PHONY: unit
unit:  ## all tests that need neither an API server nor a node, on two processes
	$(PYTEST) -n 2 -m 'not integration and not e2e' $(ARGS)

.PHONY: integration
integration:  ## tests on a real kube-apiserver, built where KUBEBUILDER_ASSETS names none
	KUBEBUILDER_ASSETS=$${KUBEBUILDER_ASSETS:-$$($(PYTHON) -m cluster assets | tail -n 1)} \
	$(PYTEST) -n 2 --dist loadfile -m integration $(ARGS)

.PHONY: faults
faults:  ## kill the operator at every write, and what else can go wrong (half an hour)
	KUBEBUILDER_ASSETS=$${KUBEBUILDER_ASSETS:-$$($(PYTHON) -m cluster assets | tail -n 1)} \
	$(PYTHON) -m tests.integration.faults $(ARGS)

.PHONY: bench-scale
bench-scale:  ## what 100 and 500 models cost, and how soon a bad one is off (10 minutes; ARGS='--sizes 1000')
	KUBEBUILDER_ASSETS=$${KUBEBUILDER_ASSETS:-$$($(PYTHON) -m cluster assets | tail -n 1)} \
	$(PYTHON) -m benchmarks.scale $(ARGS)

.PHONY: e2e
e2e: cluster  ## whole rollouts on a real node, and counts on the Prometheus that came with it
	@surroundings=$$($(PYTHON) -m cluster shell-env); eval "$$surroundings"; \
	KUBEBUILDER_ASSETS=$$($(PYTHON) -m cluster assets | tail -n 1) $(PYTEST) tests/integration/metrics; \
	SERINUS_E2E=1 $(PYTEST) -m e2e $(ARGS)

##- Working

.PHONY: fix
fix:  ## format, mend what lint can mend, regenerate what is generated
	$(BIN)ruff format $(SOURCES)
	$(BIN)ruff check --fix $(SOURCES)
	$(MAKE) crds manifests

.PHONY: crds
crds:  ## write the CRDs of crds/ and of the chart from the pydantic models
	$(PYTHON) -m serinus.resource.crd

.PHONY: manifests
manifests:  ## write manifests/operator.yaml, the golden files of tests/snapshots and the recordings of docs/replay
	rendered=$$(HELM=$$($(PYTHON) -m cluster path helm) manifests/render.sh) && printf '%s\n' "$$rendered" >manifests/operator.yaml
	$(PYTHON) -m tests.chart.cases
	$(PYTHON) -m tests.snapshots.situations
	$(PYTHON) -m tests.snapshots.recordings
	$(PYTHON) -m serinus.cli replay rollouts docs/replay/rollout.jsonl --scrape-interval 5s --policy docs/replay/stricter.yaml --plot docs/replay/rollout.svg
	$(PYTHON) -m serinus.cli replay aa docs/replay/fraud.yaml --recording docs/replay/day.jsonl --days 1 --worse-by 2% --worse-by 5% --plot docs/replay/aa.svg

.PHONY: presets
presets:  ## hold every preset against Prometheus' own rule tester, and write the table of docs/presets.md
	$(PYTHON) -m tests.presets

.PHONY: servers
servers:  ## start real model servers in environments of their own and hold their presets against them (ARGS='mlserver')
	$(PYTHON) -m tests.servers $(ARGS)

.PHONY: demo
demo: cluster  ## watch a good and a bad model being rolled out on a real node
	$(PYTHON) -m demo

.PHONY: cluster
cluster:  ## bring up the cluster that CLUSTER=auto|kind|local|current names
	$(PYTHON) -m cluster up

.PHONY: cluster-down
cluster-down:  ## take it down again
	$(PYTHON) -m cluster down

.PHONY: bench-verdicts
bench-verdicts:  ## rules of rollback and promotion side by side, the hardest cells (ten minutes; ARGS='--calibrated')
	$(PYTHON) -m benchmarks.verdicts $(ARGS)

.PHONY: bench-drift
bench-drift:  ## false alarms of drift on real tables, how soon a shift is told, and what the SDK costs (minutes)
	$(PYTHON) -m benchmarks.drift $(ARGS)

.PHONY: bench-verdicts-long
bench-verdicts-long:  ## the same, every cell for every rule (hours; goes on where it was ended), with the plots of docs/verdicts.md
	$(PYTHON) -m benchmarks.verdicts --long --plots docs/benchmarks --keep $${XDG_CACHE_HOME:-$$HOME/.cache}/serinus/verdicts $(ARGS)

##- The environment

.PHONY: venv
venv:  ## make the environment if need be and print its folder
	@echo $(patsubst %/bin/python,%,$(PYTHON))

.PHONY: python
python:  ## the same, but print its interpreter
	@echo $(PYTHON)

# Pins that still fit are kept; `make lock UPGRADE=1` moves them all.
.PHONY: lock
lock:  ## compile requirements/*.txt from pyproject.toml, with hashes
	@compile() { UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)uv pip compile --quiet --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url $(if $(UPGRADE),--upgrade) "$$@"; }; \
	for name in uv build; do compile requirements/$$name.in -o requirements/$$name.txt; done; \
	compile pyproject.toml -o requirements/run.txt; \
	compile pyproject.toml --extra cli --group dev -c requirements/run.txt -o requirements/dev.txt

.PHONY: clean
clean:  ## remove what tools left in the checkout; the environment and the cluster stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov dist
	find operator sdk benchmarks cluster demo manifests tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
