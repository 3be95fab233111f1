import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, nan

import numpy as np
import pytest

from serinus.evidence import staking
from serinus.evidence.account import (
    Account,
    Told,
    read_account,
    read_told,
    write_account,
    write_told,
)
from serinus.evidence.binned import MOST_BINS
from serinus.evidence.block import Block
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.objective_kinds import Against, Drifting
from serinus.signals.distributions import PREDICTIONS
from serinus.signals.tally import Tally
from tests.unit.evidence.bookkeeping import staked, told

START = datetime(2030, 1, 1, tzinfo=UTC)
SHARE = Objective(
    preset=Preset.ERROR_RATE, limit="5%", worse_than_stable=WorseThanStable(by="0.5%")
)
LATENCY = Objective(
    preset=Preset.LATENCY, limit="250ms", worse_than_stable=WorseThanStable(by="10%")
)
EDGES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
BOTH = pytest.mark.parametrize("objective", [SHARE, LATENCY], ids=["share", "latency"])


def histogram(total: float, factor: float, draw: np.random.Generator) -> Tally:
    """A tail that falls by half from edge to edge, or more slowly."""
    shares = np.minimum(1.0, factor * 0.5 ** np.arange(1, len(EDGES) + 1))
    slow = np.minimum.accumulate(draw.binomial(int(total), shares))
    buckets = [(edge, total - tail) for edge, tail in zip(EDGES, slow.tolist(), strict=True)]
    bad = float(draw.binomial(int(total), 0.01 * factor))
    return Tally(total=total, bad=bad, buckets=(*buckets, (inf, total)))


def looks(seed: int = 1, factor: float = 1.3, per_look: float = 1500.0) -> Iterator[Block]:
    draw, number = np.random.default_rng(seed), 0
    while True:
        since = START + timedelta(seconds=15 * number)
        yield Block(
            since=since,
            until=since + timedelta(seconds=15),
            canary=histogram(per_look, factor, draw),
            stable=histogram(9 * per_look, 1.0, draw),
        )
        number += 1


def blocks(count: int, **how: float) -> list[Block]:
    return [block for block, _ in zip(looks(**how), range(count), strict=False)]  # type: ignore[arg-type] # seeds are whole


def stored(account: Account) -> str:
    return json.dumps(write_account(account), separators=(",", ":"))


@BOTH
def test_a_restart_at_any_look_changes_nothing(objective: Objective) -> None:
    going, restarted, entered = Account(), Account(), START + timedelta(seconds=150)
    for block in blocks(40):
        going = staked(going, objective, [block], entered)
        restarted = read_account(json.loads(stored(restarted)))
        restarted = staked(restarted, objective, [block], entered)
        assert stored(restarted) == stored(going)
        assert told(restarted, objective) == told(going, objective)


@BOTH
def test_a_restart_in_the_middle_of_a_minute_bets_on_it_as_its_first_look_would_have_by_now(
    objective: Objective,
) -> None:
    """A minute begins without requests, and with an edge that hardly any of them is beyond."""
    draw, going, restarted = np.random.default_rng(4), Account(), Account()
    for number in range(24):
        total, factor = ((0, 1.0), (9000, 0.001), (3000, 1.0), (9000, 30.0))[number % 4]
        since = START + timedelta(seconds=15 * number)
        tracks = [histogram(n, factor, draw) for n in (total, 9 * total)]
        until = since + timedelta(seconds=15)
        block = Block(since=since, until=until, canary=tracks[0], stable=tracks[1])
        going = staked(going, objective, [block], None)
        restarted = staked(read_account(json.loads(stored(restarted))), objective, [block], None)
        assert told(restarted, objective) == told(going, objective)
        assert stored(restarted) == stored(going)


@BOTH
def test_how_a_minute_is_chunked_changes_nothing(objective: Objective) -> None:
    every = blocks(40)
    minutes = [
        every[n] + every[n + 1] + every[n + 2] + every[n + 3] for n in range(0, len(every), 4)
    ]
    one, other = (staked(Account(), objective, those, None) for those in (every, minutes))
    assert stored(one) == stored(other)
    assert told(one, objective) == told(other, objective)


@BOTH
def test_a_bad_canary_is_told_from_a_good_one(objective: Objective) -> None:
    good, bad = (
        told(staked(Account(), objective, blocks(16, factor=factor), None), objective)
        for factor in (1.0, 4.0)
    )
    assert bad.against > 10
    assert good.against < 1
    assert bad.within[0] < 0 < good.within[0]


@BOTH
def test_two_kilobytes_are_enough_for_any_time(objective: Objective) -> None:
    for factor in (0.5, 1.0, 4.0):
        account = staked(Account(), objective, blocks(240, factor=factor, per_look=1e6), None)
        assert len(stored(account)) <= 2048


def test_of_a_fine_histogram_few_edges_are_counted_the_limits_own_among_them() -> None:
    buckets = (*((0.01 * n, float(n)) for n in range(1, 100)), (inf, 100.0))
    tally = Tally(total=100.0, buckets=buckets)
    block = Block(since=START, until=START + timedelta(seconds=15), canary=tally, stable=tally)
    account = staked(Account(), LATENCY, [block], None)
    assert len(account.edges) <= 14
    assert 0.25 in account.edges
    assert len(stored(account)) <= 2048


def test_of_fine_predictions_few_edges_are_counted_too() -> None:
    drift = Objective(
        preset=Preset.DRIFT, of=Drifting.PREDICTIONS, against=Against.STABLE, limit="0.1"
    )
    names = [*(f"{0.012345 * number:.6g}" for number in range(60)), "+Inf"]
    draw, some = np.random.default_rng(1), []
    for block in blocks(60):
        drawn = [
            dict(zip(names, draw.poisson(1e4, len(names)).tolist(), strict=True)) for _ in "cs"
        ]
        canary, stable = (Tally(total=1e6, bins={PREDICTIONS: each}) for each in drawn)
        some.append(replace(block, canary=canary, stable=stable))
    account = staked(Account(), drift, some, None)
    assert len(account.bins) == MOST_BINS
    assert len(stored(account)) <= 2048


@BOTH
def test_a_step_begins_a_minute_of_its_own(objective: Objective) -> None:
    some = blocks(4)
    within = staked(Account(), objective, some, None)
    across = staked(Account(), objective, some, some[2].since)
    assert (write_account(within)["minutes"], write_account(across)["minutes"]) == (0, 1)
    assert write_account(across)["new"] is True


@pytest.mark.parametrize(
    "canary",
    [
        Tally(total=nan, bad=1.0),
        Tally(total=100.0, bad=nan),
        Tally(total=inf, bad=0.0),
        Tally(total=-5.0),
        Tally(),
    ],
)
@BOTH
def test_what_is_no_count_tells_nothing(objective: Objective, canary: Tally) -> None:
    block = Block(
        since=START, until=START + timedelta(seconds=15), canary=canary, stable=Tally(total=900.0)
    )
    said = told(staked(Account(), objective, [block] * 8, None), objective)
    assert said.against == 0
    assert max(said.within) <= 0


def test_without_stable_there_is_nothing_to_compare_with() -> None:
    alone = [
        Block(since=each.since, until=each.until, canary=each.canary, stable=Tally())
        for each in blocks(20, factor=4.0)
    ]
    for objective in (SHARE, LATENCY):
        compared = objective.model_copy(update={"limit": None})
        said = told(staked(Account(), compared, alone, None), compared)
        assert said.against <= 0
        assert said.within[0] <= 0


def test_several_objectives_at_once_are_the_same_as_one_by_one() -> None:
    other = SHARE.model_copy(update={"limit": "1%", "worse_than_stable": None})
    objectives = {"a": SHARE, "b": LATENCY, "c": other}
    some, entered = blocks(30), START + timedelta(seconds=150)
    new = {"a": some, "b": some[:20], "c": some[7:]}
    empty = dict.fromkeys(objectives, Account())
    together = staking.staked(empty, objectives, new, entered, {})
    said = staking.told(together, objectives, {})
    for name, objective in objectives.items():
        alone = staked(Account(), objective, new[name], entered)
        assert stored(together[name]) == stored(alone)
        assert said[name] == told(alone, objective)


def test_what_is_told_is_what_was_written_of_it() -> None:
    told = Told(against=-0.1234, within=(0.1, 0.2, 0.3, 0.4, 12.3456), bad=7.0)
    assert read_told(json.loads(json.dumps(write_told(told)))) == told


def latency_block(number: int, canary: Tally, stable: Tally) -> Block:
    since = START + timedelta(seconds=15 * number)
    return Block(since=since, until=since + timedelta(seconds=15), canary=canary, stable=stable)


def durations(*buckets: tuple[float, float]) -> Tally:
    return Tally(total=buckets[-1][1], buckets=buckets)


def slower_after(*blocks: tuple[Tally, Tally]) -> list[list[float]]:
    """What both tracks have in the open minute, by edge."""
    account = Account()
    for number, tallies in enumerate(blocks):
        account = staked(account, LATENCY, [latency_block(number, *tallies)], None)
    assert account.stakes is not None
    of_canary, of_stable = account.stakes.open.bad_canary, account.stakes.open.bad_stable
    return [of_canary[0].tolist(), of_stable[0].tolist()]


FINE = durations((0.25, 80.0), (0.35, 90.0), (0.5, 95.0), (inf, 100.0))
WIDE = durations((0.25, 80.0), (0.5, 95.0), (inf, 100.0))


@pytest.mark.parametrize("tallies", [(FINE, WIDE), (WIDE, FINE)])
def test_where_a_track_has_lost_an_edge_the_next_above_counts_for_both(
    tallies: tuple[Tally, Tally],
) -> None:
    """Native histograms make their buckets wider; nobody is slower by that."""
    assert slower_after((FINE, FINE), tallies) == [[40, 15, 10], [40, 15, 10]]


def test_an_edge_beyond_all_that_was_seen_is_as_good_as_known() -> None:
    fast = durations((0.25, 100.0), (inf, 100.0))
    assert slower_after((FINE, FINE), (fast, fast)) == [[20, 10, 5], [20, 10, 5]]


def test_without_any_edge_above_a_lost_one_nothing_is_counted() -> None:
    blind = durations((0.25, 80.0), (inf, 100.0))
    assert slower_after((FINE, FINE), (blind, blind)) == slower_after((FINE, FINE))
