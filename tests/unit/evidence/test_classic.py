"""The limits of classic mode: what fails in a row, what passes in a row, and what lies between."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from serinus.evidence.judgement import judge
from serinus.evidence.ledger import Tally
from serinus.resource.objective import Objective
from serinus.resource.status import Verdict, VerdictValue
from tests.unit.evidence.test_judgement import STEP, blocks, slow

PASS, FAIL, UNDECIDED = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNDECIDED
SHARES = {"o": 0, "~": 15, "x": 50, "?": None}
"""Bad ones of 500: good, between 1 % and 5 %, beyond 5 %; and a window without traffic."""


def errors(**fields: Any) -> Objective:
    return Objective.model_validate({"preset": "error-rate", "limit": "5%"} | fields)


def judged(objective: Objective, seen: str, *, entered: int = 0) -> Verdict:
    """The verdict after these windows, oldest first; the step was entered after some of them."""
    tallies = [
        (Tally() if SHARES[each] is None else Tally(total=500, bad=SHARES[each] or 0), Tally())
        for each in seen
    ]
    return judge(objective, blocks(*tallies), STEP + timedelta(seconds=15 * entered))


@pytest.mark.parametrize(
    ("seen", "value"),
    [
        ("oxx", UNDECIDED),
        ("oxxx", FAIL),
        ("xxoxx", UNDECIDED),
        ("xxxo", UNDECIDED),
        ("xx?x", FAIL),
    ],
)
def test_so_many_bad_windows_in_a_row_fail(seen: str, value: VerdictValue) -> None:
    """A window without traffic is none: it neither fails nor breaks the row."""
    objective = errors(consecutiveFailureLimit=3, failureLimit={"failed": 20, "of": 20})
    verdict = judged(objective, seen)
    assert verdict.verdict is value
    if value is FAIL:
        assert verdict.message.endswith("bad in the last 3 windows, one after the other")


def test_either_limit_is_enough() -> None:
    objective = errors(consecutiveFailureLimit=3, failureLimit={"failed": 4, "of": 8})
    assert judged(objective, "xoxoxox").verdict is FAIL
    assert judged(objective, "oxxx").verdict is FAIL
    assert judged(objective, "oxoxox").verdict is UNDECIDED


@pytest.mark.parametrize(
    ("seen", "value"),
    [("oo", UNDECIDED), ("ooo", PASS), ("ooooxooo", PASS), ("oooooxoo", UNDECIDED)],
)
def test_a_step_ends_after_so_many_good_windows_in_a_row(seen: str, value: VerdictValue) -> None:
    objective = errors(consecutiveSuccessLimit=3)
    assert judged(objective, seen).verdict is value


def test_good_windows_of_the_step_before_do_not_count() -> None:
    objective = errors(consecutiveSuccessLimit=3)
    verdict = judged(objective, "ooooo", entered=3)
    assert verdict.verdict is UNDECIDED
    assert verdict.message.endswith("good in 2 of 3 windows in a row")


def test_between_good_and_bad_nothing_passes_and_nothing_fails() -> None:
    objective = errors(passLimit="1%")
    verdict = judged(objective, "~~~~~~~~")
    assert (verdict.verdict, verdict.is_inconclusive) == (UNDECIDED, False)
    assert "; to pass it takes ≤ 1 %" in verdict.message
    assert judged(objective, "o~oooooo").verdict is PASS


@pytest.mark.parametrize(
    ("fields", "bad", "is_between"),
    [
        ({"passLimit": "2%"}, 15, True),
        ({"passLimit": "3%"}, 15, False),
        ({"passLimit": "7%"}, 15, False),
        ({"limit": None, "worseThanStable": {"by": "5%", "passBy": "2%"}}, 15, True),
        ({"limit": None, "worseThanStable": {"by": "5%", "passBy": "3%"}}, 15, False),
    ],
)
def test_the_band_is_of_the_limit_or_of_the_margin(
    fields: dict[str, Any], bad: int, is_between: bool
) -> None:
    seen = [(Tally(total=500, bad=bad), Tally(total=500))] * 3
    verdict = judge(errors(**fields), blocks(*seen), STEP)
    assert verdict.verdict is (UNDECIDED if is_between else PASS)


def test_a_band_of_latency_is_in_time() -> None:
    objective = Objective.model_validate(
        {"preset": "latency", "limit": "1s", "passLimit": "250ms", "inconclusiveLimit": 2}
    )
    tail = slow(900, 980, 1000, 1000)
    verdict = judge(objective, blocks((tail, tail), (tail, tail)), STEP)
    assert (verdict.verdict, verdict.is_inconclusive) == (UNDECIDED, True)


@pytest.mark.parametrize(
    ("seen", "entered", "is_inconclusive"),
    [
        ("~o~o", 0, False),
        ("~o~o~", 0, True),
        ("~o~oooooooo~", 0, True),
        ("~~~~", 2, False),
        ("~o~x", 0, True),
        ("????", 0, False),
    ],
)
def test_so_many_windows_on_a_step_that_are_not_good_enough_need_a_person(
    seen: str, entered: int, is_inconclusive: bool
) -> None:
    objective = errors(passLimit="1%", inconclusiveLimit=3)
    verdict = judged(objective, seen, entered=entered)
    assert verdict.is_inconclusive is is_inconclusive
    assert verdict.verdict is not FAIL
    if is_inconclusive:
        assert "not good enough in 3 windows of this step: a person has to say" in verdict.message


def test_a_failure_is_no_question() -> None:
    verdict = judged(errors(passLimit="1%", inconclusiveLimit=2), "~~xxx")
    assert (verdict.verdict, verdict.is_inconclusive) == (FAIL, False)


def test_without_a_band_bad_windows_may_wait_for_a_person_instead_of_rolling_back() -> None:
    objective = errors(inconclusiveLimit=2, failureLimit={"failed": 20, "of": 20})
    verdict = judged(objective, "oxox")
    assert (verdict.verdict, verdict.is_inconclusive) == (UNDECIDED, True)


def test_the_first_evidence_is_not_judged_for_as_long_as_was_said() -> None:
    """A cold cache is no bad model."""
    objective = errors(initialDelay="45s", consecutiveFailureLimit=3)
    assert judged(objective, "xxx").verdict is UNDECIDED
    assert judged(objective, "xxx").message == (
        "no data from the canary on this step yet (its first 45 s are not judged)"
    )
    assert judged(objective, "xxxoo").verdict is PASS
    assert judged(objective, "xxxxxx").verdict is FAIL


def test_what_nobody_asked_for_changes_nothing() -> None:
    plain, named = errors(), errors(initialDelay="0s", consecutiveFailureLimit=None)
    assert plain == named
    assert plain.to_pass is plain
