"""What the spec asks for against what serves: start, supersede, revert, or nothing."""

from __future__ import annotations

from serinus.decide.carry_out import take_rollback
from serinus.decide.case import STEADY_LOOK_SECONDS, Case
from serinus.decide.decision import Decision, Happening
from serinus.resource.comparison import told_apart
from serinus.resource.revision import Shows
from serinus.resource.status import (
    Fate,
    Memory,
    Phase,
    RevisionRecord,
    Rollout,
)
from serinus.traffic.split import ALL_STABLE

REMEMBERED_FAILURES = (Fate.ROLLED_BACK, Fate.ABORTED)


def spec_returned_to_stable(case: Case) -> Decision | None:
    """The user took the change back: a clean rollback, at once."""
    if case.memory.rollout is None or case.wanted != case.stable:
        return None
    version = case.rollout.version
    message = f"the spec went back to stable while version {version} was on its way"
    return take_rollback(case, Fate.REVERTED, "Reverted", message)


def a_failed_revision_supersedes_nothing(case: Case) -> Decision | None:
    """The canary is not asked for any more, and what is asked for was given up: stable serves."""
    failure = failure_of(case.memory, case.wanted)
    if case.memory.rollout is None or case.wanted == case.rollout.revision:
        return None
    if failure is None or case.command("retry"):
        return None
    failed, version = f"{failure.version} ({failure.revision})", case.rollout.version
    message = f"the spec went back to version {failed}, which failed, "
    message += f"while version {version} was on its way"
    return take_rollback(case, Fate.SUPERSEDED, "Superseded", message)


def a_newer_revision_supersedes_the_canary(case: Case) -> Decision | None:
    """A third revision takes the canary's place; stable is untouched."""
    if case.memory.rollout is None or case.wanted == case.rollout.revision:
        return None
    old, version = case.rollout, case.wanted_version
    message = f"version {version} takes the place of version {old.version} ({old.revision})"
    memory = case.remembering(
        rollout=new_rollout(case),
        handled=case.handled(case.command("retry")),
        history=case.recorded(Fate.SUPERSEDED, "Superseded", message),
        draining=tuple(g for g in case.draining(old.revision) if g.revision != case.wanted),
    )
    return case.decided(
        Phase.PROGRESSING,
        "Superseded",
        message,
        memory=memory,
        canary_size=_first_size(case),
        split=ALL_STABLE,
        happenings=(Happening(reason="Superseded", message=message), *_of_another_server(case)),
        look_again_after_seconds=0.0,
    )


def nothing_to_roll_out(case: Case) -> Decision | None:
    """The wanted revision is stable."""
    if case.memory.rollout is not None or case.wanted != case.stable:
        return None
    ready, needed = case.seen.ready_count(case.stable), case.spec.replicas
    version = case.memory.stable.version if case.memory.stable else ""
    trouble = case.trouble_of(case.stable)
    is_whole, unresolved = ready >= needed, case.seen.objectives_trouble
    missing = bool(case.seen.wanted_trouble or unresolved)
    reason = "Stable" if is_whole else "StablePodsNotReady"
    message = f"version {version} is stable, {ready} of {needed} pods are ready"
    return case.decided(
        Phase.HEALTHY if ready or not needed else Phase.DEGRADED,
        unresolved.reason if unresolved else reason,
        message + (f": {trouble}" if trouble else "") + _missing(case),
        # Nobody wakes us when a right is granted.
        look_again_after_seconds=None if case.seen.wanted_trouble else STEADY_LOOK_SECONDS,
        is_settled=is_whole and not case.memory.draining and not missing,
        is_stalled=missing,
    )


def revision_has_failed_before(case: Case) -> Decision | None:
    """A failed revision is never tried again by itself, only for a person."""
    failure = failure_of(case.memory, case.wanted)
    if case.memory.rollout is not None or failure is None or case.command("retry"):
        return None
    serving = _serving(case)
    return case.decided(
        Phase.ROLLED_BACK,
        failure.reason,
        f"version {failure.version} ({failure.revision}) failed: {failure.message}; "
        f"{serving}; change the spec, or retry",
        look_again_after_seconds=STEADY_LOOK_SECONDS,
        is_stalled=True,
    )


def _serving(case: Case) -> str:
    version = case.memory.stable.version if case.memory.stable else ""
    if case.seen.ready_count(case.stable):
        return f"version {version} serves"
    return f"version {version} is stable, and none of its pods is ready"


def what_crashed_makes_room_for_a_retry(case: Case) -> Decision | None:
    """A retry starts with pods of its own: those that keep crashing would end it at once."""
    crashing = [pod for pod in case.seen.pods_of(case.wanted) if pod.is_crash_looping]
    if case.memory.rollout is not None or case.command("retry") is None or not crashing:
        return None
    gone = tuple(each for each in case.memory.draining if each.revision != case.wanted)
    return case.decided(
        Phase.PROGRESSING,
        "RolloutRetried",
        f"version {case.wanted_version} is tried again once its pods that crashed are gone",
        memory=case.remembering(draining=gone),
    )


def a_new_revision_is_wanted(case: Case) -> Decision | None:
    """Start a rollout; its first pods get no traffic before they are ready."""
    if case.memory.rollout is not None:
        return None
    retry, version = case.command("retry"), case.wanted_version
    message = f"version {version} ({case.wanted}) starts as canary of version "
    message += f"{case.memory.stable.version if case.memory.stable else ''}"
    memory = case.remembering(
        rollout=new_rollout(case),
        handled=case.handled(retry),
        draining=tuple(g for g in case.memory.draining if g.revision != case.wanted),
    )
    return case.decided(
        Phase.PROGRESSING,
        "RolloutRetried" if retry else "RolloutStarted",
        message,
        memory=memory,
        canary_size=_first_size(case),
        happenings=(
            Happening(reason="RolloutRetried" if retry else "RolloutStarted", message=message),
            *_of_another_server(case),
        ),
    )


def what_is_asked_for_is_not_known(case: Case) -> Decision | None:
    """The spec can't be followed since an edit: what is on its way was asked for before.

    It is judged on and may still be rolled back, but goes no further; nor does its clock.
    """
    seen, rollout = case.seen, case.rollout
    if seen.wanted is not None:
        return None
    return case.decided(
        Phase.INVALID if seen.is_invalid else Phase.PAUSED,
        "InvalidSpec" if seen.is_invalid else "ReferenceMissing",
        f"holding version {rollout.version} at {rollout.weight} %: {seen.wanted_trouble}",
        memory=case.in_rollout(waiting_since=rollout.waiting_since or case.now),
        is_stalled=True,
    )


def failure_of(memory: Memory, revision: str) -> RevisionRecord | None:
    """Return the record of a revision's failure, None if it did not fail."""
    records = (past for past in memory.history if past.revision == revision)
    latest = next(records, None)
    return latest if latest is not None and latest.fate in REMEMBERED_FAILURES else None


def new_rollout(case: Case) -> Rollout:
    """Return the rollout of the wanted revision, which begins now."""
    return Rollout(
        revision=case.wanted,
        version=case.wanted_version,
        started_at=case.now,
        capacity_asked_at=case.now,
        steps=len(case.spec.rollout.steps),
    )


def _of_another_server(case: Case) -> tuple[Happening, ...]:
    """What of a rollout from one model server to another can be compared, told as it starts."""
    stable, model = case.seen.children.revisions.get(case.stable), case.spec.model
    if stable is None or stable.shows is None:
        return ()
    canary = Shows(server=model.server, served_name=model.name)
    source = case.spec.metrics.source
    message, holds = told_apart(case.spec.objectives, canary, stable.shows, source)
    if not message:
        return ()
    return (Happening(reason="ModelServerChanges", message=message, is_warning=holds),)


def _first_size(case: Case) -> int:
    return case.capacity(100 if case.spec.skip_analysis else case.spec.rollout.steps[0].weight)


def _missing(case: Case) -> str:
    unresolved = case.seen.objectives_trouble
    troubles = (case.seen.wanted_trouble, unresolved.message if unresolved else "")
    return "".join(f"; {trouble}" for trouble in troubles if trouble)
