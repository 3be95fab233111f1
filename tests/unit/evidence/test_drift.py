import numpy as np
import pytest

from serinus.evidence.counts import Counts
from serinus.evidence.drift import SHIFTS, log_drift_values
from serinus.evidence.drift_bets import DriftBets
from serinus.evidence.noninferiority import projection
from serinus.evidence.stakes import begun, counted, evidence_against, evidence_within
from serinus.evidence.wealth import Nats

KNOWN = np.array([0.9, 0.7, 0.3, 0.1])
"""Shares beyond four edges: of bins of 10, 20, 40, 20 and 10 %."""
SHARES = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
TOLERATED = 0.05


def beyond(values: Nats) -> Nats:
    """Values by bin as events beyond each edge."""
    return np.cumsum(values[..., ::-1], axis=-1)[..., ::-1][..., 1:]


def drawn(shares: Nats, total: int, runs: int, seed: int) -> Nats:
    return np.random.default_rng(seed).multinomial(total, shares, runs).astype(float)


def log_values(canary: Nats, stable: Nats, dispersion: float = 0.0) -> Nats:
    """Of values by bin: (runs, bins)."""
    runs = len(canary)
    return log_drift_values(
        beyond(canary),
        canary.sum(axis=1),
        beyond(stable),
        stable.sum(axis=1),
        known=np.tile(KNOWN, (runs, 1)),
        tolerated=np.full(runs, TOLERATED),
        dispersion=np.full(runs, dispersion),
    )


def means(canary: Nats, stable: Nats, runs: int = 4000) -> Nats:
    """The mean of each e-value in small blocks, where its distribution is simulated well."""
    logs = log_values(drawn(canary, 40, runs, 1), drawn(stable, 60, runs, 2))
    found: Nats = np.mean(np.exp(logs), axis=0)
    return found


def test_no_shift_and_a_tolerated_one_tell_nothing() -> None:
    tolerated = np.array([0.1, 0.2, 0.35, 0.2, 0.15])
    for canary in (SHARES, tolerated):
        assert means(canary, SHARES).max() <= 1.1


def test_a_shift_tells_and_of_which_direction_it_is() -> None:
    canary = np.array([[80.0, 190.0, 400.0, 210.0, 120.0]]) * 10
    stable = SHARES[None] * 20_000
    up = np.array([[0.0, 50.0, 300.0, 350.0, 300.0]]) * 10
    assert log_values(canary, stable).max() < 1
    values = log_values(up, stable)
    assert values[0, :, 0].max() > 100
    assert values[0, :, 1].max() < 0


def test_values_that_have_something_in_common_tell_less() -> None:
    stable = SHARES[None] * 20_000
    up = np.array([[0.0, 50.0, 300.0, 350.0, 300.0]]) * 10
    assert 0 < log_values(up, stable, 0.25).max() < log_values(up, stable).max() / 10


def test_without_events_nothing_is_told() -> None:
    some, none = SHARES[None] * 100, np.zeros((1, 5))
    assert not log_values(none, some).any()
    assert not log_values(some, none).any()


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_nearest_tolerated_pair_lies_on_the_edge_of_what_is_tolerated(rate: float) -> None:
    shifted = rate + SHIFTS * 0.05
    null = projection(shifted, np.array(rate), np.array(0.05), np.array(1.5))
    assert (null < shifted).all()
    assert (null - 0.05 > rate).all()


def evidence(
    canary: Nats, runs: int, minutes: int, restless: float = 0.0, tolerated: float = 0.1
) -> Nats:
    """The largest evidence of each of some rollouts, whose minutes have effects of their own."""
    draw = np.random.default_rng(3)
    bets = DriftBets(events=4, tolerated=np.full(runs, tolerated), dispersion=np.full(runs, 0.25))
    stakes, largest = begun(bets, runs, 4), np.full(runs, -np.inf)
    for minute in range(minutes):
        own, stables = (_restless(draw, each, restless, runs) for each in (canary, SHARES))
        of_canary, of_stable = draw.multinomial(50, own), draw.multinomial(450, stables)
        block = Counts(
            bad_canary=beyond(of_canary.astype(float)),
            canary=np.full(runs, 50.0),
            bad_stable=beyond(of_stable.astype(float)),
            stable=np.full(runs, 450.0),
        )
        begins = np.full(runs, minute > 0)
        stakes = counted(bets, stakes, block, begins, np.zeros(runs, dtype=bool))
        largest = np.maximum(largest, evidence_against(bets, stakes))
    assert not evidence_within(bets, stakes).any()
    return largest


def _restless(draw: np.random.Generator, shares: Nats, restless: float, runs: int) -> Nats:
    if not restless:
        return np.tile(shares, (runs, 1))
    return draw.dirichlet(shares / restless, runs)


THRESHOLD = np.log(200.0)


@pytest.mark.parametrize("restless", [0.0, 0.02], ids=["calm", "minutes of their own"])
def test_predictions_like_stables_are_next_to_never_called_bad(restless: float) -> None:
    assert np.mean(evidence(SHARES, 400, 120, restless) >= THRESHOLD) <= 0.005


def test_predictions_moved_by_all_that_is_tolerated_are_next_to_never_called_bad() -> None:
    moved = np.array([0.0, 0.2, 0.4, 0.2, 0.2])
    assert np.mean(evidence(moved, 400, 120) >= THRESHOLD) <= 0.005


def test_predictions_moved_by_far_more_are_called_bad_within_the_hour() -> None:
    moved = np.array([0.0, 0.05, 0.3, 0.3, 0.35])
    assert np.mean(evidence(moved, 100, 60) >= THRESHOLD) >= 0.95
