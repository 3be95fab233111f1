import numpy as np
import pytest

from serinus.evidence.drift import SHIFTS, log_drift_values
from serinus.evidence.noninferiority import projection
from serinus.evidence.wealth import Nats

KNOWN = np.array([[0.1, 0.2, 0.4, 0.2, 0.1]])


def drawn(shares: Nats, total: int, runs: int, seed: int) -> Nats:
    return np.random.default_rng(seed).multinomial(total, shares, runs).astype(float)


def means(canary: Nats, stable: Nats, runs: int = 4000) -> Nats:
    """The mean of each e-value in small blocks, where its distribution is simulated well."""
    logs = log_drift_values(
        drawn(canary, 40, runs, 1), drawn(stable, 60, runs, 2), np.repeat(KNOWN, runs, axis=0)
    )
    found: Nats = np.mean(np.exp(logs), axis=0)
    return found


def test_no_shift_and_a_tolerated_one_tell_nothing() -> None:
    tolerated = np.array([0.1, 0.2, 0.35, 0.2, 0.15])
    for canary in (KNOWN[0], tolerated):
        assert means(canary, KNOWN[0]).max() <= 1.1


def test_a_shift_tells_and_of_which_direction_it_is() -> None:
    canary = np.array([[80.0, 190.0, 400.0, 210.0, 120.0]]) * 10
    stable = KNOWN * 20_000
    up = np.array([[0.0, 50.0, 300.0, 350.0, 300.0]]) * 10
    assert log_drift_values(canary, stable, KNOWN).max() < 1
    values = log_drift_values(up, stable, KNOWN)
    assert values[0, :, 1].max() > 100
    assert values[0, :, 0].max() < 0


def test_without_events_nothing_is_told() -> None:
    none = np.zeros_like(KNOWN)
    assert not log_drift_values(none, KNOWN * 100, KNOWN).any()
    assert not log_drift_values(KNOWN * 100, none, KNOWN).any()


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_the_nearest_tolerated_pair_lies_on_the_edge_of_what_is_tolerated(rate: float) -> None:
    shifted = rate + SHIFTS * 0.05
    null = projection(shifted, np.array(rate), np.array(0.05), np.array(1.5))
    assert (null < shifted).all()
    assert (null - 0.05 > rate).all()
