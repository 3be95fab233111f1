"""Distances of histograms: those of scipy, zero without a difference, and honest about noise."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2, ks_2samp, kstwobign, wasserstein_distance

from serinus.evidence import distances
from serinus.evidence.drift_noise import Compared
from serinus.resource.objective_kinds import Statistic

MANY = 1e7
"""Of so many, corrections for noise are out of sight."""
SEEN = np.array([0.1, 0.3, 0.4, 0.2]) * MANY
EVEN = np.array([0.25, 0.25, 0.25, 0.25]) * MANY
AT = np.array([1.0, 2.0, 4.0, 8.0])

Histograms = st.lists(st.integers(0, 1000), min_size=2, max_size=12).filter(any)


def test_the_numbers_are_those_that_are_known() -> None:
    assert distances.population_stability_index(SEEN, EVEN) == pytest.approx(0.22822, abs=1e-4)
    assert distances.kolmogorov_smirnov(SEEN, EVEN) == pytest.approx(0.15, abs=1e-4)
    assert distances.total_variation(SEEN, EVEN) == pytest.approx(0.2, abs=1e-3)


def test_jensen_shannon_is_scipys() -> None:
    own = distances.jensen_shannon_distance(SEEN, EVEN)
    assert own == pytest.approx(jensenshannon(SEEN, EVEN, base=2), abs=1e-4)


def test_wasserstein_is_scipys_in_deviations_of_what_is_compared_with() -> None:
    q = EVEN / EVEN.sum()
    deviation = np.sqrt(q @ AT**2 - (q @ AT) ** 2)
    own = distances.wasserstein_distance(SEEN, EVEN, AT)
    assert own == pytest.approx(wasserstein_distance(AT, AT, SEEN, EVEN) / deviation, abs=1e-4)


def test_kolmogorov_smirnov_is_scipys_less_the_second_moment_of_kolmogorovs_law() -> None:
    chance = np.random.default_rng(11)
    seen, known = chance.normal(0.3, 1, 400), chance.normal(0, 1, 900)
    edges = np.unique(np.concatenate([seen, known]))  # a bin for each value, as scipy has it
    bins = [
        np.array([np.count_nonzero(each == edge) for edge in edges], dtype=float)
        for each in (seen, known)
    ]
    noise = kstwobign.moment(2) * (1 / 400 + 1 / 900)
    whole = ks_2samp(seen, known).statistic
    own = distances.kolmogorov_smirnov(bins[0], bins[1])
    assert own == pytest.approx(np.sqrt(whole**2 - noise))


@pytest.mark.parametrize("bins", [2, 4, 10])
def test_what_noise_adds_to_a_square_of_absolute_sums_is_what_samples_show(bins: int) -> None:
    chance = np.random.default_rng(5)
    shares = chance.dirichlet(np.ones(bins))
    samples = chance.multinomial(4000, shares, size=(8000, 2)) / 4000
    apart = samples[:, 0] - samples[:, 1]
    covariance = np.diag(shares) - np.outer(shares, shares)
    expected = np.sum(distances._mean_products(covariance)) * (2 / 4000)
    assert expected == pytest.approx(np.mean(np.sum(np.abs(apart), axis=1) ** 2), rel=0.05)


CORRECTED = (
    Statistic.KOLMOGOROV_SMIRNOV,
    Statistic.WASSERSTEIN,
    Statistic.TOTAL_VARIATION,
)


@pytest.mark.parametrize("statistic", CORRECTED)
@pytest.mark.parametrize("is_ordered", [True, False])
@pytest.mark.parametrize("shares", [[0.5, 0.5], [0.1] * 10, [0.5, 0.3, 0.15, 0.05], [0.99, 0.01]])
def test_without_drift_most_of_the_distance_that_noise_makes_is_taken_off(
    statistic: Statistic, shares: list[float], *, is_ordered: bool
) -> None:
    chance = np.random.default_rng(9)
    positions = np.arange(len(shares), dtype=float) if is_ordered else None
    pairs = chance.multinomial(2000, shares, size=(500, 2)).astype(float)
    found = [Compared(seen=a, known=b, positions=positions).distance(statistic) for a, b in pairs]
    plain = [_plain(a, b, statistic, positions) for a, b in pairs]
    assert all(own <= raw for own, raw in zip(found, plain, strict=True)), "no new false alarms"
    assert np.mean(found) < 0.6 * np.mean(plain)


def _plain(
    seen: np.ndarray, known: np.ndarray, statistic: Statistic, positions: np.ndarray | None
) -> float:
    """As it would be of samples without end."""
    p, q = seen / np.sum(seen), known / np.sum(known)
    is_largest = statistic is Statistic.KOLMOGOROV_SMIRNOV
    if positions is None or statistic is Statistic.TOTAL_VARIATION:
        return float(np.max(np.abs(p - q)) if is_largest else np.sum(np.abs(p - q)) / 2)
    if is_largest:
        return float(np.max(np.abs(np.cumsum(p - q))))
    deviation = np.sqrt(q @ positions**2 - (q @ positions) ** 2)
    moved = wasserstein_distance(positions, positions, p, q)
    return float(moved / deviation if deviation else moved > 0)


@pytest.mark.parametrize("statistic", list(Statistic))
def test_a_real_drift_is_told_at_nearly_its_size_with_the_sample_that_is_asked_for(
    statistic: Statistic,
) -> None:
    """What is taken off for noise must not hide a drift at the limit's size."""
    shares, moved = np.array([0.1] * 10), np.array([0.05] * 5 + [0.15] * 5)
    positions, known = np.arange(10, dtype=float), shares * 1e6
    size = Compared(seen=moved * 1e7, known=shares * 1e7, positions=positions).distance(statistic)
    some = Compared(seen=known, known=known, positions=positions)
    needed = int(some.needed(statistic, size, tests=1))
    samples = np.random.default_rng(4).multinomial(needed, moved, size=300).astype(float)
    found = [
        Compared(seen=each, known=known, positions=positions).distance(statistic)
        for each in samples
    ]
    assert np.mean(found) == pytest.approx(size, rel=0.1)


@pytest.mark.parametrize("is_ordered", [True, False])
@pytest.mark.parametrize("statistic", list(Statistic))
def test_a_canary_like_stable_is_within_the_limit_once_both_have_seen_enough(
    statistic: Statistic, *, is_ordered: bool
) -> None:
    """Both are samples, here of one share in ten: no baseline without noise is between them."""
    shares = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05])
    positions = np.arange(7, dtype=float) if is_ordered else None
    chance, canary, limit = np.random.default_rng(8), 50, 0.1

    def compared(size: int) -> Compared:
        seen, known = (chance.multinomial(each, shares).astype(float) for each in (size, 9 * size))
        return Compared(seen=seen, known=known, positions=positions)

    while not compared(canary).has_enough(statistic, limit, tests=1):
        canary = canary * 5 // 4
    beyond = [compared(canary).distance(statistic) > limit for _ in range(1000)]
    assert np.mean(beyond) <= 0.01


@pytest.mark.parametrize("degrees", [3, 9, 19])
@pytest.mark.parametrize("probability", [0.5, 0.99, 0.9999])
def test_the_chi_squared_quantile_is_scipys_within_four_percent(
    degrees: int, probability: float
) -> None:
    own = distances.chi_squared_quantile(probability, degrees)
    assert own == pytest.approx(chi2.ppf(probability, degrees), rel=0.04)


@given(Histograms)
def test_what_did_not_change_is_not_apart(counts: list[int]) -> None:
    same = np.array(counts, dtype=float)
    compared = Compared(seen=same, known=same, positions=np.arange(len(same), dtype=float))
    assert all(compared.distance(each) == 0 for each in Statistic)


@given(st.data())
def test_distances_are_never_negative_and_shares_never_above_one(data: st.DataObject) -> None:
    counts = data.draw(Histograms)
    other = data.draw(
        st.lists(st.integers(0, 1000), min_size=len(counts), max_size=len(counts)).filter(any)
    )
    compared = Compared(seen=np.array(counts, dtype=float), known=np.array(other, dtype=float))
    assert all(compared.distance(each) >= 0 for each in Statistic)
    assert compared.distance(Statistic.KOLMOGOROV_SMIRNOV) <= 1 + 1e-9
    assert compared.distance(Statistic.JENSEN_SHANNON) <= 1 + 1e-9
    assert compared.distance(Statistic.TOTAL_VARIATION) <= 1 + 1e-9


@pytest.mark.parametrize("statistic", list(Statistic))
@pytest.mark.parametrize("shares", [[0.1] * 10, [0.5, 0.3, 0.15, 0.05]])
def test_with_the_sample_that_is_asked_for_nothing_drifts_by_chance(
    statistic: Statistic, shares: list[float]
) -> None:
    """Of 1,000 samples without drift at the least size, one may pass for drifted."""
    limit, known = 0.2, np.array(shares) * 20_000
    positions = np.arange(len(shares), dtype=float)
    some = Compared(seen=known, known=known, positions=positions)
    needed = int(some.needed(statistic, limit, tests=1))
    samples = np.random.default_rng(7).multinomial(needed, shares, size=1000).astype(float)
    found = [Compared(seen=each, known=known, positions=positions) for each in samples]
    assert all(each.has_enough(statistic, limit, tests=1) for each in found)
    assert sum(each.distance(statistic) > limit for each in found) <= 1


@pytest.mark.parametrize("statistic", list(Statistic))
def test_more_tests_and_a_lower_limit_ask_for_more(statistic: Statistic) -> None:
    some = Compared(seen=EVEN, known=EVEN, positions=AT)
    needed = some.needed(statistic, 0.2, tests=1)
    assert some.needed(statistic, 0.2, tests=30) > needed
    assert some.needed(statistic, 0.1, tests=1) > needed


def test_a_baseline_of_few_rows_can_tell_no_small_drift_ever() -> None:
    few: Any = np.array([5.0, 5.0])
    assert Compared(seen=EVEN[:2], known=few).needed(Statistic.PSI, 0.1, tests=1) == float("inf")


def test_psi_without_drift_is_zero_on_average_not_by_its_bias() -> None:
    """Ten bins and 100 samples a side put the plain PSI beyond 0.1 in 85 % of healthy cases."""
    rng, shares = np.random.default_rng(3), [0.1] * 10
    pairs = rng.multinomial(100, shares, size=(500, 2)).astype(float)
    found = [distances.population_stability_index(a, b) for a, b in pairs]
    assert np.mean([each > 0.1 for each in found]) < 0.2
