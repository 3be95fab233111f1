"""What holds of verdicts by evidence, from blocks to words, however blocks come."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf

from hypothesis import event, given, settings
from hypothesis import strategies as st

from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.ledger import Block, Ledger, Tally, read_ledger, write_ledger
from serinus.evidence.sequential import Hearing, Progress, judge_together, parts_of
from serinus.resource.objective import Kind, Objective
from serinus.resource.status import Verdict, VerdictValue
from serinus.signals.blocks import objective_key

START = datetime(2030, 1, 1, tzinfo=UTC)
FROM_BAD_TO_GOOD = [VerdictValue.FAIL, VerdictValue.UNDECIDED, VerdictValue.PASS]
EDGES = (0.1, 0.25, 1.0, inf)
CHUNKS = 3
"""Blocks of a minute."""
MINUTES_MOST = 3
QUICK = settings(max_examples=settings().max_examples // 5)
"""A look takes milliseconds, and an example many looks; the thorough profile draws more."""

OBJECTIVES = {
    objective_key(each): each
    for each in (
        Objective.model_validate(written)
        for written in (
            {"preset": "error-rate", "worse_than_stable": {"by": "1%"}, "weight": 3},
            {"preset": "null-outputs", "limit": "5%"},
            {"preset": "latency", "limit": "250ms", "worse_than_stable": {"by": "20%"}},
        )
    )
}
RATES = ErrorRates(false_rollback=0.05, false_promote=0.2)
"""Loose ones, so that a few minutes bring verdicts of each kind."""

Counted = tuple[int, int, int, int]
"""Of each edge but the last, and beyond it; of shares, the first is bad."""
Minutes = list[list[tuple[Counted, Counted]]]
BUSY, QUIET = st.integers(0, 3000), st.integers(0, 30)
TRACK = st.tuples(st.just(0) | QUIET, QUIET, BUSY, QUIET)
CHUNK = st.tuples(TRACK, TRACK)
CALM = st.tuples(st.integers(0, 2), st.integers(1500, 3000), st.integers(0, 2), st.just(0))
CALM_CHUNK = st.tuples(CALM, CALM)
"""Of two tracks of which little is bad or slow, so that all of it passes."""
SLOWED = st.tuples(*(len(EDGES) - 1) * (st.integers(0, 30) | st.integers(0, 3000),))


def lasting(chunk: st.SearchStrategy[tuple[Counted, Counted]]) -> st.SearchStrategy[Minutes]:
    minute = st.lists(chunk, min_size=CHUNKS, max_size=CHUNKS)
    return st.lists(minute, min_size=1, max_size=MINUTES_MOST)


MINUTES = lasting(CHUNK) | lasting(CALM_CHUNK)


def tally(objective: Objective, counted: Counted) -> Tally:
    total = float(sum(counted))
    if objective.kind is not Kind.LATENCY:
        return Tally(total=total, bad=float(counted[0]))
    cumulative = [float(sum(counted[: number + 1])) for number in range(len(EDGES))]
    return Tally(
        total=total, bad=total - cumulative[1], buckets=tuple(zip(EDGES, cumulative, strict=True))
    )


def blocks_of(objective: Objective, minutes: Minutes) -> list[Block]:
    seconds = 60 // CHUNKS
    chunks = [chunk for minute in minutes for chunk in minute]
    return [
        Block(
            since=START + timedelta(seconds=number * seconds),
            until=START + timedelta(seconds=(number + 1) * seconds),
            canary=tally(objective, canary),
            stable=tally(objective, stable),
        )
        for number, (canary, stable) in enumerate(chunks)
    ]


def all_blocks(minutes: Minutes) -> dict[str, list[Block]]:
    return {key: blocks_of(each, minutes) for key, each in OBJECTIVES.items()}


@dataclass
class Rollout:
    """A rollout's ledger, look by look."""

    ledger: Ledger

    def look(self, new: dict[str, Sequence[Block]]) -> None:
        added = {key: tuple(each) for key, each in new.items()}
        self.ledger = self.ledger.extended(added).staked(OBJECTIVES, added, START)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        parts = parts_of(self.ledger.weights, tuple(OBJECTIVES))
        hearings = [
            Hearing(
                objective=each,
                blocks=self.ledger.of(key),
                told=self.ledger.told_of(key),
                part=parts[key],
            )
            for key, each in OBJECTIVES.items()
        ]
        progress = Progress(weight_percent=10, next_weight_percent=50, step_entered_at=START)
        return judge_together(hearings, RATES, progress)


def begun() -> Rollout:
    return Rollout(Ledger(rollout="r1").beginning(dict.fromkeys(OBJECTIVES, START)))


def seen(blocks: dict[str, list[Block]], looks: Sequence[int] = ()) -> Rollout:
    """The rollout after all blocks, with looks after so many of them."""
    rollout, length = begun(), len(next(iter(blocks.values())))
    ends = sorted({*(each for each in looks if each < length), length})
    for before, end in zip([0, *ends], ends, strict=False):
        rollout.look({key: each[before:end] for key, each in blocks.items()})
    return rollout


@QUICK
@given(MINUTES, st.sets(st.integers(1, MINUTES_MOST * CHUNKS)))
def test_a_restart_at_any_look_changes_no_bit(minutes: Minutes, restarts: set[int]) -> None:
    blocks, alive, dying = all_blocks(minutes), begun(), begun()
    for number in range(len(minutes) * CHUNKS):
        if number in restarts:
            dying = Rollout(read_ledger(write_ledger(dying.ledger)))
        for rollout in (alive, dying):
            rollout.look({key: each[number : number + 1] for key, each in blocks.items()})
        assert dying.verdicts == alive.verdicts
    assert write_ledger(dying.ledger) == write_ledger(alive.ledger)


@QUICK
@given(MINUTES, st.sets(st.integers(1, MINUTES_MOST * CHUNKS)))
def test_it_does_not_matter_which_blocks_came_in_one_look(
    minutes: Minutes, looks: set[int]
) -> None:
    blocks = all_blocks(minutes)
    once, now_and_then = seen(blocks), seen(blocks, sorted(looks))
    assert write_ledger(once.ledger) == write_ledger(now_and_then.ledger)
    assert once.verdicts == now_and_then.verdicts


@QUICK
@given(MINUTES, st.lists(st.integers(1, CHUNKS - 1), min_size=MINUTES_MOST, max_size=MINUTES_MOST))
def test_it_does_not_matter_how_a_minute_was_cut_into_blocks(
    minutes: Minutes, cuts: list[int]
) -> None:
    """Each minute in as many blocks as there are, or in two."""
    fine = all_blocks(minutes)
    coarse = {
        key: [
            sum(part[1:], part[0])
            for number, cut in zip(range(len(minutes)), cuts, strict=False)
            for minute in [each[number * CHUNKS : (number + 1) * CHUNKS]]
            for part in (minute[:cut], minute[cut:])
        ]
        for key, each in fine.items()
    }
    one, other = seen(fine), seen(coarse)
    assert one.ledger.told == other.ledger.told
    assert [each.verdict for each in one.verdicts] == [each.verdict for each in other.verdicts]


@st.composite
def worsened(draw: st.DrawFn, minutes: Minutes) -> Minutes:
    """The same requests: some of the canary's slower than they were, or bad."""
    worse = [list(minute) for minute in minutes]
    for minute in worse:
        for number, (canary, stable) in enumerate(minute):
            fine = max(1, 2, key=lambda place: canary[place])
            moved = min(canary[fine], draw(st.integers(0, 60)))
            changed = list(canary)
            changed[0], changed[fine] = canary[0] + moved, canary[fine] - moved
            minute[number] = ((changed[0], changed[1], changed[2], changed[3]), stable)
    return worse


def worst(verdicts: Sequence[Verdict]) -> int:
    return min(FROM_BAD_TO_GOOD.index(each.verdict) for each in verdicts)


@QUICK
@given(MINUTES, st.data())
def test_a_canary_with_more_bad_events_is_never_better_off(
    minutes: Minutes, data: st.DataObject
) -> None:
    """After any minute, over all objectives: a bad event more brings no pass and averts no fail.

    Latency is left as it was: what is bad of a request is not how long it took.
    """
    better = all_blocks(minutes)
    worse = {
        key: blocks if OBJECTIVES[key].kind is Kind.LATENCY else changed
        for (key, blocks), changed in zip(
            better.items(), all_blocks(data.draw(worsened(minutes))).values(), strict=True
        )
    }
    before, after = begun(), begun()
    for number in range(len(minutes)):
        minute = slice(number * CHUNKS, (number + 1) * CHUNKS)
        before.look({key: each[minute] for key, each in better.items()})
        after.look({key: each[minute] for key, each in worse.items()})
        assert worst(after.verdicts) <= worst(before.verdicts)
    event(f"{worst(before.verdicts)} -> {worst(after.verdicts)}")


@QUICK
@given(MINUTES, st.lists(SLOWED, min_size=1))
def test_a_slower_canary_is_never_better_off(
    minutes: Minutes, slowed: list[tuple[int, ...]]
) -> None:
    """Some of its requests take longer, beyond whichever edges, and nothing else changes."""
    better = all_blocks(minutes)
    latency = next(key for key, each in OBJECTIVES.items() if each.kind is Kind.LATENCY)
    slower = [
        replace(block, canary=_slower(block.canary, slowed[number % len(slowed)]))
        for number, block in enumerate(better[latency])
    ]
    before, after = seen(better), seen(better | {latency: slower})
    assert worst(after.verdicts) <= worst(before.verdicts)
    event(f"{worst(before.verdicts)} -> {worst(after.verdicts)}")


def _slower(canary: Tally, requests: tuple[int, ...]) -> Tally:
    """So many requests more beyond each edge; who is beyond one is beyond those below it."""
    *finite, last = canary.buckets
    fewer = [max(0.0, count - n) for (_, count), n in zip(finite, requests, strict=True)]
    within = [min(fewer[number:]) for number in range(len(fewer))]
    buckets = (*((edge, n) for (edge, _), n in zip(finite, within, strict=True)), last)
    return replace(canary, buckets=buckets, bad=canary.total - buckets[1][1])
