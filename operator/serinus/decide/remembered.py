"""What is remembered at the start of a look: the stored memory, brought up to the moment."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import ValidationError

from serinus.decide.carry_out import CLEAN_ENDS
from serinus.decide.case import Case
from serinus.decide.decision import Decision, Happening
from serinus.observe.snapshot import Snapshot
from serinus.resource.spec import Spec
from serinus.resource.status import Draining, Memory, Phase, TerminalDecision

WAITING_PHASES = (Phase.PAUSED, Phase.SUSPENDED, Phase.INVALID)


def recall(spec: Spec, memory: Memory, seen: Snapshot) -> Memory:
    """Return the memory with a decision found on the route and without what has drained."""
    if memory.decision is not None:
        return _clocked(memory, seen)
    stored = _decision_on_the_route(memory, seen)
    if stored is not None and memory.rollout is not None:
        rollout = memory.rollout.model_copy(update={"weight": 0})
        return memory.model_copy(update={"decision": stored, "rollout": rollout})
    memory = memory.model_copy(update={"draining": _still_draining(spec, memory, seen)})
    return _clocked(_on_its_step(spec, memory), seen)


def _still_draining(spec: Spec, memory: Memory, seen: Snapshot) -> tuple[Draining, ...]:
    """What is not drained yet, or may be getting traffic still."""
    delay = timedelta(seconds=spec.rollout.scale_down_delay)
    is_behind = is_router_behind(seen)
    return tuple(gone for gone in memory.draining if is_behind or seen.now - gone.since < delay)


def is_router_behind(seen: Snapshot) -> bool:
    """Return whether traffic may go where it went before the route was written last."""
    route = seen.children.route
    return route is not None and route.is_behind


def learned(memory: Memory, seen: Snapshot) -> Memory:
    """Return the memory with the newest calibration."""
    if seen.calibration is None:
        return memory
    return memory.model_copy(update={"calibration": seen.calibration})


def rollback_was_found_on_the_route(case: Case) -> Decision | None:
    """It is carried out once status has it too: carrying it out takes it off the route.

    Who decided it died before telling of it, since events follow the status.
    """
    terminal = case.memory.decision
    if terminal is None or case.decision_is_stored:
        return None
    is_warning = terminal.fate not in CLEAN_ENDS
    return case.decided(
        Phase.ROLLING_BACK,
        terminal.reason,
        terminal.message,
        happenings=(
            Happening(reason=terminal.reason, message=terminal.message, is_warning=is_warning),
        ),
        look_again_after_seconds=0.0,
    )


def waited(memory: Memory, phase: Phase, now: datetime) -> Memory:
    """Return the memory with the time spent waiting for people added up."""
    rollout = memory.rollout
    if rollout is None or rollout.waiting_since is None or phase in WAITING_PHASES:
        return memory
    seconds = (now - rollout.waiting_since).total_seconds()
    changes = {"waiting_since": None, "waited_seconds": rollout.waited_seconds + seconds}
    return memory.model_copy(update={"rollout": rollout.model_copy(update=changes)})


def _decision_on_the_route(memory: Memory, seen: Snapshot) -> TerminalDecision | None:
    """A rollback is stored with the weights, in one write: it may be there before the status."""
    route, rollout = seen.children.route, memory.rollout
    if route is None or not route.decision or rollout is None:
        return None
    try:
        stored = TerminalDecision.model_validate_json(route.decision)
    except ValidationError:
        return None  # written by hand, or by another version
    is_ours = stored.revision == rollout.revision and stored.at >= rollout.started_at
    return stored if is_ours else None


def _clocked(memory: Memory, seen: Snapshot) -> Memory:
    """Give pods that go missing on a step a deadline of their own.

    The one they were first asked for by may be long over. While all are ready, the clock stands
    at the start of the step, so that looking changes nothing.
    """
    rollout = memory.rollout
    if rollout is None or rollout.step_entered_at is None:
        return memory
    size = seen.children.workload_sizes.get(rollout.revision, 0)
    is_whole = seen.ready_count(rollout.revision) >= max(size, 1)
    is_running = rollout.capacity_asked_at > rollout.step_entered_at
    if is_whole != is_running:
        return memory
    changes = {"capacity_asked_at": rollout.step_entered_at if is_whole else seen.now}
    return memory.model_copy(update={"rollout": rollout.model_copy(update=changes)})


def _on_its_step(spec: Spec, memory: Memory) -> Memory:
    """Steps may be edited on the way: stand on the first that has at least the weight reached.

    Where there are as many as before, the one stood on is still meant, and entered anew if it
    has another weight now.
    """
    rollout, steps = memory.rollout, spec.rollout.steps
    if rollout is None:
        return memory
    step = rollout.step
    if rollout.steps != len(steps):
        reached = (n for n, each in enumerate(steps) if each.weight >= rollout.weight)
        step = next(reached, len(steps) - 1)
    elif rollout.step_entered_at is None or steps[step].weight == rollout.weight:
        return memory
    # What was approved is a weight: the number of its step may be another weight's by now.
    is_approved = rollout.approved_step >= rollout.step and steps[step].weight == rollout.weight
    changes = {
        "steps": len(steps),
        "step": step,
        "step_entered_at": None,
        "approved_step": step if is_approved else -1,
    }
    return memory.model_copy(update={"rollout": rollout.model_copy(update=changes)})
