"""Which revision a command is meant for now, or why there is nothing for it to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from serinus.cli.exits import Ended, ExitCode
from serinus.resource.body import Resource
from serinus.resource.status import Fate, Phase, RevisionRecord, Rollout, Status

FAILURES = (Fate.ROLLED_BACK, Fate.ABORTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A command, bound to the revision that its giver saw."""

    verb: str
    revision: str
    version: str
    detail: str
    """The step it approves, or a time that makes it new."""

    @property
    def text(self) -> str:
        """What the annotation says."""
        return f"{self.revision}/{self.detail}"

    def has_same_target(self, other: Aim) -> bool:
        """Return whether both mean the same thing, whenever they were said."""
        step = self.detail == other.detail or self.verb != "approve"
        return self.revision == other.revision and step


def take_aim(
    verb: str, resource: Resource, status: Status, revision: str | None, now: datetime
) -> Aim:
    """Return what the command is meant for; `revision` is what its giver insists on.

    Raises:
        Ended: there is nothing to act on, or something else than was insisted on.
    """
    if resource.is_deleting:
        raise _refused(f"{resource.name} is being deleted: there is nothing to {verb}")
    return _AIMS[verb](verb, resource, status, revision, f"{now:%Y%m%dT%H%M%SZ}")


def _at_rollout(
    verb: str, resource: Resource, status: Status, revision: str | None, detail: str
) -> Aim:
    rollout = _rollout(verb, resource, status)
    if revision not in (None, rollout.revision):
        raise _refused(
            f"the rollout under way is revision {rollout.revision} (version {rollout.version}), "
            f"not {revision}: look again with `status {resource.name}`"
        )
    return Aim(verb=verb, revision=rollout.revision, version=rollout.version, detail=detail)


def _rollout(verb: str, resource: Resource, status: Status) -> Rollout:
    rollout = status.rollout
    if rollout is None:
        hint = "; `retry` starts it again" if status.phase is Phase.ROLLED_BACK else ""
        raise _refused(f"there is no rollout to {verb}: {resource.name} is {status.phase}{hint}")
    if status.stable is None:
        raise _refused(
            f"version {rollout.version} is the first: it serves as soon as it is ready and there "
            f"is nothing to go back to, so there is nothing to {verb}; change the spec instead"
        )
    if status.decision is not None:
        raise _refused(
            f"it is too late to {verb}: {status.decision.kind} of revision "
            f"{status.decision.revision} was decided already ({status.decision.reason})"
        )
    return rollout


def _at_step(
    verb: str, resource: Resource, status: Status, revision: str | None, _time: str
) -> Aim:
    rollout = _rollout(verb, resource, status)
    aim = _at_rollout(verb, resource, status, revision, str(rollout.step))
    if rollout.approved_step >= rollout.step:
        raise _refused(f"step {_step(rollout)} is approved already")
    if status.phase is not Phase.PAUSED and not _has_pause(resource, rollout.step):
        raise _refused(
            f"step {_step(rollout)} has no pause to approve; "
            "`promote` goes to the end without further evidence"
        )
    return aim


def _step(rollout: Rollout) -> str:
    return f"{rollout.step + 1}/{rollout.steps}"


def _has_pause(resource: Resource, step: int) -> bool:
    policy: dict[str, Any] = resource.raw_spec.get("rollout") or {}
    steps = policy.get("steps") or ()
    return bool(steps) and "pause" in steps[min(step, len(steps) - 1)]


def _at_failure(
    verb: str, resource: Resource, status: Status, revision: str | None, detail: str
) -> Aim:
    if status.observed_generation < resource.generation:
        raise _refused(
            f"the operator has not looked at the newest spec of {resource.name} yet: "
            "try again in a moment"
        )
    if status.rollout is not None:
        raise _refused(
            f"version {status.rollout.version} is on its way: there is nothing to retry before "
            "that rollout has ended"
        )
    failure = _failure(resource, status, revision)
    if failure is None:
        what = f"revision {revision} has no failure" if revision else "no failed revision"
        wanted = (resource.raw_spec.get("model") or {}).get("version", "?")
        raise _refused(
            f"there is nothing to retry: the spec asks for version {wanted} and {what} of it is "
            f"on record; {resource.name} is {status.phase}"
        )
    return Aim(verb=verb, revision=failure.revision, version=failure.version, detail=detail)


def _failure(resource: Resource, status: Status, revision: str | None) -> RevisionRecord | None:
    """Return the newest failure of the version that the spec asks for, or of that revision."""
    wanted = (resource.raw_spec.get("model") or {}).get("version")
    stable = status.stable.revision if status.stable else ""
    records = (past for past in status.history if past.revision != stable)
    meant = (past for past in records if past.revision == revision or not revision)
    return next((p for p in meant if p.version == wanted and p.fate in FAILURES), None)


def _refused(message: str) -> Ended:
    return Ended(ExitCode.FAILED, message)


_AIMS: dict[str, Callable[[str, Resource, Status, str | None, str], Aim]] = {
    "promote": _at_rollout,
    "abort": _at_rollout,
    "approve": _at_step,
    "retry": _at_failure,
}
