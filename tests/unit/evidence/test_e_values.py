"""Under its null hypothesis an e-value is one or less in the mean: summed over all outcomes."""

from math import log

import numpy as np
import pytest
from scipy.special import betaln, comb, gammaln

from serinus.evidence.ceiling import log_ceiling_values
from serinus.evidence.dispersion import LEAST_DISPERSION
from serinus.evidence.noninferiority import (
    log_values_below_bound,
    log_values_below_margin,
    projection,
)
from serinus.evidence.ratios import CALM_DISPERSION, RATIOS, ratio_weights_at, ratios_at
from serinus.evidence.share import log_gamma, log_share_values
from serinus.evidence.wealth import Nats

ROUNDING = 1 + 1e-6


def binomial(count: int, p: float) -> Nats:
    x = np.arange(count + 1)
    chances: Nats = comb(count, x) * p**x * (1 - p) ** (count - x)
    return chances


def beta_binomial(count: int, a: float, b: float) -> Nats:
    x = np.arange(count + 1)
    chances: Nats = comb(count, x) * np.exp(betaln(x + a, count - x + b) - betaln(a, b))
    return chances


def largest_mean(chances: Nats, logs: Nats) -> float:
    """The mean of each alternative's e-value; the largest of them."""
    some = chances > 0
    return float(np.max(np.sum(np.exp(logs[some] + np.log(chances[some])[:, None]), axis=0)))


def every(count: int) -> Nats:
    return np.arange(count + 1, dtype=float)


def share_values(
    bad_canary: Nats,
    bad_stable: Nats,
    *,
    canary: float,
    stable: float,
    ratio: float = 1.0,
    dispersion: float = 0.0,
) -> Nats:
    one = np.ones_like(bad_canary)
    return log_share_values(
        bad_canary,
        canary * one,
        bad_stable,
        stable * one,
        RATIOS,
        tolerated_ratio=ratio * one,
        dispersion=dispersion * one,
    )


@pytest.mark.parametrize("dispersion", [0.0, 0.25, 0.5])
@pytest.mark.parametrize(("canary", "stable"), [(50, 950), (500, 500), (100, 300)])
@pytest.mark.parametrize("events", [1, 5, 30])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_share(dispersion: float, canary: int, stable: int, events: int, ratio: float) -> None:
    x = every(events)
    logs = share_values(
        x, events - x, canary=canary, stable=stable, ratio=ratio, dispersion=dispersion
    )
    null = ratio * canary / (ratio * canary + stable)
    # Counts that vary less than a large dispersion says are not covered to the last percent.
    less_varied = 1.02 if dispersion > 0.25 else ROUNDING
    for part in (1.0, 0.7):
        assert largest_mean(binomial(events, part * null), logs) <= less_varied
        if dispersion:
            shapes = 1 / (dispersion * null * (1 - null)) - 1
            share = part * null
            spread = beta_binomial(events, shapes * share, shapes * (1 - share))
            assert largest_mean(spread, logs) <= ROUNDING


@pytest.mark.parametrize("dispersion", [0.0, LEAST_DISPERSION, 0.02, CALM_DISPERSION])
@pytest.mark.parametrize(("canary", "stable"), [(50, 950), (500, 500), (100, 300)])
@pytest.mark.parametrize("events", [1, 5, 30, 300])
@pytest.mark.parametrize("ratio", [1.0, 1.5])
def test_share_where_minutes_are_alike(
    dispersion: float, canary: int, stable: int, events: int, ratio: float
) -> None:
    """As large as it is bet on there, be it as varied as said or less."""
    x, one = every(events), np.ones(events + 1)
    logs = log_share_values(
        x,
        canary * one,
        events - x,
        stable * one,
        ratios_at(dispersion * one),
        tolerated_ratio=ratio * one,
        dispersion=dispersion * one,
    )
    null = ratio * canary / (ratio * canary + stable)
    for part in (1.0, 0.7):
        assert largest_mean(binomial(events, part * null), logs) <= ROUNDING
        if dispersion:
            shapes = 1 / (dispersion * null * (1 - null)) - 1
            share = part * null
            spread = beta_binomial(events, shapes * share, shapes * (1 - share))
            assert largest_mean(spread, logs) <= ROUNDING


def test_calm_services_are_bet_on_by_smaller_ratios_and_others_are_not() -> None:
    calm, restless = ratios_at(np.array([CALM_DISPERSION, 1.01 * CALM_DISPERSION]))
    assert calm[0] < restless[0] == RATIOS[0]
    weights = ratio_weights_at(np.array([CALM_DISPERSION, 0.25]))
    assert weights.sum(axis=1) == pytest.approx(1)


def test_without_dispersion_a_share_is_binomial() -> None:
    found = share_values(np.array([7.0]), np.array([11.0]), canary=100, stable=900)[0]
    shares = RATIOS * 0.1 / (RATIOS * 0.1 + 0.9)
    expected = 7 * np.log(shares / 0.1) + 11 * np.log((1 - shares) / 0.9)
    assert found == pytest.approx(expected, abs=1e-3)


def test_the_logarithm_of_gamma_is_the_one_of_the_books() -> None:
    x = np.geomspace(1e-6, 1e9, 2000)
    assert log_gamma(x) == pytest.approx(gammaln(x), rel=1e-13, abs=1e-10)


def test_share_rises_with_the_canary_and_falls_with_stable() -> None:
    def value(bad_canary: float, bad_stable: float) -> float:
        bad = (np.array([bad_canary]), np.array([bad_stable]))
        return float(share_values(*bad, canary=100, stable=900, dispersion=0.25)[0, 3])

    assert value(1, 9) < value(2, 9) < value(9, 9)
    assert value(9, 9) > value(9, 20)


def test_without_events_of_both_tracks_a_share_says_nothing() -> None:
    none, nine = np.zeros(1), np.array([9.0])
    assert not share_values(none, none, canary=100, stable=900).any()
    assert not share_values(nine, none, canary=100, stable=0).any()
    assert not share_values(none, none, canary=0, stable=900).any()


@pytest.mark.parametrize("dispersion", [0.0, 0.25])
@pytest.mark.parametrize("total", [20, 200])
@pytest.mark.parametrize("ceiling", [0.005, 0.05, 0.3, 0.6, 0.97])
def test_ceiling(dispersion: float, total: int, ceiling: float) -> None:
    x = every(total)
    one = np.ones_like(x)
    logs = log_ceiling_values(x, total * one, ceiling * one, dispersion=dispersion * one)
    for part in (1.0, 0.8):
        assert largest_mean(binomial(total, part * ceiling), logs) <= ROUNDING


@pytest.mark.parametrize(("stable_rate", "margin"), [(0.02, 0.05), (0.1, 0.1)])
@pytest.mark.parametrize("rate", [0.0001, 0.02, 0.1, 0.5])
@pytest.mark.parametrize("beyond", [0.0, 0.05])
def test_margin(stable_rate: float, margin: float, rate: float, beyond: float) -> None:
    """Whatever stable's rate truly is, and whether or not the guess of it was right."""
    canary, stable = 15, 30
    chances = np.outer(binomial(canary, rate + margin + beyond), binomial(stable, rate)).ravel()
    x, y = (each.ravel() for each in np.meshgrid(every(canary), every(stable), indexing="ij"))
    one = np.ones_like(x)
    logs = log_values_below_margin(
        x,
        canary * one,
        y,
        stable * one,
        stable_rate=stable_rate * one,
        margin=margin * one,
        dispersion=0 * one,
    )
    assert largest_mean(chances, logs) <= ROUNDING


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_bound(rate: float) -> None:
    x = every(200)
    one = np.ones_like(x)
    logs = log_values_below_bound(
        x, 200 * one, expected_rate=0.01 * one, bound=0.05 * one, dispersion=0 * one
    )
    assert largest_mean(binomial(200, rate), logs) <= ROUNDING


def test_a_tighter_bound_is_harder_to_prove() -> None:
    one = np.ones(2)
    values = log_values_below_bound(
        one,
        2000 * one,
        expected_rate=0.001 * one,
        bound=np.array([0.005, 0.05]),
        dispersion=0.25 * one,
    )
    assert (values[0] < values[1]).all()


@pytest.mark.parametrize("stable_rate", [1e-6, 0.001, 0.005, 0.1, 0.5])
@pytest.mark.parametrize("part", [0.0, 1 / 3, 2 / 3])
@pytest.mark.parametrize("margin", [0.001, 0.02, 0.2])
@pytest.mark.parametrize("ratio", [0.05, 1.0, 1.5, 99.0])
def test_the_projection_is_the_nearest_pair(
    stable_rate: float, part: float, margin: float, ratio: float
) -> None:
    canary_rate = stable_rate + part * margin

    def distance(q: float) -> float:
        def divergence(p: float, q: float) -> float:
            return p * log(p / q) + (1 - p) * log((1 - p) / (1 - q))

        return divergence(canary_rate, q) + ratio * divergence(stable_rate, q - margin)

    numbers = (np.array(each) for each in (canary_rate, stable_rate, margin, ratio))
    q = float(projection(*numbers))
    nearby = (margin + (q - margin) * factor for factor in (1 - 1e-3, 1 + 1e-3))
    assert distance(q) <= min(distance(each) for each in nearby)
