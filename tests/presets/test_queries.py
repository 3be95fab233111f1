"""However many models there are: what is asked depends on their presets alone."""

from datetime import timedelta

import pytest

from serinus.evidence.ledger import Ledger
from serinus.observe.fetch import Fetch
from serinus.observe.watch import Watch, due_fetches, open_objectives
from serinus.resource.objective import Objective, WorseThanStable
from serinus.resource.objective import Preset as ObjectivePreset
from serinus.signals.series import ScrapeLabels
from tests.presets.counted import START

OBJECTIVES = (
    Objective(preset=ObjectivePreset.ERROR_RATE, limit="5%"),
    Objective(preset=ObjectivePreset.LATENCY, worse_than_stable=WorseThanStable(by="20%")),
)
MLSERVER_FAILED, MLSERVER_DONE = (
    f"model_infer_request_{outcome}_total" for outcome in ("failure", "success")
)
ASKED_AS = (("mlserver", None), ("vllm", None), ("litserve", "istio"))


def watch(number: int, server: str, source: str | None) -> Watch:
    return Watch(
        namespace=f"team-{number % 7}",
        model=f"model-{number}",
        stable="aaa",
        canary="bbb",
        rollout="r1",
        objectives=OBJECTIVES,
        ledger=Ledger(),
        evidence_since=START,
        now=START + timedelta(minutes=2),
        interval_seconds=15.0,
        server=server,
        source=source,
        served_name=f"served-{number}",
        labels=ScrapeLabels(namespace="kubernetes_namespace", pod="kubernetes_pod"),
    )


def fetches(models: int) -> set[Fetch]:
    watches = (watch(n, *ASKED_AS[n % len(ASKED_AS)]) for n in range(models))
    return {fetch for each in watches for fetch in due_fetches(open_objectives(each))}


def histogram(name: str, label: str) -> str:
    """Classic buckets or native ones."""
    return f'{{__name__=~"{name}|{name}_bucket",{label}!=""}}'


@pytest.mark.parametrize("models", [3, 100, 1000])
def test_a_thousand_models_of_three_presets_ask_as_much_as_three(models: int) -> None:
    """Errors and durations of each preset, and once for all when they were scraped."""
    assert sorted(fetch.query for fetch in fetches(models)) == sorted(
        [
            'up{kubernetes_pod!=""}',
            f'{{__name__=~"{MLSERVER_FAILED}|{MLSERVER_DONE}",kubernetes_pod!=""}}',
            histogram("rest_server_request_duration_seconds", "kubernetes_pod"),
            'http_requests_total{kubernetes_pod!=""}',
            histogram("vllm:e2e_request_latency_seconds", "kubernetes_pod"),
            'istio_requests_total{destination_workload!=""}',
            histogram("istio_request_duration_milliseconds", "destination_workload"),
        ]
    )
