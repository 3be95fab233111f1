"""Whether there is fresh evidence to judge by, and from when on it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from serinus.evidence.ledger import read_ledger, write_ledger
from serinus.evidence.policy import policy_digest
from serinus.resource.calibration import Calibration
from serinus.resource.status import VerdictValue
from serinus.signals.blocks import objective_key
from serinus.signals.tally import Tally
from tests.build import CANARY, NOW, Given, ago, given, memory, preparing, rollout, spec


def later(seconds: float, case: Given | None = None) -> Given:
    """The case looked at again without anything new to see."""
    case = case or given(verdicts=["pass"])
    return replace(case, seen=replace(case.seen, now=NOW + timedelta(seconds=seconds)))


def verdicts(case: Given) -> list[VerdictValue]:
    return [verdict.verdict for verdict in case.decide().verdicts]


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (later(60), ""),
        (later(61), "no data since 13:00:00; before: canary 0 % errors"),
        (later(80, given(spec=spec(rollout={"interval": "20s"}), verdicts=["pass"])), ""),
        (
            later(81, given(spec=spec(rollout={"interval": "20s"}), verdicts=["pass"])),
            "no data since 13:00:00",
        ),
    ],
    ids=["a minute", "more than that", "four intervals", "more than those"],
)
def test_evidence_that_stopped_coming_passes_nothing(case: Given, says: str) -> None:
    first = case.decide().verdicts[0]
    assert (first.verdict is VerdictValue.UNDECIDED) is bool(says)
    assert first.message.startswith(says)


def test_evidence_that_stopped_coming_still_fails_what_it_failed() -> None:
    stale = later(600, given(verdicts=["fail"]))
    assert verdicts(stale) == [VerdictValue.FAIL, VerdictValue.FAIL]


def test_an_outage_is_told_in_its_own_words_and_passes_nothing() -> None:
    case = given(verdicts=["pass"], trouble="Prometheus does not answer")
    assert verdicts(case) == [VerdictValue.UNDECIDED, VerdictValue.UNDECIDED]
    assert case.decide().verdicts[0].message.startswith("Prometheus does not answer; before:")


def test_only_evidence_since_the_step_was_entered_lets_it_pass() -> None:
    before = given(verdicts=["pass"])
    entered = memory(rollout=rollout(step_entered_at=ago(0), weight=50, step=1))
    assert verdicts(replace(before, memory=entered)) == [VerdictValue.UNDECIDED] * 2


def test_while_a_step_is_prepared_all_evidence_counts() -> None:
    before = given(verdicts=["pass"])
    prepared = memory(rollout=rollout(step_entered_at=None, step=1))
    assert verdicts(replace(before, memory=prepared)) == [VerdictValue.PASS] * 2


@pytest.mark.parametrize(
    "case",
    [
        given(memory=memory()),
        given(memory=memory("", rollout=preparing())),
        given(memory=memory(rollout=preparing()), ready={CANARY: 0}),
    ],
    ids=["no rollout", "a first revision", "no traffic yet"],
)
def test_there_is_nothing_to_judge_before_the_first_traffic(case: Given) -> None:
    assert verdicts(case) == []


def test_the_first_traffic_is_undecided_until_it_was_counted() -> None:
    assert verdicts(given(memory=memory(rollout=preparing()))) == [VerdictValue.UNDECIDED] * 2


def calibrated(case: Given, policy: str, threshold: int | None, rollouts: int = 300) -> Given:
    made = Calibration(policy=policy, at=NOW, threshold=threshold, rollouts=rollouts, message="")
    return replace(case, seen=replace(case.seen, calibration=made))


def test_a_calibrated_threshold_keeps_in_what_a_guess_would_have_rolled_back() -> None:
    failing = given(verdicts=["fail"])
    policy = policy_digest(failing.spec)

    assert verdicts(failing)[0] is VerdictValue.FAIL
    far_beyond = calibrated(failing, policy, threshold=10**7)
    assert verdicts(far_beyond)[0] is not VerdictValue.FAIL
    assert {each.calibration for each in far_beyond.decide().verdicts} == {"replayed"}


def test_a_calibration_never_asks_for_less_than_the_false_rollback_rate() -> None:
    passing = calibrated(given(verdicts=["pass"]), policy_digest(given().spec), threshold=-(10**7))

    assert VerdictValue.FAIL not in verdicts(passing)


@pytest.mark.parametrize("threshold", [10**7, None])
def test_one_of_another_policy_or_of_too_little_past_changes_nothing(
    threshold: int | None,
) -> None:
    failing = given(verdicts=["fail"])
    policy = "another" if threshold else policy_digest(failing.spec)

    case = calibrated(failing, policy, threshold)

    assert verdicts(case)[0] is VerdictValue.FAIL
    assert {each.calibration for each in case.decide().verdicts} == {"unverified"}


def test_one_that_an_older_version_made_of_fewer_pseudo_rollouts_changes_nothing() -> None:
    failing = given(verdicts=["fail"])

    case = calibrated(failing, policy_digest(failing.spec), threshold=10**7, rollouts=299)

    assert verdicts(case)[0] is VerdictValue.FAIL
    assert {each.calibration for each in case.decide().verdicts} == {"unverified"}


def test_the_newest_calibration_is_remembered() -> None:
    case = calibrated(given(), "p", threshold=50_000)

    assert case.decide().memory.calibration == case.seen.calibration


SIMULATED = {"threshold": "simulated"}


def test_the_threshold_in_force_is_told_with_each_share() -> None:
    told = given(spec=spec(rollout=SIMULATED), verdicts=["pass"]).decide().verdicts[0].message

    assert "is enough, as simulated for 30 min" in told


def test_a_restart_finds_the_same_threshold() -> None:
    case = given(spec=spec(rollout=SIMULATED), verdicts=["fail"])
    bet_on = {objective_key(each): each for each in case.spec.objectives}
    ledger = case.seen.ledger.staked(bet_on, {}, None)
    begun, resumed = (
        replace(case, seen=replace(case.seen, ledger=each))
        for each in (ledger, read_ledger(write_ledger(ledger)))
    )

    assert "as simulated" in begun.decide().verdicts[0].message
    assert resumed.decide() == begun.decide()


def test_a_minute_without_stable_is_none_that_was_simulated() -> None:
    case = given(spec=spec(rollout=SIMULATED), verdicts=["fail"])
    alone = {
        key: tuple(replace(block, stable=Tally(total=0, bad=0)) for block in blocks)
        for key, blocks in case.seen.ledger.blocks.items()
    }
    seen = replace(case.seen, ledger=replace(case.seen.ledger, blocks=alone, told={}))

    told = replace(case, seen=seen).decide().verdicts[0].message

    assert "is asked for, since the 30 min simulated are over" in told
