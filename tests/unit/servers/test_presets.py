"""Presets: each can be read and says where it comes from, and a way out where it shows nothing."""

import pytest

from serinus.resource.objective import Preset as ObjectivePreset
from serinus.resource.objectives import read_objectives
from serinus.servers.ingredients import INGREDIENT_OF, Latency
from serinus.servers.preset import (
    STANDARD,
    Preset,
    ingredients_of,
    preset_of,
    server_names,
    source_names,
    source_of,
)

EVERY: dict[str, Preset] = {
    **{name: preset_of(name) for name in server_names()},
    **{name: source_of(name) for name in source_names()},
}


def test_the_servers_and_sources_there_are() -> None:
    assert set(server_names()) == {
        "bentoml",
        "fastapi",
        "kserve",
        "litserve",
        "mlflow",
        "mlserver",
        "onnxruntime",
        "openvino",
        "ray-serve",
        "seldon-v1",
        "seldon-v2",
        "sglang",
        "standard",
        "tensorflow-serving",
        "tgi",
        "torchserve",
        "triton",
        "vllm",
    }
    assert set(source_names()) == {
        "envoy-gateway",
        "istio",
        "kgateway",
        "knative",
        "knative-legacy",
        "linkerd",
        "standard",
    }


@pytest.mark.parametrize("name", sorted(set(EVERY) - {STANDARD}))
def test_every_preset_says_what_was_looked_at_and_where(name: str) -> None:
    preset = EVERY[name]
    assert preset.sources
    assert preset.traps
    assert preset.version


def test_every_preset_of_an_objective_has_an_ingredient() -> None:
    of_the_sdk = {"drift", "quality"}
    assert set(INGREDIENT_OF) == {str(preset) for preset in ObjectivePreset} - of_the_sdk


@pytest.mark.parametrize("name", server_names())
def test_a_server_without_errors_of_its_own_names_what_to_do(name: str) -> None:
    preset = preset_of(name)
    assert bool(preset.instead) == ("error-rate" not in preset.metrics.presets)


@pytest.mark.parametrize("source", source_names())
def test_a_source_shows_what_no_server_needs_to_show(source: str) -> None:
    assert {"error-rate", "latency"} <= ingredients_of("mlflow", source).presets


def test_a_source_is_asked_first_and_the_server_for_the_rest() -> None:
    mixed = ingredients_of("vllm", "istio")
    assert mixed.errors is not None
    assert mixed.errors.workload is not None
    first = mixed.of("time-to-first-token")
    assert isinstance(first, Latency)
    assert (first.histogram, first.workload) == ("vllm:time_to_first_token_seconds", None)


def test_a_model_says_of_itself_on_any_server_that_runs_its_code() -> None:
    assert "null-outputs" in ingredients_of("mlserver").presets
    assert "null-outputs" not in ingredients_of("tensorflow-serving").presets


@pytest.mark.parametrize("name", server_names())
def test_the_default_objectives_of_a_server_roll_nothing_back_that_it_cannot_show(
    name: str,
) -> None:
    preset = preset_of(name)
    for objective in read_objectives(list(preset.objectives)):
        assert objective.preset in preset.metrics.presets
        # Only errors may end a rollout that nobody has said anything about.
        assert objective.advisory or objective.preset is ObjectivePreset.ERROR_RATE


@pytest.mark.parametrize("name", server_names())
def test_metrics_and_probes_are_on_ports_the_server_has(name: str) -> None:
    pod = preset_of(name).pod
    numbers = [port.port for port in pod.ports]
    assert len(set(numbers)) == len(numbers)
    assert pod.metrics.port is None or pod.metrics.port in numbers
