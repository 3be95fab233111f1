"""Kills the operator, and sees whether the next one goes on where it stood."""

from __future__ import annotations

from dataclasses import replace

from demo.errors import StoryError
from demo.names import OPERATOR_LABELS, OPERATOR_NAMESPACE
from demo.sights import Json, Sight
from demo.stage import REQUEST_TIMEOUT, Kill, Stage


def operator_is_killed(stage: Stage, sight: Sight) -> None:
    """Without grace: neither the process nor its pod gets to say goodbye."""
    rollout = sight.status.rollout
    operators = _operators(stage)
    if rollout is None or not operators:
        raise StoryError("there is no rollout, or no operator, to kill in the middle of it")
    pod = operators[0]["metadata"]["name"]
    stage.kill = Kill(
        at=stage.watch.wall_clock(),
        pod=pod,
        version=rollout.version,
        weight=rollout.weight,
        rollout_started=str(rollout.started_at),
    )
    stage.kubectl.run(
        "delete",
        "pod",
        pod,
        f"--namespace={OPERATOR_NAMESPACE}",
        "--grace-period=0",
        "--force",
        "--wait=false",
        REQUEST_TIMEOUT,
    )
    stage.kill = _followed(stage, stage.kill)
    stage.kill = _gone_on(stage, stage.kill)


def _followed(stage: Stage, kill: Kill) -> Kill:
    def successors() -> list[str]:
        names = (pod["metadata"]["name"] for pod in _operators(stage) if is_ready(pod))
        return [name for name in names if name != kill.pod]

    sight = stage.watch.until(lambda _: bool(successors()), "another operator takes over", 90)
    return replace(kill, successor=successors()[0], seconds_without=sight.at - kill.at)


def _gone_on(stage: Stage, kill: Kill) -> Kill:
    def went_on(sight: Sight) -> bool:
        rollout = sight.status.rollout
        return rollout is None or rollout.weight != kill.weight or rollout.step_entered_at is None

    what = f"the rollout of version {kill.version} goes on after the operator's death"
    rollout = stage.watch.until(went_on, what, 90).status.rollout
    is_the_same = rollout is not None and str(rollout.started_at) == kill.rollout_started
    return replace(kill, was_resumed=is_the_same)


def _operators(stage: Stage) -> list[Json]:
    return stage.cluster.pods(OPERATOR_NAMESPACE, OPERATOR_LABELS)


def is_ready(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    is_leaving = "deletionTimestamp" in pod["metadata"]
    return not is_leaving and any(
        each["type"] == "Ready" and each["status"] == "True" for each in conditions
    )
