"""A pod is not ready before its model was warmed up, with no operator having to see to it."""

import json
from typing import Any

from serinus.render.warmup import PROBE_PORT, with_warmup
from serinus.resource.storage import StorageImages
from serinus.resource.warmup import Warmup

IMAGES = StorageImages(warmup="python:1")
POD: dict[str, Any] = {
    "initContainers": [{"name": "first"}],
    "containers": [{"name": "model"}],
}


def made(pod: dict[str, Any], **warmup: Any) -> dict[str, Any]:
    asked = {"requests": [{"path": "/predict", "body": '{"a": "$(B)"}'}], **warmup}
    return with_warmup(pod, Warmup.model_validate(asked), 8080, IMAGES)


def warmer(pod: dict[str, Any]) -> dict[str, Any]:
    (found,) = [each for each in pod["initContainers"] if each["name"] == "model-warmup"]
    return dict(found)


def plan(pod: dict[str, Any]) -> dict[str, Any]:
    """As the program finds it, once the kubelet has made one dollar of two."""
    (variable,) = warmer(pod)["env"]
    return dict(json.loads(variable["value"].replace("$$(", "$(")))


def test_without_a_warm_up_nothing_is_added() -> None:
    assert with_warmup(POD, None, 8080, IMAGES) == POD


def test_a_native_sidecar_comes_last_and_its_readiness_is_the_pods() -> None:
    pod = made(POD)
    assert [each["name"] for each in pod["initContainers"]] == ["first", "model-warmup"]
    ours = warmer(pod)
    assert (ours["restartPolicy"], ours["image"]) == ("Always", "python:1")
    assert ours["readinessProbe"]["tcpSocket"] == {"port": PROBE_PORT}
    assert plan(pod)["probePort"] == PROBE_PORT
    assert "startupProbe" not in ours, "the model would never be started"


def test_requests_arrive_as_they_were_written() -> None:
    assert plan(made(POD))["requests"] == [
        {
            "path": "/predict",
            "body": '{"a": "$(B)"}',
            "contentType": "application/json",
            "times": 1,
        }
    ]
    assert "$$(B)" in warmer(made(POD))["env"][0]["value"]


def test_times_are_seconds_and_the_port_is_the_models() -> None:
    told = plan(made(POD, timeout="1m30s", patience="2m"))
    assert (told["port"], told["timeoutSeconds"], told["patienceSeconds"]) == (8080, 90.0, 120.0)
    assert plan(made(POD, port=9000))["port"] == 9000


def test_what_is_written_for_it_wins_and_is_filled_in() -> None:
    mine = {"name": "model-warmup", "image": "mine:1", "resources": {}}
    variable = {"name": "PYTHONUNBUFFERED", "value": "1"}
    written = [mine | {"env": [variable]}, {"name": "last"}]
    pod = made({**POD, "initContainers": written})
    assert [each["name"] for each in pod["initContainers"]] == ["model-warmup", "last"]
    ours = pod["initContainers"][0]
    assert mine.items() <= ours.items()
    assert ours["restartPolicy"] == "Always"
    assert [each["name"] for each in ours["env"]] == ["PYTHONUNBUFFERED", "WARMUP"]
