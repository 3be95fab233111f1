"""What a limit on a distance of distributions says of any one share, held against scipy."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy

from serinus.evidence.drift_bets import DriftBets
from serinus.evidence.drift_shares import share_within
from serinus.evidence.terms import bets_on
from serinus.resource.objective import Objective, Preset
from serinus.resource.objective_kinds import Against, Drifting, Statistic
from tests.unit.evidence.test_drift import SHARES, THRESHOLD, evidence

OF_SHARES = [each for each in Statistic if each is not Statistic.WASSERSTEIN]


def distance(statistic: Statistic, p: np.ndarray, q: np.ndarray) -> float:
    """Of distributions as they are, without samples and their noise."""
    match statistic:
        case Statistic.PSI:
            return float(entropy(p, q) + entropy(q, p))
        case Statistic.JENSEN_SHANNON:
            return float(jensenshannon(p, q, base=2))
        case Statistic.TOTAL_VARIATION:
            return float(np.abs(p - q).sum() / 2)
        case _:
            return max(float(np.abs(np.cumsum(p - q)).max()), float(np.abs(p - q).max()))


@given(st.sampled_from(OF_SHARES), st.data())
def test_no_share_differs_by_more_than_the_distance_allows(
    statistic: Statistic, data: st.DataObject
) -> None:
    size = data.draw(st.integers(2, 8))
    counts = st.lists(st.integers(0, 1000), min_size=size, max_size=size).filter(any)
    p, q = (np.array(data.draw(counts), dtype=float) for _ in range(2))
    p, q = p / p.sum(), q / q.sum()
    limit = distance(statistic, p, q)
    assume(np.isfinite(limit))
    events = [*np.abs(p - q), *np.abs(np.cumsum(p - q))]
    assert max(events) <= share_within(statistic, limit) + 1e-9


@pytest.mark.parametrize("difference", [0.01, 0.1, 0.4, 0.9])
@pytest.mark.parametrize("statistic", OF_SHARES)
def test_and_some_share_may_differ_by_as_much(statistic: Statistic, difference: float) -> None:
    p = np.array([1 + difference, 1 - difference]) / 2
    within = share_within(statistic, distance(statistic, p, p[::-1]))
    assert within == pytest.approx(difference, abs=1e-9)


def test_limits_in_use_as_limits_on_a_share() -> None:
    assert share_within(Statistic.PSI, 0.2) == pytest.approx(0.22, abs=0.005)
    assert share_within(Statistic.JENSEN_SHANNON, 0.1) == pytest.approx(0.118, abs=0.001)
    assert share_within(Statistic.KOLMOGOROV_SMIRNOV, 0.1) == 0.1
    assert share_within(Statistic.TOTAL_VARIATION, 0.1) == 0.1


def test_any_share_may_move_by_little_enough() -> None:
    with pytest.raises(ValueError, match="none on shares"):
        share_within(Statistic.WASSERSTEIN, 0.1)


@pytest.mark.parametrize("statistic", OF_SHARES)
def test_predictions_are_bet_on_by_what_the_limit_allows_of_a_share(statistic: Statistic) -> None:
    objective = Objective(
        preset=Preset.DRIFT,
        of=Drifting.PREDICTIONS,
        against=Against.STABLE,
        statistic=statistic,
        limit="0.3",
    )
    bets = bets_on(objective, (), bins=("1", "2", "+Inf"))
    assert isinstance(bets, DriftBets)
    assert bets.tolerated == [share_within(statistic, 0.3)]


FAR = np.array([0.0, 0.05, 0.3, 0.3, 0.35])
NEAR = np.array([0.02, 0.12, 0.4, 0.2, 0.26])


@pytest.mark.parametrize("statistic", OF_SHARES)
def test_predictions_within_the_limit_are_next_to_never_called_bad_and_far_ones_soon(
    statistic: Statistic,
) -> None:
    within = share_within(statistic, distance(statistic, NEAR, SHARES))
    assert np.mean(evidence(NEAR, 400, 120, tolerated=within) >= THRESHOLD) <= 0.005
    strict = share_within(statistic, 0.05)
    assert np.mean(evidence(FAR, 100, 60, tolerated=strict) >= THRESHOLD) >= 0.95
