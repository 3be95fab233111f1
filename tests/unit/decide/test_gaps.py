"""What an objective says while nothing is seen, and when it begins to say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from serinus.resource.spec import Spec
from serinus.resource.status import Rollout, VerdictValue
from serinus.signals.blocks import objective_key
from tests.build import NOW, Given, ago, given, memory, rollout, spec

PASS, FAIL, UNDECIDED = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNDECIDED
ERRORS = {"preset": "error-rate", "limit": "5%"}


def judging(**fields: Any) -> Spec:
    return spec(objectives=[ERRORS | fields], rollout={"advance": "time"})


def since(entered: datetime) -> Rollout:
    """A rollout whose first step was entered at once."""
    return rollout(
        started_at=entered,
        capacity_asked_at=entered,
        step_entered_at=entered,
        evidence_since=entered,
    )


def silent(seconds: float, **fields: Any) -> Given:
    """A step on which nothing has been seen for so long."""
    entered = ago(seconds)
    known = memory(rollout=since(entered))
    return given(spec=judging(**fields), memory=known)


def failing(seconds: float, **fields: Any) -> Given:
    """A step whose evidence was good until its query began to fail, so long ago."""
    asked = judging(**fields)
    begun = rollout(failing_since={"error-rate": ago(seconds)})
    case = given(spec=asked, memory=memory(rollout=begun), trouble="Prometheus is down")
    failures = frozenset(objective_key(each) for each in asked.objectives)
    return replace(case, seen=replace(case.seen, metrics_failures=failures))


def verdict(case: Given) -> tuple[VerdictValue, str]:
    (only,) = case.decide().verdicts
    return only.verdict, only.message


@pytest.mark.parametrize(
    ("case", "value"),
    [
        (silent(3600), UNDECIDED),
        (silent(3600, onNoData="hold"), UNDECIDED),
        (silent(3600, onError="fail"), UNDECIDED),
        (silent(300, onNoData="pass"), UNDECIDED),
        (silent(301, onNoData="pass"), PASS),
        (silent(301, onNoData="fail"), FAIL),
        (silent(301, onNoData="fail", patience="10m"), UNDECIDED),
        (silent(59, onNoData="fail", patience="1s"), UNDECIDED),
        (silent(61, onNoData="fail", patience="1s"), FAIL),
        (failing(3600), UNDECIDED),
        (failing(3600, onNoData="fail"), UNDECIDED),
        (failing(300, onError="fail"), UNDECIDED),
        (failing(301, onError="pass"), PASS),
        (failing(301, onError="fail"), FAIL),
    ],
)
def test_a_gap_is_answered_after_the_objective_s_patience_if_it_says_so(
    case: Given, value: VerdictValue
) -> None:
    assert verdict(case)[0] is value


def test_the_verdict_says_what_stood_in_for_evidence() -> None:
    assert verdict(silent(400, onNoData="fail"))[1] == (
        "nothing was seen of the canary for 400 s, and onNoData is fail; "
        "no data from the canary on this step yet"
    )
    assert verdict(failing(400, onError="pass"))[1] == (
        "the query has failed for 400 s, and onError is pass; Prometheus is down"
    )


def test_a_few_samples_are_data() -> None:
    """Too few of them are for minSamples and maxDuration to speak of."""
    asked = judging(onNoData="fail", patience="1s")
    entered = ago(600)
    known = memory(rollout=since(entered))
    case = given(spec=asked, memory=known, verdicts=["undecided"])
    assert verdict(case)[0] is UNDECIDED


def test_evidence_beats_whatever_would_stand_in_for_it() -> None:
    asked = judging(onNoData="pass", patience="1s")
    later = timedelta(seconds=100)
    for seen, value in (("fail", FAIL), ("pass", PASS)):
        case = given(spec=asked, verdicts=[seen])
        assert verdict(case)[0] is value
        late = replace(case, seen=replace(case.seen, now=NOW + later))
        assert verdict(late)[0] is (FAIL if seen == "fail" else PASS)


def test_since_when_a_query_fails_is_remembered_and_forgotten() -> None:
    begins = failing(0, onError="fail")
    before = replace(begins, memory=memory(rollout=rollout()))
    after = before.decide().memory.rollout
    assert after is not None
    assert after.failing_since == {"error-rate": NOW}

    ended = replace(begins, seen=replace(begins.seen, metrics_failures=frozenset()))
    healed = ended.decide().memory.rollout
    assert healed is not None
    assert healed.failing_since == {}


def test_who_holds_on_errors_has_nothing_to_remember() -> None:
    """A status is not written for what nobody asks for."""
    held = replace(failing(0), memory=memory(rollout=rollout())).decide().memory.rollout
    assert held is not None
    assert held.failing_since == {}


def test_saying_something_else_to_gaps_throws_no_evidence_away() -> None:
    (plain,) = judging().objectives
    (careful,) = judging(onNoData="fail", onError="pass", patience="1h", advisory=True).objectives
    assert objective_key(plain) == objective_key(careful)
