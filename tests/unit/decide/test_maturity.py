"""Labels that come late: an objective on outcomes says nothing before they can have come."""

from dataclasses import replace
from typing import Any

import pytest

from serinus.decide.verdicts import judge_all
from serinus.resource.status import Verdict, VerdictValue
from tests.build import Given, ago, given, memory, rollout, spec

QUALITY = {"preset": "quality", "worseThanStable": {"by": "2%"}}
LAST = {"weight": 50, "step": 1}


def case(at: dict[str, Any] | None = None, *, mode: str = "evidence", **terms: Any) -> Given:
    """A rollout whose canary is bad by all outcomes that are known: 500 of 1,000."""
    asked = spec(objectives=[QUALITY | terms], rollout={"advance": mode})
    begun = rollout(started_at=ago(900), evidence_since=ago(600), **(at or {}))
    return given(spec=asked, memory=memory(rollout=begun), verdicts=["fail"])


def judged(case: Given) -> Verdict:
    (verdict,) = judge_all(case.spec, case.memory, case.seen)
    return verdict


@pytest.mark.parametrize("mode", ["evidence", "time"])
@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"labelDelay": "1h"}, "immature: labels come 60 min late, judged in 50 min"),
        ({"minLabelled": 5000}, "immature: 1,000 of 5,000 outcomes are known"),
    ],
)
def test_nothing_is_said_before_labels_can_have_come(
    mode: str, terms: dict[str, Any], says: str
) -> None:
    verdict = judged(case(mode=mode, **terms))
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert verdict.is_immature
    assert says in verdict.message


def covered(case: Given, predicted: float) -> Given:
    """The case with so many predictions of the canary in each block, 200 of which have a label."""
    ledger = case.seen.ledger
    blocks = {
        key: tuple(replace(b, canary=replace(b.canary, predicted=predicted)) for b in those)
        for key, those in ledger.blocks.items()
    }
    return replace(case, seen=replace(case.seen, ledger=replace(ledger, blocks=blocks)))


@pytest.mark.parametrize("mode", ["evidence", "time"])
@pytest.mark.parametrize(
    ("predicted", "says"),
    [
        (1000, "immature: 20 % of its predictions have a label, 30 % needed"),
        (0, "immature: how many predictions there were is not known"),
    ],
)
def test_labels_of_few_predictions_say_nothing_where_coverage_is_asked_for(
    mode: str, predicted: float, says: str
) -> None:
    verdict = judged(covered(case(mode=mode, minCoverage="30%"), predicted))
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert verdict.is_immature
    assert says in verdict.message


@pytest.mark.parametrize("mode", ["evidence", "time"])
def test_coverage_is_told_with_each_verdict(mode: str) -> None:
    verdict = judged(covered(case(mode=mode), 1000))
    assert verdict.verdict is VerdictValue.FAIL
    assert verdict.message.endswith("20 % of its predictions have a label")
    assert "label" not in judged(case(mode=mode)).message


@pytest.mark.parametrize("mode", ["evidence", "time"])
def test_once_they_have_come_the_outcomes_count(mode: str) -> None:
    verdict = judged(case(mode=mode, labelDelay="5m", minLabelled=500))
    assert verdict.verdict is VerdictValue.FAIL
    assert "canary 50 % wrong" in verdict.message
    assert verdict.is_immature is None


def test_an_immature_objective_keeps_nobody_from_a_step_but_from_promotion() -> None:
    assert case(labelDelay="1h").decide().rule == "next_step_is_due"
    last = case(LAST, labelDelay="1h").decide()
    assert last.rule == "evidence_is_missing"
    assert "labels come" in last.message


def test_promotion_goes_on_without_labels_where_that_is_asked_for() -> None:
    decision = case(LAST, labelDelay="1h", requireBeforePromotion=False).decide()
    assert decision.rule == "every_step_passed"
