"""What holds of the bets on an objective: chances of a wrong verdict, chunks of time, order."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from serinus.evidence.counts import Counts
from serinus.evidence.dispersion import LEAST_DISPERSION
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.stakes import begun, counted, evidence_against, evidence_within
from tests.properties.traffic import Traffic, ever, median_minutes, share_bets, told

RUNS = 400


def at_most(chance: float) -> float:
    """With three standard errors for the simulation."""
    return float(chance + 3 * (chance * (1 - chance) / RUNS) ** 0.5)


@pytest.mark.parametrize("per_second", [1.0, 10.0, 100.0, 1000.0])
@pytest.mark.parametrize("rate", [0.001, 0.02])
@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_a_canary_as_good_as_stable_is_seldom_called_bad(
    per_second: float, rate: float, effect: float
) -> None:
    """At 1 %, stopped at the worst look of half an hour, also with outages of both tracks."""
    traffic = Traffic(rate, rate, per_second, 0.1, effect=effect)
    seen = told(share_bets(RUNS, dispersion=LEAST_DISPERSION), traffic, RUNS, 80)
    assert ever(seen.against, log(100)) <= at_most(0.01)


@pytest.mark.parametrize("per_second", [10.0, 100.0])
def test_a_limit_broken_by_both_tracks_is_no_reason_to_roll_back(per_second: float) -> None:
    bets = share_bets(RUNS, margin=np.nan, limit=0.01)
    seen = told(bets, Traffic(0.03, 0.03, per_second, 0.1), RUNS, 80)
    assert ever(seen.against, log(100)) <= at_most(0.01)


@pytest.mark.parametrize("per_second", [10.0, 100.0])
@pytest.mark.parametrize("dispersion", [LEAST_DISPERSION, 0.25])
def test_a_canary_worse_by_the_margin_seldom_gets_through(
    per_second: float, dispersion: float
) -> None:
    bets = share_bets(RUNS, dispersion=dispersion)
    seen = told(bets, Traffic(0.01, 0.005, per_second, 0.5), RUNS, 80)
    assert ever([each[:, 0] for each in seen.within], log(20)) <= at_most(0.05)


def test_a_canary_beyond_its_limit_seldom_gets_through() -> None:
    bets = share_bets(RUNS, margin=np.nan, limit=0.01)
    seen = told(bets, Traffic(0.015, 0.005, 100.0, 0.5), RUNS, 80)
    assert ever([each[:, 0] for each in seen.within], log(20)) <= at_most(0.05)


@pytest.mark.parametrize(
    ("canary", "per_second", "minutes"),
    [(0.105, 100, 0.5), (0.025, 100, 2.5), (0.105, 10, 1.5), (0.055, 100, 0.75)],
)
def test_regressions_are_found_soon(canary: float, per_second: float, minutes: float) -> None:
    """At 1 % halved, since the dispersion is a guess; base rate 0.5 %, a tenth of the traffic."""
    seen = told(share_bets(200), Traffic(canary, 0.005, per_second, 0.1), 200, 60)
    assert median_minutes(seen.against, log(200)) <= minutes


def test_a_good_canary_is_proven_good_soon() -> None:
    seen = told(share_bets(200), Traffic(0.001, 0.001, 100.0, 0.5), 200, 60)
    assert median_minutes([each[:, 0] for each in seen.within], log(20)) <= 2


def block(*numbers: float) -> Counts:
    bad_canary, canary, bad_stable, stable = (np.array([number]) for number in numbers)
    return Counts(
        bad_canary=bad_canary[:, None],
        canary=canary,
        bad_stable=bad_stable[:, None],
        stable=stable,
    )


YES, NO = np.ones(1, dtype=bool), np.zeros(1, dtype=bool)
COUNT = st.integers(0, 40)


@given(st.lists(st.tuples(COUNT, COUNT), min_size=2, max_size=8))
def test_how_a_minute_is_chunked_changes_nothing(bad: list[tuple[int, int]]) -> None:
    bets = share_bets(1, limit=0.05)
    chunked = begun(bets, 1)
    for canary, stable in bad:
        chunked = counted(bets, chunked, block(canary, 100, stable, 900), NO, NO)
    whole = block(
        sum(canary for canary, _ in bad),
        100 * len(bad),
        sum(stable for _, stable in bad),
        900 * len(bad),
    )
    at_once = counted(bets, begun(bets, 1), whole, NO, NO)
    for name, wealth in at_once.settled.items():
        assert (wealth == chunked.settled[name]).all()


@given(st.lists(st.tuples(COUNT, COUNT, COUNT, st.booleans()), min_size=1, max_size=10))
def test_a_worse_canary_never_looks_better(
    looks: list[tuple[int, int, int, bool]],
) -> None:
    """The same stable, and never fewer bad events of the canary."""
    bets = share_bets(1, limit=0.05)
    better = worse = begun(bets, 1)
    for bad, more, stable, is_next_minute in looks:
        begins = np.array([is_next_minute])
        better = counted(bets, better, block(bad, 200, stable, 1800), begins, NO)
        worse = counted(bets, worse, block(bad + more, 200, stable, 1800), begins, NO)
        rounding = 1e-3 * (1 + len(looks))
        assert evidence_against(bets, worse) >= evidence_against(bets, better) - rounding
        assert (evidence_within(bets, worse) <= evidence_within(bets, better) + rounding).all()


def test_a_place_in_the_batch_does_not_depend_on_the_others() -> None:
    many, looks = share_bets(5), Traffic(0.02, 0.005, 100.0, 0.1).looks(5)
    together, alone = begun(many, 5), begun(share_bets(1), 1)
    for number, counts in zip(range(12), looks, strict=False):
        begins = np.full(5, number % 4 == 0)
        together = counted(many, together, counts, begins, np.zeros(5, dtype=bool))
        third = block(
            counts.bad_canary[3, 0], counts.canary[3], counts.bad_stable[3, 0], counts.stable[3]
        )
        alone = counted(share_bets(1), alone, third, begins[:1], NO)
    for name, wealth in alone.settled.items():
        assert (np.abs(wealth[0] - together.settled[name][3]) <= 1).all()


def test_limits_hold_their_rate_without_stable_too() -> None:
    bets = share_bets(RUNS, margin=np.nan, limit=0.01)
    seen = told(bets, Traffic(0.01, 0.01, 100.0, 1.0), RUNS, 80)
    assert ever(seen.against, log(100)) <= at_most(0.01)


def test_minutes_without_any_event_change_nothing() -> None:
    bets = share_bets(1, limit=0.05)
    before = counted(bets, begun(bets, 1), block(3, 100, 9, 900), NO, NO)
    after = before
    for _ in range(1440):
        after = counted(bets, after, block(0, 0, 0, 0), YES, NO)
    assert after.minutes == 1
    assert evidence_against(bets, after) == evidence_against(bets, before)


def test_a_decision_of_today_is_the_decision_of_any_version() -> None:
    """61 of 2,540 against 127 of 25,310 in a minute, computed once more by the formulas."""
    bets = share_bets(1, margin=0.005)
    stakes = counted(bets, begun(bets, 1), block(61, 2540, 127, 25310), NO, NO)

    def mixture(weights: tuple[float, ...], log_values: list[float]) -> float:
        """A twentieth of it is still in cash."""
        return 0.05 + 0.95 * sum(w * exp(v) for w, v in zip(weights, log_values, strict=True))

    rate = (61 + 127 - 0.00125 * 2540 + 0.5) / (27850 + 0.5 / 0.00125)
    tolerated = 1 + 0.00125 / max(rate, 0.00125)
    null = tolerated * 2540 / (tolerated * 2540 + 25310)
    shapes, shares = 1 / (0.25 * null * (1 - null)) - 1, []
    for ratio in (1.35, 1.8, 2.6, 4.5, 10.0, 50.0):
        odds = ratio * null / (1 - null)
        share = odds / (1 + odds)
        likelihoods = (
            betaln(61 + shapes * p, 127 + shapes * (1 - p)) - betaln(shapes * p, shapes * (1 - p))
            for p in (share, null)
        )
        shares.append(float(np.subtract(*likelihoods)))
    floors = []
    for multiple in (1.5, 2.5, 4.0, 8.0, 20.0, 60.0):
        rate = min(0.95, multiple * 0.0025)
        ratio = (2540 * 0.0025 + 4) / (2540 * rate + 4)
        floors.append(61 * log(rate / 0.0025 * ratio) + 4 * log(ratio))
    of_shares, of_floors = (0.1, 0.25, 0.25, 0.2, 0.13, 0.07), (0.2, 0.3, 0.2, 0.15, 0.1, 0.05)
    expected = log(min(mixture(of_shares, shares), mixture(of_floors, floors)))
    assert evidence_against(bets, stakes)[0] == pytest.approx(expected, abs=1e-3)
    assert expected == pytest.approx(GOLDEN, abs=1e-3)


GOLDEN = 3.8582


@pytest.mark.parametrize("rate", [0.002, 0.02])
def test_an_adversary_who_sees_the_evidence_gains_nothing_by_moving_traffic(rate: float) -> None:
    """Weight and traffic of the next look by what was seen so far, stopped at the worst look.

    What speaks against a canary as good as stable gets more of its traffic, as somebody would do
    who wants it out; what speaks for it gets little.
    """
    bets = share_bets(RUNS, dispersion=LEAST_DISPERSION)
    draw = np.random.default_rng(3)
    stakes, told_so_far = begun(bets, RUNS), []
    against, no = np.zeros(RUNS), np.zeros(RUNS, dtype=bool)
    for number in range(80):
        weight = np.where(against > 0.5, 0.5, np.where(against < 0, 0.02, 0.1))
        requests = np.where(against > 1, 4500, 1500)
        canary, stable = (draw.poisson(part * requests) for part in (weight, 1 - weight))
        bad_canary, bad_stable = (draw.binomial(n, rate) for n in (canary, stable))
        counts = Counts(
            bad_canary=bad_canary[:, None].astype(float),
            canary=canary.astype(float),
            bad_stable=bad_stable[:, None].astype(float),
            stable=stable.astype(float),
        )
        begins = np.full(RUNS, number > 0 and number % 4 == 0)
        stakes = counted(bets, stakes, counts, begins, no)
        against = evidence_against(bets, stakes)
        told_so_far.append(against)
    assert ever(told_so_far, log(100)) <= at_most(0.01)


@pytest.mark.parametrize("are_the_same", [True, False])
def test_one_budget_holds_for_several_objectives_whatever_they_have_to_do_with_each_other(
    are_the_same: bool,
) -> None:
    """Weighed 7, 1, 1 and 1; four times the same events, or none in common."""
    parts = np.log(np.array([0.7, 0.1, 0.1, 0.1]))
    seeds = [7] * 4 if are_the_same else [7, 8, 9, 10]
    each = [
        np.array(
            told(
                share_bets(RUNS, dispersion=LEAST_DISPERSION),
                Traffic(0.01, 0.01, 100.0, 0.1, seed=seed),
                RUNS,
                60,
            ).against
        )
        for seed in seeds
    ]
    together = np.logaddexp.reduce([part + one for part, one in zip(parts, each, strict=True)])
    assert ever(list(together), log(100)) <= at_most(0.01)


def test_a_canary_as_slow_as_stable_is_seldom_called_slower() -> None:
    """A limit that both break and a margin, at the worst look of a quarter of an hour."""
    edges, shares = np.array([0.1, 0.25, 0.5, 1.0]), np.array([0.6, 0.25, 0.1, 0.04, 0.01])
    bets = LatencyBets(
        edges=edges,
        quantile=np.full(RUNS, 0.95),
        margin=np.full(RUNS, 0.1),
        margin_is_relative=np.ones(RUNS, dtype=bool),
        limit=np.full(RUNS, 0.25),
        dispersion=np.full(RUNS, LEAST_DISPERSION),
    )
    draw, stakes, seen = np.random.default_rng(5), begun(bets, RUNS, len(edges)), []
    for number in range(60):
        totals = [draw.poisson(1500 * part, RUNS) for part in (0.1, 0.9)]
        canary, stable = (
            np.cumsum(draw.multinomial(total, shares)[:, ::-1], axis=1)[:, ::-1][:, 1:]
            for total in totals
        )
        counts = Counts(
            bad_canary=canary.astype(float),
            canary=totals[0].astype(float),
            bad_stable=stable.astype(float),
            stable=totals[1].astype(float),
        )
        begins = np.full(RUNS, number > 0 and number % 4 == 0)
        stakes = counted(bets, stakes, counts, begins, np.zeros(RUNS, dtype=bool))
        seen.append(evidence_against(bets, stakes))
    assert ever(seen, log(100)) <= at_most(0.01)
