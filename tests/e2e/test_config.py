"""ConfigMaps belong to a version: changed content is a rollout, and stable keeps its own."""

import json

import pytest

from serinus.resource.status import Fate
from tests.e2e.conftest import Models
from tests.e2e.model import Model

CONFIG_MAP = "features"
ONE_STEP_THAT_WAITS = {"steps": [{"weight": 0, "pause": {}}]}


@pytest.fixture(scope="module")
def model(models: Models) -> Model:
    model = models("config")
    write(model, "old")
    model.apply("1", rollout=ONE_STEP_THAT_WAITS, config_map=CONFIG_MAP)
    model.serves("1")
    return model


def write(model: Model, content: str) -> None:
    metadata = {"name": CONFIG_MAP}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    model.kubectl("apply", "-f", "-", stdin=json.dumps({**body, "data": {"content": content}}))


def read(model: Model, revision: str) -> str:
    model.kubectl(
        "wait",
        "pods",
        f"--selector=serinus.dev/revision={revision}",
        "--for=condition=Ready",
        "--timeout=60s",
    )
    (pod,) = model.pods(revision)
    return model.kubectl("exec", pod["metadata"]["name"], "--", "cat", "/config/content")


def test_changed_content_is_rolled_out_and_a_restarted_stable_pod_keeps_the_old(
    model: Model,
) -> None:
    assert read(model, model.stable) == "old"
    write(model, "new")
    status = model.is_paused_at("1", 0)
    assert status.rollout is not None
    canary = status.rollout.revision
    assert canary != model.stable
    assert read(model, canary) == "new"
    (pod,) = model.pods(model.stable)
    model.kubectl("delete", "pod", pod["metadata"]["name"])
    assert read(model, model.stable) == "old"
    write(model, "old")
    model.has_ended("1", Fate.REVERTED)
