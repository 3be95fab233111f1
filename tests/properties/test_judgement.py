"""What holds of every verdict, whatever the evidence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serinus.evidence.judgement import judge
from serinus.evidence.ledger import Block, Tally
from serinus.resource.objective import (
    FailureLimit,
    Kind,
    Objective,
    Preset,
    Worse,
    WorseThanStable,
)
from serinus.resource.status import VerdictValue

START = datetime(2030, 1, 1, tzinfo=UTC)
FROM_BAD_TO_GOOD = [VerdictValue.FAIL, VerdictValue.UNDECIDED, VerdictValue.PASS]
EDGES = (0.1, 0.25, 1.0, inf)

wild = st.floats(allow_nan=True, allow_infinity=True)
counts = st.integers(0, 300).map(float)
few = st.none() | st.integers(1, 4)
BY_WINDOWS = (Kind.SHARE, Kind.LATENCY, Kind.GAUGE)
"""Drift is judged by all that was counted, in either mode: tests/properties/test_drift.py."""


@st.composite
def objectives(draw: st.DrawFn, kinds: tuple[Kind, ...] = BY_WINDOWS) -> Objective:
    kind = draw(st.sampled_from(kinds))
    written: dict[Kind, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
        Kind.SHARE: ({"preset": Preset.ERROR_RATE}, ("0%", "1%", "20%", "100%"), ("0%", "1%")),
        Kind.LATENCY: (
            {"preset": Preset.LATENCY, "quantile": draw(st.sampled_from(("0.5", "0.99")))},
            ("100ms", "200ms", "5s"),
            ("0ms", "50ms", "0%", "50%"),
        ),
        Kind.GAUGE: (
            {"name": "g", "value": "g", "worse": draw(st.sampled_from(Worse))},
            ("0", "0.5"),
            ("0", "0.1", "10%"),
        ),
    }
    source, limits, margins = written[kind]
    limit = draw(st.none() | st.sampled_from(limits))
    margin = st.sampled_from(margins)
    by = draw(st.none() | margin if limit else margin)
    of = draw(st.integers(1, 6))
    stricter = st.none() | st.sampled_from(limits)
    narrower = draw(st.none() | margin)
    return Objective.model_validate(
        {
            **source,
            "limit": limit,
            "pass_limit": draw(stricter) if limit else None,
            "worse_than_stable": WorseThanStable(by=by, pass_by=narrower) if by else None,
            "min_samples": draw(st.integers(1, 2000)),
            "failure_limit": FailureLimit(failed=draw(st.integers(1, of)), of=of),
            "consecutive_failure_limit": draw(few),
            "consecutive_success_limit": draw(few),
            "inconclusive_limit": draw(few),
            "initial_delay": float(draw(st.sampled_from((0, 0, 20, 60)))),
        }
    )


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    per_bucket = draw(st.lists(counts, min_size=len(EDGES), max_size=len(EDGES)))
    cumulative = [sum(per_bucket[: number + 1]) for number in range(len(EDGES))]
    total = cumulative[-1]
    bad = float(draw(st.integers(0, int(total))))
    return Tally(total=total, bad=bad, buckets=tuple(zip(EDGES, cumulative, strict=True)))


@st.composite
def wild_tallies(draw: st.DrawFn) -> Tally:
    buckets = draw(st.lists(st.tuples(wild, wild), max_size=5))
    return Tally(total=draw(wild), bad=draw(wild), buckets=tuple(buckets))


def chained(pairs: list[tuple[Tally, Tally]]) -> list[Block]:
    return [
        Block(
            since=START + timedelta(seconds=15 * number),
            until=START + timedelta(seconds=15 * number + 15),
            canary=canary,
            stable=stable,
        )
        for number, (canary, stable) in enumerate(pairs)
    ]


ledgers = st.lists(st.tuples(tallies(), tallies()), max_size=12).map(chained)
wild_ledgers = st.lists(st.tuples(wild_tallies(), wild_tallies()), max_size=6).map(chained)
steps = st.none() | st.integers(-20, 200).map(lambda s: START + timedelta(seconds=s))


@given(objectives(), ledgers | wild_ledgers, steps)
def test_every_ledger_gets_a_verdict(
    objective: Objective, blocks: list[Block], step: datetime | None
) -> None:
    verdict = judge(objective, blocks, step)
    assert verdict.message
    assert len(verdict.message) <= 2048


@given(objectives(), ledgers | wild_ledgers, steps)
def test_nothing_is_decided_without_enough_samples(
    objective: Objective, blocks: list[Block], step: datetime | None
) -> None:
    verdict = judge(objective, blocks, step)
    if verdict.verdict is not VerdictValue.UNDECIDED:
        assert verdict.canary_samples >= objective.min_samples
    if objective.limit is None and verdict.verdict is not VerdictValue.UNDECIDED:
        assert verdict.stable_samples >= objective.min_samples


@given(objectives(), wild_ledgers, steps, st.text(min_size=1))
def test_nothing_passes_in_trouble(
    objective: Objective, blocks: list[Block], step: datetime | None, trouble: str
) -> None:
    assert judge(objective, blocks, step, trouble).verdict is not VerdictValue.PASS


@st.composite
def worsened(draw: st.DrawFn, objective: Objective, blocks: list[Block]) -> list[Block]:
    """The same requests, some of them worse."""
    worse = list(blocks)
    number = draw(st.integers(0, len(blocks) - 1))
    canary = blocks[number].canary
    if objective.kind is Kind.LATENCY:
        changed = replace(canary, buckets=draw(_slower(canary)))
    elif objective.kind is Kind.SHARE:
        more = draw(st.integers(0, int(canary.total - canary.bad)))
        changed = replace(canary, bad=canary.bad + more)
    else:
        more = draw(st.integers(0, 500))
        changed = replace(canary, bad=canary.bad + (-more if objective.lower_is_worse else more))
    worse[number] = replace(blocks[number], canary=changed)
    return worse


@st.composite
def _slower(draw: st.DrawFn, canary: Tally) -> tuple[tuple[float, float], ...]:
    slower, least = [], 0.0
    for edge, count in canary.buckets[:-1]:
        least = float(draw(st.integers(int(least), int(max(least, count)))))
        slower.append((edge, min(least, count)))
    return (*slower, canary.buckets[-1])


@given(objectives(), ledgers.filter(bool), steps, st.data())
def test_a_worse_canary_never_gets_a_better_verdict(
    objective: Objective, blocks: list[Block], step: datetime | None, data: st.DataObject
) -> None:
    worse = data.draw(worsened(objective, blocks))
    before, after = (judge(objective, those, step).verdict for those in (blocks, worse))
    assert FROM_BAD_TO_GOOD.index(after) <= FROM_BAD_TO_GOOD.index(before)


CLASSIC = {
    "pass_limit": None,
    "consecutive_failure_limit": None,
    "consecutive_success_limit": None,
    "inconclusive_limit": None,
}


@given(objectives(), ledgers, steps)
def test_who_asks_for_more_is_given_no_better_verdict(
    objective: Objective, blocks: list[Block], step: datetime | None
) -> None:
    margin = objective.worse_than_stable
    less = objective.model_copy(
        update=CLASSIC
        | {"worse_than_stable": margin and margin.model_copy(update={"pass_by": None})}
    )
    asked, without = (judge(each, blocks, step).verdict for each in (objective, less))
    assert FROM_BAD_TO_GOOD.index(asked) <= FROM_BAD_TO_GOOD.index(without)


@given(objectives(), ledgers, steps)
def test_only_what_is_undecided_is_left_to_a_person(
    objective: Objective, blocks: list[Block], step: datetime | None
) -> None:
    verdict = judge(objective, blocks, step)
    if verdict.is_inconclusive:
        assert objective.inconclusive_limit is not None
        assert verdict.verdict is VerdictValue.UNDECIDED


@given(objectives((Kind.SHARE, Kind.LATENCY)), ledgers, steps, st.sampled_from((2, 3, 10)))
def test_ten_times_the_traffic_and_ten_times_the_samples_asked_for_change_nothing(
    objective: Objective, blocks: list[Block], step: datetime | None, factor: int
) -> None:
    scaled = [
        replace(block, canary=_times(block.canary, factor), stable=_times(block.stable, factor))
        for block in blocks
    ]
    asked = objective.model_copy(update={"min_samples": objective.min_samples * factor})
    assert judge(asked, scaled, step).verdict is judge(objective, blocks, step).verdict


def _times(tally: Tally, factor: int) -> Tally:
    buckets = tuple((edge, count * factor) for edge, count in tally.buckets)
    return Tally(total=tally.total * factor, bad=tally.bad * factor, buckets=buckets)


@given(objectives(), ledgers, steps)
def test_the_same_evidence_gets_the_same_verdict(
    objective: Objective, blocks: list[Block], step: datetime | None
) -> None:
    assert judge(objective, blocks, step) == judge(objective, list(blocks), step)
