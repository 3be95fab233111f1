"""A pod in a few words: ready or not, looping or not, and why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.adapters.kubernetes_pods import read_pod, read_reading
from serinus.observe.snapshot import PodSeen, ReadingSeen

READY = {"type": "Ready", "status": "True"}
UNREADY = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "no"}


def pod(*containers: dict[str, Any], **status: Any) -> PodSeen:
    raw = {
        "metadata": {"name": "pod", **status.pop("metadata", {})},
        "status": {"conditions": [UNREADY], "containerStatuses": list(containers), **status},
    }
    return read_pod(raw, revision="r1")


def container(restarts: int = 0, *, ready: bool = False, **state: Any) -> dict[str, Any]:
    return {"name": "model", "ready": ready, "restartCount": restarts, "state": state}


def ended(code: int) -> dict[str, Any]:
    return {"reason": "Completed" if code == 0 else "Error", "exitCode": code}


def test_a_ready_pod_is_ready_whatever_else_is_said() -> None:
    assert pod(conditions=[READY]).is_ready
    assert pod(conditions=[READY]).trouble == ""


def test_a_terminating_pod_is_not_ready_though_its_condition_says_so() -> None:
    seen = pod(conditions=[READY], metadata={"deletionTimestamp": "2026-01-01T00:00:00Z"})
    assert not seen.is_ready


@pytest.mark.parametrize(
    ("told", "is_going"),
    [
        ({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}, True),
        ({"phase": "Failed", "reason": "Evicted"}, True),
        ({"phase": "Succeeded"}, True),
        ({"phase": "Running"}, False),
        ({"phase": "Pending"}, False),
    ],
)
def test_a_pod_is_going_once_its_deployment_counts_it_no_more(
    told: dict[str, Any], is_going: bool
) -> None:
    assert pod(**told).is_going is is_going


def test_a_pod_with_a_readiness_gate_is_ready_once_the_gate_is_open() -> None:
    gate = {"type": "example.com/warmed-up", "status": "False"}
    closed = {
        "type": "Ready",
        "status": "False",
        "reason": "ReadinessGatesNotReady",
        "message": 'condition of pod readiness gate "example.com/warmed-up" is False',
    }
    running = container(ready=True, running={})

    waiting = pod(
        running, conditions=[{"type": "ContainersReady", "status": "True"}, gate, closed]
    )
    assert not waiting.is_ready
    assert "example.com/warmed-up" in waiting.trouble
    assert pod(running, conditions=[{**gate, "status": "True"}, READY]).is_ready


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        (container(1, waiting={"reason": "CrashLoopBackOff"}), True),
        (container(2, terminated=ended(1)), True),
        (container(2, terminated=ended(0)), True),
        (container(1, terminated=ended(1)), False),
        (container(0, waiting={"reason": "ImagePullBackOff"}), False),
        (container(5, running={}), False),
        (container(3, terminated=ended(0), ready=True), False),
    ],
    ids=[
        "backing off",
        "ended a third time",
        "a server that ends well ends too often as well",
        "ended a second time",
        "no image",
        "running again",
        "an init container that made it in the end",
    ],
)
@pytest.mark.parametrize("kind", ["containerStatuses", "initContainerStatuses"])
def test_a_loop_is_told_from_a_slow_start(
    container: dict[str, Any], expected: bool, kind: str
) -> None:
    assert pod(**{kind: [container]}).is_crash_looping is expected


def test_a_ready_pod_loops_no_more() -> None:
    looping = container(9, waiting={"reason": "CrashLoopBackOff"})
    assert not pod(looping, conditions=[READY]).is_crash_looping


@pytest.mark.parametrize(
    "going",
    [
        {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {"phase": "Failed", "reason": "Evicted"},
    ],
    ids=["drained from its node", "evicted"],
)
def test_a_pod_that_goes_does_not_loop_however_often_it_was_restarted(
    going: dict[str, Any],
) -> None:
    last = container(2, terminated=ended(0))
    assert pod(last).is_crash_looping
    assert not pod(last, **going).is_crash_looping


@pytest.mark.parametrize(
    ("seen", "trouble"),
    [
        (
            pod(container(0, waiting={"reason": "ErrImagePull", "message": "not found"})),
            "model: ErrImagePull: not found",
        ),
        (pod(container(0, terminated=ended(137))), "model: Error (exit code 137)"),
        (
            pod(container(0, waiting={"reason": "ContainerCreating"})),
            "ContainersNotReady: no",
        ),
        (pod(phase="Failed", reason="Evicted", message="disk"), "Evicted: disk"),
        (pod(phase="Pending", conditions=[]), "Pending"),
    ],
)
def test_trouble_is_told_in_the_kubelets_words(seen: PodSeen, trouble: str) -> None:
    assert seen.trouble == trouble


def test_endless_words_are_cut() -> None:
    assert len(pod(container(0, waiting={"reason": "E", "message": "x" * 9000})).trouble) == 512


def test_the_beginnings_of_all_other_processes_that_the_kubelet_remembers_are_kept() -> None:
    def at(second: int) -> str:
        return f"2030-01-01T12:00:{second:02}Z"

    before = {"terminated": {"startedAt": at(1), "finishedAt": at(20), "reason": "OOMKilled"}}
    model = container(1, running={"startedAt": at(21)}) | {"lastState": before}
    seen = pod(model, container(running={"startedAt": at(30)}))
    assert [each.second for each in seen.began_before] == [1, 21]
    looping = container(1, waiting={"reason": "CrashLoopBackOff"}) | {"lastState": before}
    assert [each.second for each in pod(looping).began_before] == [1]


def test_the_youngest_process_of_a_pod_tells_since_when_it_runs() -> None:
    """Counters of an older one would have begun before."""
    started = [f"2030-01-01T12:00:0{second}Z" for second in (3, 7)]
    containers = [container(ready=True, running={"startedAt": each}) for each in started]
    assert pod(*containers).running_since == datetime(2030, 1, 1, 12, 0, 7, tzinfo=UTC)
    assert pod(container(waiting={"reason": "CrashLoopBackOff"})).running_since is None


CONTENT = f"sha256:{'a' * 64}"


def content(message: str, code: int = 0, name: str = "model-content") -> dict[str, Any]:
    return {"name": name, "state": {"terminated": {"exitCode": code, "message": message}}}


@pytest.mark.parametrize(
    ("container", "told"),
    [
        (content(CONTENT), CONTENT),
        (content(f"{CONTENT}\n"), CONTENT),
        (content("a proxy's words"), ""),
        (content(CONTENT, code=1), ""),
        (content(CONTENT, name="somebody"), ""),
        ({"name": "model-content", "state": {"running": {}}}, ""),
    ],
)
def test_what_a_pod_holds_is_the_last_word_of_who_has_read_it(
    container: dict[str, Any], told: str
) -> None:
    assert pod(initContainerStatuses=[container]).content == told


def test_content_that_is_not_what_was_pinned_is_the_pods_trouble() -> None:
    words = "/mnt/models holds sha256:b, not sha256:a (model.digest)"
    assert pod(initContainerStatuses=[content(words, code=1)]).trouble.endswith(words)


OTHER = f"sha256:{'b' * 64}"


def reading(container: dict[str, Any]) -> ReadingSeen | None:
    raw = {"metadata": {"name": "pod"}, "status": {"containerStatuses": [container]}}
    return read_reading(raw, revision="r1")


def test_what_lies_on_a_claim_is_told_though_it_is_not_what_was_pinned() -> None:
    words = f"/mnt/models holds {OTHER}, not {CONTENT} (model.digest)"
    found = reading(content(words, code=1))
    assert found == ReadingSeen(name="pod", revision="r1", content=OTHER)
    assert reading(content(CONTENT)) == ReadingSeen(name="pod", revision="r1", content=CONTENT)


@pytest.mark.parametrize(
    "container",
    [
        content("a proxy's words"),
        content("not every file in /mnt/models can be read"),
        content(CONTENT, name="istio-proxy"),
        content(f"{CONTENT} and more"),
        {"name": "model-content", "state": {"running": {}}},
    ],
)
def test_who_has_not_read_a_claim_says_nothing_of_it(container: dict[str, Any]) -> None:
    assert reading(container) is None
