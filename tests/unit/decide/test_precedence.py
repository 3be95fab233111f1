"""Which of two rules decides where both have something to say; a swap in RULES fails here."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from serinus.decide import rules
from serinus.resource.status import Fate, TerminalKind
from tests.build import (
    CANARY,
    MODEL,
    STABLE,
    THIRD,
    UNRESOLVED,
    Given,
    ago,
    given,
    memory,
    preparing,
    record,
    rollout,
    spec,
    terminal,
)

PAUSED = spec(paused=True)
WITH_PAUSE = spec(rollout={"steps": [{"weight": 10, "pause": {}}, {"weight": 50}]})
WITH_LONG_PAUSE = spec(rollout={"steps": [{"weight": 10, "pause": {"duration": "5m"}}]})
UNCLEAR: dict[str, Any] = {
    "objectives": [
        {"preset": "error-rate", "limit": "5%", "passLimit": "1%", "inconclusiveLimit": 3}
    ]
}
GOING_BACK = memory(rollout=rollout(weight=0), decision=terminal(TerminalKind.ROLLBACK))
GOING_UP = memory(rollout=rollout(), decision=terminal(TerminalKind.PROMOTE))
SWAPPED = memory(CANARY, decision=terminal(TerminalKind.PROMOTE))
YOUNG = rollout(step_entered_at=ago(5), evidence_since=ago(5))
OVERDUE = rollout(started_at=ago(1900))
LATE = rollout(started_at=ago(1700), step_entered_at=ago(1500), capacity_asked_at=ago(700))
"""One of its pods went missing 700 seconds ago."""
FAILED = memory(history=(record(CANARY, Fate.ROLLED_BACK),))

CONTESTS: dict[tuple[str, str], Given] = {
    ("rollback_was_found_on_the_route", "rollback_is_being_carried_out"): given(
        on_the_route=terminal(TerminalKind.ROLLBACK).model_dump_json(by_alias=True)
    ),
    ("rollback_is_being_carried_out", "rollback_is_complete"): given(
        memory=GOING_BACK, is_programmed=False
    ),
    ("rollback_is_being_carried_out", "canary_is_crash_looping"): given(
        memory=GOING_BACK, crashing={CANARY: 1}, is_programmed=False
    ),
    ("rollback_is_complete", "canary_is_crash_looping"): given(
        memory=GOING_BACK, crashing={CANARY: 1}
    ),
    ("promotion_lacks_capacity", "promotion_is_being_carried_out"): given(
        memory=GOING_UP, sizes={CANARY: 4}, ready={CANARY: 1}
    ),
    ("promotion_is_being_carried_out", "promotion_is_complete"): given(
        memory=SWAPPED, behind={MODEL: frozenset()}
    ),
    ("promotion_is_being_carried_out", "canary_is_crash_looping"): given(
        memory=GOING_UP, sizes={CANARY: 5}, crashing={CANARY: 1}
    ),
    ("promotion_is_being_carried_out", "canary_lost_its_last_ready_pod"): given(
        memory=GOING_UP, ready={CANARY: 0}
    ),
    ("promotion_is_being_carried_out", "everything_is_suspended"): given(
        spec=PAUSED, memory=GOING_UP, sizes={CANARY: 4}
    ),
    ("promotion_is_being_carried_out", "an_objective_failed"): given(
        memory=GOING_UP, sizes={CANARY: 4}, verdicts=["fail"]
    ),
    ("rollback_is_complete", "a_newer_revision_supersedes_the_canary"): given(
        memory=GOING_BACK, wants=THIRD
    ),
    ("canary_is_crash_looping", "canary_lost_its_last_ready_pod"): given(crashing={CANARY: 1}),
    ("canary_is_crash_looping", "spec_returned_to_stable"): given(
        crashing={CANARY: 1}, wants=STABLE
    ),
    ("canary_lost_its_last_ready_pod", "everything_is_suspended"): given(
        spec=PAUSED, ready={CANARY: 0}
    ),
    ("canary_lost_its_last_ready_pod", "a_person_aborted"): given(
        ready={CANARY: 0}, commands={"abort": CANARY}
    ),
    ("canary_lost_its_last_ready_pod", "an_objective_failed"): given(
        ready={CANARY: 0}, verdicts=["fail"]
    ),
    ("everything_is_suspended", "nothing_is_known_to_run"): given(
        spec=PAUSED, memory=memory(""), wants=None
    ),
    ("everything_is_suspended", "first_revision_is_not_serving_yet"): given(
        spec=PAUSED, memory=memory("", rollout=preparing())
    ),
    ("everything_is_suspended", "spec_returned_to_stable"): given(spec=PAUSED, wants=STABLE),
    ("everything_is_suspended", "a_new_revision_is_wanted"): given(
        spec=PAUSED, memory=memory(), wants=CANARY
    ),
    ("everything_is_suspended", "a_person_aborted"): given(
        spec=PAUSED, commands={"abort": CANARY}
    ),
    ("everything_is_suspended", "an_objective_failed"): given(spec=PAUSED, verdicts=["fail"]),
    ("nothing_is_known_to_run", "first_revision_is_not_serving_yet"): given(
        memory=memory(""), wants=None
    ),
    ("first_revision_is_not_serving_yet", "a_newer_revision_supersedes_the_canary"): given(
        memory=memory("", rollout=preparing()), wants=THIRD
    ),
    ("first_revision_is_not_serving_yet", "a_new_revision_is_wanted"): given(
        memory=memory(""), wants=CANARY
    ),
    ("spec_returned_to_stable", "a_newer_revision_supersedes_the_canary"): given(wants=STABLE),
    ("spec_returned_to_stable", "a_person_aborted"): given(
        wants=STABLE, commands={"abort": CANARY}
    ),
    ("spec_returned_to_stable", "a_failed_revision_supersedes_nothing"): given(
        memory=memory(rollout=rollout(), history=(record(STABLE, Fate.ROLLED_BACK),)),
        wants=STABLE,
    ),
    ("a_failed_revision_supersedes_nothing", "a_newer_revision_supersedes_the_canary"): given(
        memory=memory(rollout=rollout(), history=(record(THIRD, Fate.ROLLED_BACK),)),
        wants=THIRD,
    ),
    ("a_newer_revision_supersedes_the_canary", "an_objective_failed"): given(
        wants=THIRD, verdicts=["fail"]
    ),
    ("a_newer_revision_supersedes_the_canary", "canary_cannot_start"): given(
        memory=memory(rollout=LATE), sizes={CANARY: 2}, ready={CANARY: 1}, wants=THIRD
    ),
    ("nothing_to_roll_out", "a_new_revision_is_wanted"): given(memory=memory()),
    ("what_crashed_makes_room_for_a_retry", "a_new_revision_is_wanted"): given(
        memory=FAILED,
        wants=CANARY,
        commands={"retry": CANARY},
        crashing={CANARY: 1},
        sizes={CANARY: 1},
    ),
    ("revision_has_failed_before", "a_new_revision_is_wanted"): given(memory=FAILED, wants=CANARY),
    ("a_person_aborted", "an_objective_failed"): given(
        commands={"abort": CANARY}, verdicts=["fail"]
    ),
    ("a_person_aborted", "promotion_was_asked_for"): given(
        commands={"abort": CANARY, "promote": CANARY}
    ),
    ("an_objective_failed", "canary_cannot_start"): given(
        memory=memory(rollout=LATE), sizes={CANARY: 2}, ready={CANARY: 1}, verdicts=["fail"]
    ),
    ("an_objective_failed", "promotion_was_asked_for"): given(
        sizes={CANARY: 4}, commands={"promote": CANARY}, verdicts=["fail"]
    ),
    ("an_objective_failed", "step_is_too_young"): given(
        spec=spec(rollout={"minTime": "2m"}), verdicts=["fail"]
    ),
    ("canary_cannot_start", "promotion_was_asked_for"): given(
        memory=memory(rollout=LATE),
        sizes={CANARY: 2},
        ready={CANARY: 1},
        commands={"promote": CANARY},
    ),
    ("an_objective_failed", "not_all_objectives_are_known"): given(
        unresolved=UNRESOLVED, verdicts=["fail"]
    ),
    ("an_objective_failed", "what_is_asked_for_is_not_known"): given(
        wants=None, verdicts=["fail"]
    ),
    ("promotion_was_asked_for", "what_is_asked_for_is_not_known"): given(
        wants=None, commands={"promote": CANARY}
    ),
    ("what_is_asked_for_is_not_known", "not_all_objectives_are_known"): given(
        wants=None, unresolved=UNRESOLVED
    ),
    ("what_is_asked_for_is_not_known", "next_step_is_due"): given(wants=None, verdicts=["pass"]),
    ("promotion_was_asked_for", "not_all_objectives_are_known"): given(
        unresolved=UNRESOLVED, commands={"promote": CANARY}
    ),
    ("promotion_was_asked_for", "canary_lacks_capacity"): given(
        memory=memory(rollout=preparing()), ready={CANARY: 0}, commands={"promote": CANARY}
    ),
    ("not_all_objectives_are_known", "canary_lacks_capacity"): given(
        memory=memory(rollout=preparing()), ready={CANARY: 0}, unresolved=UNRESOLVED
    ),
    ("not_all_objectives_are_known", "step_is_due_to_be_entered"): given(
        memory=memory(rollout=preparing()), unresolved=UNRESOLVED
    ),
    ("not_all_objectives_are_known", "evidence_stayed_thin_for_too_long"): given(
        memory=memory(rollout=OVERDUE), verdicts=["undecided"], unresolved=UNRESOLVED
    ),
    ("not_all_objectives_are_known", "next_step_is_due"): given(
        verdicts=["pass"], unresolved=UNRESOLVED
    ),
    ("promotion_was_asked_for", "step_waits_for_a_person"): given(
        spec=WITH_PAUSE, commands={"promote": CANARY}
    ),
    ("canary_lacks_capacity", "step_is_due_to_be_entered"): given(
        memory=memory(rollout=preparing()), ready={CANARY: 0}
    ),
    ("step_is_due_to_be_entered", "step_waits_for_a_person"): given(
        spec=WITH_PAUSE, memory=memory(rollout=preparing())
    ),
    ("step_waits_for_a_person", "inconclusive_evidence_waits_for_a_person"): given(
        spec=spec(
            rollout={"advance": "time", "steps": [{"weight": 10, "pause": {}}, {"weight": 50}]},
            **UNCLEAR,
        ),
        verdicts=["unclear"],
    ),
    ("inconclusive_evidence_waits_for_a_person", "step_pauses"): given(
        spec=spec(
            rollout={
                "advance": "time",
                "steps": [{"weight": 10, "pause": {"duration": "5m"}}],
            },
            **UNCLEAR,
        ),
        memory=memory(rollout=rollout(steps=1)),
        verdicts=["unclear"],
    ),
    ("an_objective_failed", "inconclusive_evidence_waits_for_a_person"): given(
        spec=spec(
            rollout={"advance": "time"},
            objectives=[
                *UNCLEAR["objectives"],
                {"name": "other", "preset": "error-rate", "limit": "2%"},
            ],
        ),
        verdicts=["unclear", "fail"],
    ),
    ("inconclusive_evidence_waits_for_a_person", "evidence_stayed_thin_for_too_long"): given(
        spec=spec(rollout={"advance": "time"}, **UNCLEAR),
        memory=memory(rollout=OVERDUE),
        verdicts=["unclear"],
    ),
    ("inconclusive_evidence_waits_for_a_person", "evidence_is_missing"): given(
        spec=spec(rollout={"advance": "time"}, **UNCLEAR), verdicts=["unclear"]
    ),
    ("step_waits_for_a_person", "step_is_too_young"): given(
        spec=WITH_PAUSE, memory=memory(rollout=YOUNG)
    ),
    ("step_waits_for_a_person", "evidence_stayed_thin_for_too_long"): given(
        spec=WITH_PAUSE, memory=memory(rollout=OVERDUE), verdicts=["undecided"]
    ),
    ("step_pauses", "step_is_too_young"): given(
        spec=WITH_LONG_PAUSE, memory=memory(rollout=YOUNG.model_copy(update={"steps": 1}))
    ),
    ("step_is_too_young", "evidence_stayed_thin_for_too_long"): given(
        memory=memory(
            rollout=rollout(started_at=ago(1900), step_entered_at=ago(5), evidence_since=ago(5))
        ),
        verdicts=["undecided"],
    ),
    ("evidence_stayed_thin_for_too_long", "evidence_is_missing"): given(
        memory=memory(rollout=OVERDUE), verdicts=["undecided"]
    ),
    ("evidence_is_missing", "next_step_is_due"): given(verdicts=["undecided"]),
    ("next_step_is_due", "every_step_passed"): given(verdicts=["pass"]),
}

EXCLUSIVE = {
    ("rollback_is_complete", "promotion_lacks_capacity"),  # kinds of a decision
    ("promotion_is_complete", "canary_is_crash_looping"),  # no rollout or one
    ("first_revision_is_not_serving_yet", "spec_returned_to_stable"),  # no stable
    ("a_newer_revision_supersedes_the_canary", "nothing_to_roll_out"),  # a rollout or none
    ("nothing_to_roll_out", "revision_has_failed_before"),  # what is stable has not failed
    ("revision_has_failed_before", "what_crashed_makes_room_for_a_retry"),  # a retry or none
    ("a_new_revision_is_wanted", "a_person_aborted"),  # no rollout or one
    ("step_waits_for_a_person", "step_pauses"),  # a pause has a duration or none
}
"""Neighbours of which only one can ever speak."""


@pytest.mark.parametrize(("winner", "loser"), CONTESTS)
def test_the_first_of_two_decides(
    winner: str, loser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CONTESTS[winner, loser]
    assert case.decide().rule == winner

    alone = tuple(rule for rule in rules.RULES if rule.__name__ == loser)
    monkeypatch.setattr(rules, "RULES", alone)
    assert case.decide().rule == loser, "it would have had something to say"


def test_every_two_neighbours_are_a_contest_or_can_t_meet() -> None:
    names = [rule.__name__ for rule in rules.RULES]
    settled = CONTESTS.keys() | EXCLUSIVE
    through = {(first, last) for first, last in settled if names.index(first) < names.index(last)}

    assert through == settled
    assert [pair for pair in pairwise(names) if pair not in settled] == []


def test_what_people_say_in_vain_is_told_whatever_decides() -> None:
    decision = given(crashing={CANARY: 1}, commands={"abort": THIRD}).decide()
    assert [h.reason for h in decision.happenings] == ["CommandRefused", "CanaryCrashLooping"]
