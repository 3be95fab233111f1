"""What the pages about installing say to type can be typed."""

import re
import shlex
from collections.abc import Iterator

import pytest
import yaml

from serinus.adapters.kubernetes_kinds import OWNED
from serinus.resource.names import FIELD_MANAGER, MANAGED_BY_LABEL, MODEL_LABEL
from tests.chart.rendering import ROOT, documents, render_text, the

PAGES = [ROOT / "docs" / f"{page}.md" for page in ("install", "prometheus", "uninstall")]
TEXT = "\n".join(page.read_text() for page in PAGES)


def commands(program: str) -> Iterator[list[str]]:
    """Every command of a program in the pages' shell blocks, in words."""
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith(f"{program} "):
                yield shlex.split(line)


INSTALLATIONS = [each for each in commands("helm") if each[1] in {"install", "upgrade"}]


@pytest.mark.parametrize("words", INSTALLATIONS, ids=" ".join)
def test_helm_takes_the_values_that_are_named(words: list[str]) -> None:
    release, chart, *flags = words[2:]
    assert (release, chart) == ("serinus", "charts/serinus")
    assert flags[:2] == ["--namespace", "serinus-system"]
    settings = [flag for flag in flags[2:] if "=" in flag or flag.startswith("--set")]
    assert the(list(documents(render_text(flags=tuple(settings)))), "Deployment")


def test_the_pages_name_files_that_exist() -> None:
    named = set(re.findall(r"\b(?:charts|manifests)/[\w./-]*\w", TEXT))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_overlay_changes_what_the_base_has() -> None:
    """Or kustomize would add a second container beside the operator."""
    (overlay,) = [
        found
        for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
        if (found := yaml.safe_load(block)).get("kind") == "Kustomization"
    ]
    (patch,) = documents(overlay["patches"][0]["patch"])
    base = list(documents((ROOT / "manifests" / "operator.yaml").read_text()))
    deployment = the(base, "Deployment")
    for key in ("name", "namespace"):
        assert patch["metadata"][key] == deployment["metadata"][key]
    (patched,) = patch["spec"]["template"]["spec"]["containers"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    assert patched["name"] == container["name"]
    assert {each["name"] for each in patched["env"]} <= {each["name"] for each in container["env"]}
    assert container["image"].partition(":")[0] == overlay["images"][0]["name"]


def test_the_monitor_finds_the_ports_that_the_tested_job_does() -> None:
    """Who is watched by the Prometheus operator has the job's rules, in that one's words."""
    (monitor,) = [
        found
        for block in re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
        if (found := yaml.safe_load(block)).get("kind") == "PodMonitor"
    ]
    manifest = (ROOT / "cluster" / "manifests" / "prometheus.yaml").read_text()
    (config,) = [each for each in manifest.split("---\n") if "prometheus.yml: |" in each]
    jobs = yaml.safe_load(yaml.safe_load(config)["data"]["prometheus.yml"])["scrape_configs"]
    (job,) = [each for each in jobs if each["job_name"] == "serinus-models"]
    of_ports = [each for each in job["relabel_configs"] if "_serinus_dev_metrics_p" in str(each)]
    (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
    assert endpoint["relabelings"] == [
        {re.sub("_(.)", lambda found: found[1].upper(), name): of for name, of in each.items()}
        for each in of_ports
        if each.get("action") != "keep"  # the monitor's selector
    ]
    (selected,) = monitor["spec"]["selector"]["matchExpressions"]
    assert selected == {"key": MODEL_LABEL, "operator": "Exists"}


def test_what_is_left_is_looked_for_in_every_kind_the_operator_makes() -> None:
    (words,) = [each for each in commands("kubectl") if each[1] == "get" and "-l" in each]
    assert words[-1] == f"{MANAGED_BY_LABEL}={FIELD_MANAGER}"
    assert set(words[2].split(",")) == {kind.plural for kind in OWNED}
