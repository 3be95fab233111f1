"""A worse canary never gets a better verdict: of predictions, of quality and of gauges.

What holds of errors, null outputs and latency, over several objectives at once, is in
`test_evidence.py`; of windows in `test_judgement.py`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import event, given, settings
from hypothesis import strategies as st

from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.ledger import Block, Ledger, Tally
from serinus.evidence.sequential import Hearing, Progress, judge_together
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.objective_kinds import Against, Drifting, Statistic, Worse
from serinus.resource.status import VerdictValue
from serinus.signals.blocks import objective_key
from serinus.signals.distributions import PREDICTIONS

START = datetime(2030, 1, 1, tzinfo=UTC)
BLOCK = timedelta(seconds=30)
FROM_BAD_TO_GOOD = [VerdictValue.FAIL, VerdictValue.UNDECIDED, VerdictValue.PASS]
QUICK = settings(max_examples=settings().max_examples // 5)
"""A look takes milliseconds, and an example many looks; the thorough profile draws more."""
RATES = ErrorRates(false_rollback=0.05, false_promote=0.2)
"""Loose ones, so that a few minutes bring verdicts of each kind."""
PROGRESS = Progress(weight_percent=10, next_weight_percent=50, step_entered_at=START)

BEYOND = st.integers(0, 150)
"""Of 1,000, by how much a canary is beyond stable, and a worse one beyond that."""


def block(number: int, canary: Tally, stable: Tally) -> Block:
    since = START + number * BLOCK
    return Block(since=since, until=since + BLOCK, canary=canary, stable=stable)


def verdict(objective: Objective, blocks: Sequence[Block]) -> int:
    """What comes of a look after each block, from bad to good."""
    key = objective_key(objective)
    ledger = Ledger(rollout="r1").beginning({key: START})
    for each in blocks:
        ledger = ledger.extended({key: (each,)}).staked({key: objective}, {key: (each,)}, START)
    hearing = Hearing(objective=objective, blocks=ledger.of(key), told=ledger.told_of(key))
    (said,) = judge_together([hearing], RATES, PROGRESS)
    return FROM_BAD_TO_GOOD.index(said.verdict)


def never_better(objective: Objective, better: Sequence[Block], worse: Sequence[Block]) -> None:
    before, after = verdict(objective, better), verdict(objective, worse)
    assert after <= before
    event(f"{FROM_BAD_TO_GOOD[before]} -> {FROM_BAD_TO_GOOD[after]}")


@QUICK
@given(st.lists(st.tuples(BEYOND, BEYOND, st.integers(0, 15)), min_size=1, max_size=6))
def test_outcomes_that_are_wrong_more_often(minutes: list[tuple[int, int, int]]) -> None:
    quality = Objective(preset=Preset.QUALITY, worse_than_stable=WorseThanStable(by="5%"))

    def blocks(is_worse: bool) -> list[Block]:
        return [
            block(
                number,
                Tally(total=1000, bad=wrong + (more if is_worse else 0)),
                Tally(total=3000, bad=30 * of_stable),
            )
            for number, (wrong, more, of_stable) in enumerate(minutes)
        ]

    never_better(quality, blocks(False), blocks(True))


def said(label: str, other: str, often: float, total: int) -> Tally:
    counts = {label: often * total, other: (1 - often) * total}
    return Tally(total=total, bins={PREDICTIONS: counts})


@QUICK
@given(
    st.lists(st.tuples(BEYOND, BEYOND), min_size=1, max_size=8),
    st.integers(1, 12),
    st.sampled_from([("=fraud", "=fine"), ("+Inf", "0.5")]),
    st.sampled_from([each for each in Statistic if each is not Statistic.WASSERSTEIN]),
)
def test_predictions_that_are_further_from_stables(
    minutes: list[tuple[int, int]], stable: int, labels: tuple[str, str], statistic: Statistic
) -> None:
    """Two classes, or scores below and above an edge: more of what it has more of already."""
    drift = Objective(
        preset=Preset.DRIFT,
        limit="0.05",
        of=Drifting.PREDICTIONS,
        against=Against.STABLE,
        statistic=statistic,
    )
    often = stable / 20

    def blocks(is_worse: bool) -> list[Block]:
        shares = [min(1.0, often + (a + (b if is_worse else 0)) / 1000) for a, b in minutes]
        return [
            block(number, said(*labels, share, 10_000), said(*labels, often, 30_000))
            for number, share in enumerate(shares)
        ]

    never_better(drift, blocks(False), blocks(True))


READINGS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=20)


@given(
    READINGS,
    st.integers(0, 40),
    st.sampled_from([None, "12", "40"]),
    st.sampled_from(["0", "3", "50%"]),
    st.sampled_from(Worse),
)
def test_a_gauge_whose_readings_are_all_worse(
    readings: list[tuple[int, int]], more: int, limit: str | None, by: str, worse: Worse
) -> None:
    """By as much each: one that is far worse makes the mean of the whole rollout less certain."""
    gauge = Objective(
        name="queue",
        value="queue",
        limit=limit,
        worse=worse,
        worse_than_stable=WorseThanStable(by=by),
        min_samples=1,
    )
    shift = -more if worse is Worse.LOWER else more

    def blocks(by: int) -> list[Block]:
        return [
            block(number, Tally(total=1, bad=canary + by), Tally(total=1, bad=stable))
            for number, (canary, stable) in enumerate(readings)
        ]

    never_better(gauge, blocks(0), blocks(shift))


def test_one_reading_that_is_far_worse_may_end_a_hold_but_not_on_its_own_step() -> None:
    """What docs/evidence.md says of gauges: over the whole rollout only certainty holds."""
    gauge = Objective(
        name="queue", value="queue", worse_than_stable=WorseThanStable(by="3"), min_samples=1
    )
    before, on_the_step = 20, 5
    step = Progress(
        weight_percent=10, next_weight_percent=50, step_entered_at=START + before * BLOCK
    )

    def said(first: float, last: float) -> VerdictValue:
        readings = [first, *[10.0] * (before - 1), *[2.0] * (on_the_step - 1), last]
        blocks = [
            block(number, Tally(total=1, bad=each), Tally(total=1, bad=1))
            for number, each in enumerate(readings)
        ]
        (verdict,) = judge_together([Hearing(objective=gauge, blocks=blocks)], RATES, step)
        return verdict.verdict

    assert said(first=10, last=2) is VerdictValue.UNDECIDED
    assert said(first=1000, last=2) is VerdictValue.PASS
    assert said(first=1000, last=1000) is VerdictValue.UNDECIDED
