"""What the orchestrator gives to kubectl."""

from typing import Any

import pytest
import yaml

from demo.load.settings import LoadSettings
from demo.manifests.templates import fill

VALUES = {
    "namespace": "demo",
    "image": "serinus-demo:test",
    "target_url": "http://gateway/predict",
    "host_header": "cancer.example",
    "rate_per_second": 40,
    "duration_seconds": 300,
    "new_connection_per_request": False,
}


@pytest.fixture
def load() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(fill("load", **VALUES)))


def test_the_load_generators_environment_is_one_it_understands(load: list[dict[str, Any]]) -> None:
    container = load[0]["spec"]["containers"][0]
    settings = LoadSettings.read({each["name"]: each["value"] for each in container["env"]})
    assert settings.rate_per_second == 40
    assert settings.host_header == "cancer.example"
    assert settings.new_connection_per_request is False


def test_the_service_selects_the_pod(load: list[dict[str, Any]]) -> None:
    pod, service = load
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert pod["metadata"]["namespace"] == service["metadata"]["namespace"] == "demo"


def test_the_namespace_is_the_one_asked_for() -> None:
    assert yaml.safe_load(fill("namespace", namespace="demo"))["metadata"]["name"] == "demo"


def test_a_placeholder_left_open_is_an_error() -> None:
    with pytest.raises(KeyError, match="image"):
        fill("load", **{name: value for name, value in VALUES.items() if name != "image"})
