"""What chances of a wrong verdict are worth against who sees the evidence and steers by it."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.evidence.bets import Bets
from serinus.evidence.counts import Counts
from serinus.evidence.dispersion import LEAST_DISPERSION
from serinus.evidence.drift_bets import DriftBets
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.stakes import Stakes, begun, counted, evidence_against, evidence_within
from serinus.evidence.wealth import Nats
from tests.properties.test_stakes import at_most
from tests.properties.traffic import Told, ever, share_bets

RUNS, LOOKS, PER_MINUTE = 400, 80, 4
EDGES = np.array([0.1, 0.25, 0.5, 1.0])
SCALE_SECONDS, QUANTILE, MARGIN = 0.08, 0.95, 0.1
"""Latencies fall off exponentially, so that what lies between two edges is known exactly."""

Steer = Callable[[Told], tuple[Nats, Nats]]
"""The canary's part of the next look's traffic, and how many requests there are, of each run."""


def latency_bets(batch: int) -> LatencyBets:
    return LatencyBets(
        edges=EDGES,
        quantile=np.full(batch, QUANTILE),
        margin=np.full(batch, MARGIN),
        margin_is_relative=np.ones(batch, dtype=bool),
        limit=np.full(batch, np.nan),
        dispersion=np.full(batch, LEAST_DISPERSION),
    )


def drift_bets(batch: int) -> DriftBets:
    return DriftBets(
        events=len(EDGES), tolerated=np.full(batch, 0.1), dispersion=np.full(batch, 0.25)
    )


def tails(slower: float) -> Nats:
    """Shares of requests beyond each edge, of a track slower by this factor."""
    return np.exp(-EDGES / (SCALE_SECONDS * slower))


def beyond(draw: np.random.Generator, totals: npt.NDArray[np.int64], shares: Nats) -> Nats:
    """Of so many requests those beyond each edge, given the share of them beyond it."""
    inside = -np.diff(np.concatenate([[1.0], shares, [0.0]]))
    bins = draw.multinomial(totals, inside)
    return np.cumsum(bins[:, ::-1], axis=1)[:, ::-1][:, 1:].astype(float)


def steered(bets: Bets, canary: Nats, stable: Nats, steer: Steer) -> Told:
    """Run the stakes over traffic that is steered look by look."""
    draw, stakes, seen = np.random.default_rng(11), begun(bets, RUNS, len(canary)), Told()
    for number in range(LOOKS):
        part, requests = steer(seen)
        totals = [draw.poisson(each * requests) for each in (part, 1 - part)]
        counts = Counts(
            bad_canary=beyond(draw, totals[0], canary),
            canary=totals[0].astype(float),
            bad_stable=beyond(draw, totals[1], stable),
            stable=totals[1].astype(float),
        )
        begins = np.full(RUNS, number > 0 and number % PER_MINUTE == 0)
        stakes = counted(bets, stakes, counts, begins, np.zeros(RUNS, dtype=bool))
        seen.against.append(evidence_against(bets, stakes))
        seen.within.append(evidence_within(bets, stakes))
    return seen


def who_wants_it_out(seen: Told) -> tuple[Nats, Nats]:
    """More of both where the evidence speaks against the canary, little where it speaks for it."""
    told = seen.against[-1] if seen.against else np.zeros(RUNS)
    weight = np.where(told > 0.5, 0.5, np.where(told < 0, 0.02, 0.1))
    return weight, np.where(told > 1, 4500.0, 1500.0)


def who_wants_it_in(seen: Told) -> tuple[Nats, Nats]:
    """The same the other way about: more where the evidence says that it is no worse."""
    told = seen.within[-1][:, 0] if seen.within else np.zeros(RUNS)
    weight = np.where(told > 0.5, 0.5, np.where(told < 0, 0.02, 0.1))
    return weight, np.where(told > 1, 4500.0, 1500.0)


def as_it_comes(_seen: Told) -> tuple[Nats, Nats]:
    return np.full(RUNS, 0.5), np.full(RUNS, 1500.0)


BOTH_WAYS = pytest.mark.parametrize("steer", [as_it_comes, who_wants_it_in])


@BOTH_WAYS
@pytest.mark.parametrize("stable", [0.005, 0.02])
def test_a_canary_worse_by_the_margin_seldom_gets_through_whoever_steers(
    stable: float, steer: Steer
) -> None:
    """At 5 %, stopped at the best look of twenty minutes."""
    bets = share_bets(RUNS, dispersion=LEAST_DISPERSION)
    seen = steered(bets, np.array([stable + 0.005]), np.array([stable]), steer)
    assert ever([each[:, 0] for each in seen.within], np.log(20)) <= at_most(0.05)


@BOTH_WAYS
def test_a_canary_slower_by_the_margin_seldom_gets_through_whoever_steers(steer: Steer) -> None:
    seen = steered(latency_bets(RUNS), tails(1 + MARGIN), tails(1.0), steer)
    assert ever([each[:, 0] for each in seen.within], np.log(20)) <= at_most(0.05)


def test_a_canary_as_slow_as_stable_is_seldom_called_slower_whoever_steers() -> None:
    seen = steered(latency_bets(RUNS), tails(1.0), tails(1.0), who_wants_it_out)
    assert ever(seen.against, np.log(100)) <= at_most(0.01)


def test_predictions_like_stables_are_seldom_called_others_whoever_steers() -> None:
    seen = steered(drift_bets(RUNS), tails(1.0), tails(1.0), who_wants_it_out)
    assert ever(seen.against, np.log(100)) <= at_most(0.01)


def one(bad_canary: Nats, canary: int, bad_stable: Nats, stable: int) -> Counts:
    return Counts(
        bad_canary=bad_canary[None],
        canary=np.array([float(canary)]),
        bad_stable=bad_stable[None],
        stable=np.array([float(stable)]),
    )


YES, NO = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
FACTORS = st.tuples(st.sampled_from([0.8, 1.0, 1.3]), st.integers(0, 60), st.integers(0, 600))


def looked(bets: Bets, minutes: list[list[Counts]]) -> Stakes:
    stakes = begun(bets, 1, len(EDGES))
    for minute in minutes:
        for number, counts in enumerate(minute):
            stakes = counted(bets, stakes, counts, YES if number == 0 else NO, NO)
    return stakes


@pytest.mark.parametrize("make", [latency_bets, drift_bets], ids=["latency", "predictions"])
@given(st.lists(st.lists(FACTORS, min_size=1, max_size=4), min_size=1, max_size=4))
def test_how_a_minute_is_chunked_changes_nothing_of_histograms(
    make: Callable[[int], Bets], drawn: list[list[tuple[float, int, int]]]
) -> None:
    bets, draw = make(1), np.random.default_rng(5)
    chunked = [
        [
            one(
                beyond(draw, np.array([canary]), tails(slower))[0],
                canary,
                beyond(draw, np.array([stable]), tails(1.0))[0],
                stable,
            )
            for slower, canary, stable in minute
        ]
        for minute in drawn
    ]
    whole = [[sum(minute[1:], minute[0])] for minute in chunked]
    some, all_at_once = looked(bets, chunked), looked(bets, whole)
    assert evidence_against(bets, some) == evidence_against(bets, all_at_once)
    assert (evidence_within(bets, some) == evidence_within(bets, all_at_once)).all()
