"""Several models in one server: each counts by itself, and a scrape shows each metric once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from serinus_sdk import Monitor
from serinus_sdk.asgi import MonitoringMiddleware, Receive, Scope, Send
from tests.unit.sdk.shown import ROWS, Shown, baseline, shown


def two(**of_fraud: Any) -> tuple[Monitor, Monitor]:
    registry = CollectorRegistry()
    fraud = Monitor(baseline(), model="fraud", registry=registry, **of_fraud)
    return fraud, Monitor(version="3", model="churn", registry=registry)


def test_each_model_of_a_server_is_told_apart_by_its_label() -> None:
    fraud, churn = two(segments={"country": ["DE"]}, duration_edges_seconds=(0.3, 1))
    for _ in range(2):
        fraud.record(ROWS[0], 0.5, id=1)
    churn.record([None], None, id=1)
    fraud.record_request(200, 0.2)
    churn.record_request(503, 7)
    assert churn.record_outcome(1, "no")
    assert fraud.record_outcome(1, 0.5)
    told = shown(churn)
    assert told == shown(fraud)
    assert told.value("model_predictions_total", model="fraud") == 2
    assert told.value("model_null_outputs_total", model="churn") == 1
    assert told.value("model_missing_inputs_total", model="fraud") == 0
    assert told.value("model_requests_total", model="churn", code="503") == 1
    assert told.value("model_requests_total", model="fraud", code="503") is None
    buckets = "model_request_duration_seconds_bucket"
    assert told.value(buckets, model="fraud", le="0.3") == 1
    assert told.value(buckets, model="churn", le="10.0") == 1
    assert told.sum("model_feature_values_total", model="fraud", feature="age") == 2
    right = {"model_version": "7", "correct": "true", "country": "(other)"}
    assert told.value("model_outcomes_total", model="fraud", **right) == 1
    wrong = {"model_version": "3", "correct": "false"}
    assert told.value("model_outcomes_total", model="churn", **wrong) == 1
    nameless = [name for name, labels in told if "model" not in dict(labels)]
    assert nameless == []


def test_a_scrape_has_each_metric_once() -> None:
    lines = two()[0].exposition().decode().splitlines()
    kinds = [line for line in lines if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds)) > 10


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("", "", "give each of them its name, Monitor"),
        ("", "churn", "give each of them its name, Monitor"),
        ("fraud", "", "give each of them its name, Monitor"),
        ("fraud", "fraud", "a Monitor of model 'fraud' in this process already"),
    ],
)
def test_models_that_nobody_could_tell_apart_are_refused_with_what_to_do(
    first: str, second: str, told: str
) -> None:
    registry = CollectorRegistry()
    seen = Monitor(model=first, registry=registry)
    with pytest.raises(ValueError, match=told):
        Monitor(model=second, registry=registry)
    seen.record([1.0], 0.5)
    assert shown(seen).sum("model_predictions_total") == 1


def test_a_segment_does_not_take_the_label_of_the_model() -> None:
    with pytest.raises(ValueError, match="segment can't be called model"):
        Monitor(model="fraud", segments={"model": ["a"]}, registry=CollectorRegistry())


async def test_a_request_to_one_model_that_asks_another_is_one_of_each() -> None:
    """A middleware counts for its own model alone."""
    fraud, churn = two()

    @churn.watch()
    def inner(row: dict[str, Any]) -> float:
        return 0.1

    @fraud.watch()
    def predict(row: dict[str, Any]) -> float:
        return 0.5 + inner(row)

    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        predict(ROWS[0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None: ...

    app = MonitoringMiddleware(model, fraud, {"/fraud"})
    both = MonitoringMiddleware(app, churn, {"/churn"})
    await both({"type": "http", "path": "/fraud"}, receive, send)
    told = shown(fraud)
    assert told.value("model_requests_total", model="fraud", code="200") == 1
    assert told.value("model_requests_total", model="churn", code="200") == 1


WORKERS = """
import os
from prometheus_client import CollectorRegistry
from serinus_sdk import Monitor
from tests.unit.sdk.shown import ROWS, baseline

registry = CollectorRegistry()
fraud = Monitor(baseline(), model="fraud", registry=registry)
churn = Monitor(version="3", model="churn", registry=registry)
child = os.fork()
if not child:
    for number, row in enumerate(ROWS):
        fraud.record(row, "yes", id=number)
        churn.record(row, "no", id=number)
    churn.record_request(200, 0.1)
    churn.flush(), fraud.flush()
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
for number in range(10):
    assert fraud.record_outcome(number, "yes")
    assert churn.record_outcome(number, "no")
churn.record(ROWS[0], "no")
print(fraud.exposition().decode())
"""


def test_workers_share_what_each_model_counts_and_predictions_of_the_same_ids(
    tmp_path: Path,
) -> None:
    path = os.pathsep.join(sys.path)
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", WORKERS], env=environment, capture_output=True, check=True
    )
    told = Shown.of(run.stdout)
    assert told.value("model_predictions_total", model="fraud") == len(ROWS)
    assert told.value("model_predictions_total", model="churn") == len(ROWS) + 1
    assert told.value("model_request_duration_seconds_count", model="churn") == 1
    for model, version in (("fraud", "7"), ("churn", "3")):
        right = {"model": model, "model_version": version, "correct": "true"}
        assert told.value("model_outcomes_total", **right) == 10
        assert told.value("model_outcomes_total", **{**right, "correct": "false"}) == 0
