"""The decision: rules in order of precedence, the first that has something to say decides.

"Why was it rolled back?" is answered by the name of a rule; docs/architecture.md has the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from serinus.decide.carry_out import (
    promotion_is_being_carried_out,
    rollback_is_being_carried_out,
)
from serinus.decide.case import Case
from serinus.decide.complete import promotion_is_complete, rollback_is_complete
from serinus.decide.content import content_noted
from serinus.decide.decision import Decision
from serinus.decide.first import first_revision_is_not_serving_yet, nothing_is_known_to_run
from serinus.decide.gaps import noted
from serinus.decide.people import (
    a_person_aborted,
    everything_is_suspended,
    inconclusive_evidence_waits_for_a_person,
    promotion_was_asked_for,
    refuse_stale_commands,
    step_waits_for_a_person,
)
from serinus.decide.progress import (
    an_objective_failed,
    canary_lacks_capacity,
    every_step_passed,
    evidence_is_missing,
    evidence_stayed_thin_for_too_long,
    next_step_is_due,
    not_all_objectives_are_known,
    step_is_due_to_be_entered,
    step_is_too_young,
    step_pauses,
)
from serinus.decide.remembered import (
    is_router_behind,
    learned,
    recall,
    rollback_was_found_on_the_route,
    waited,
)
from serinus.decide.safety import (
    canary_cannot_start,
    canary_is_crash_looping,
    canary_lost_its_last_ready_pod,
    promotion_lacks_capacity,
)
from serinus.decide.target import (
    a_failed_revision_supersedes_nothing,
    a_new_revision_is_wanted,
    a_newer_revision_supersedes_the_canary,
    nothing_to_roll_out,
    revision_has_failed_before,
    spec_returned_to_stable,
    what_crashed_makes_room_for_a_retry,
    what_is_asked_for_is_not_known,
)
from serinus.decide.verdicts import judge_all
from serinus.observe.snapshot import Snapshot
from serinus.resource.spec import Spec
from serinus.resource.status import Memory

Rule = Callable[[Case], Decision | None]

RULES: tuple[Rule, ...] = (
    # What was decided for good is finished first.
    rollback_was_found_on_the_route,
    rollback_is_being_carried_out,
    rollback_is_complete,
    promotion_lacks_capacity,
    promotion_is_being_carried_out,
    promotion_is_complete,
    # Nothing unready gets traffic, whatever people or metrics say.
    canary_is_crash_looping,
    canary_lost_its_last_ready_pod,
    # People's words beat metrics.
    everything_is_suspended,
    nothing_is_known_to_run,
    first_revision_is_not_serving_yet,
    spec_returned_to_stable,
    a_failed_revision_supersedes_nothing,
    a_newer_revision_supersedes_the_canary,
    nothing_to_roll_out,
    revision_has_failed_before,
    what_crashed_makes_room_for_a_retry,
    a_new_revision_is_wanted,
    a_person_aborted,
    # From here on a rollout is under way.
    an_objective_failed,
    canary_cannot_start,
    promotion_was_asked_for,
    what_is_asked_for_is_not_known,
    not_all_objectives_are_known,
    canary_lacks_capacity,
    step_is_due_to_be_entered,
    step_waits_for_a_person,
    inconclusive_evidence_waits_for_a_person,
    step_pauses,
    step_is_too_young,
    evidence_stayed_thin_for_too_long,
    evidence_is_missing,
    next_step_is_due,
    every_step_passed,
)


def decide(spec: Spec, memory: Memory, seen: Snapshot) -> Decision:
    """Return what should be true next, from nothing but the arguments."""
    is_stored = memory.decision is not None
    memory = noted(spec, recall(spec, learned(memory, seen), seen), seen)
    memory, changes = content_noted(memory, seen)
    case = Case(
        spec=spec,
        memory=memory,
        seen=seen,
        verdicts=judge_all(spec, memory, seen),
        decision_is_stored=is_stored,
    )
    memory, refusals = refuse_stale_commands(case)
    case = replace(case, memory=memory, happenings=(*refusals, *changes))
    for rule in RULES:
        decision = rule(case)
        if decision is not None:
            return _finished(case, replace(decision, rule=rule.__name__))
    raise AssertionError("the last rule always decides")


def _finished(case: Case, decision: Decision) -> Decision:
    """Keep the clock of waiting right, and wake in time for what has to drain."""
    memory = waited(decision.memory, decision.phase, case.now)
    delay = timedelta(seconds=case.spec.rollout.scale_down_delay)
    # While a decision is carried out nothing is let go, however long it takes.
    is_held = memory.decision is not None or is_router_behind(case.seen)
    gone = () if is_held else memory.draining
    drained_in = [(each.since + delay - case.now).total_seconds() for each in gone]
    due_in = [*drained_in, *_restart_due_in(case)]
    look = min([decision.look_again_after_seconds, *(max(0.0, seconds) for seconds in due_in)])
    return replace(decision, memory=memory, look_again_after_seconds=look)


def _restart_due_in(case: Case) -> list[float]:
    restart_at = case.spec.restart_at
    if restart_at is None or restart_at <= case.now:
        return []
    return [(restart_at - case.now).total_seconds()]
