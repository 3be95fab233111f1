import numpy as np
import pytest

from serinus.evidence.dispersion import LEAST_DISPERSION, measured_dispersion


def measured(
    effect: float, *, per_minute: float = 6000.0, minutes: int = 480, lasting: int = 1, seed: int
) -> float:
    """Of a tenth of the pods against the others, each with gamma effects of its own."""
    draw = np.random.default_rng(seed)
    totals = np.array([[0.1 * per_minute], [0.9 * per_minute]]) * np.ones(minutes)
    effects = np.ones((2, minutes))
    if effect:
        drawn = draw.gamma(1 / effect**2, effect**2, (2, minutes // lasting))
        effects = np.repeat(drawn, lasting, axis=1)
    bad = draw.poisson(totals * 0.005 * effects).astype(float)
    found = measured_dispersion(bad[0], totals[0], bad[1], totals[1])
    assert found is not None
    return found


def typical(effect: float, *, per_minute: float = 6000.0, lasting: int = 1) -> float:
    seeds = range(20)
    return float(
        np.median(
            [measured(effect, per_minute=per_minute, lasting=lasting, seed=s) for s in seeds]
        )
    )


def test_chance_alone_is_hardly_any_dispersion() -> None:
    assert typical(0.0, per_minute=60_000.0) <= 0.05


@pytest.mark.parametrize("effect", [0.3, 0.5])
def test_effects_of_each_minute_are_measured_and_seldom_underestimated(effect: float) -> None:
    """Each track's own: the difference of both has twice the variance."""
    assert effect**2 <= typical(effect, per_minute=60_000.0) <= 5 * effect**2


def test_effects_that_last_count_in_full() -> None:
    assert typical(0.3, per_minute=60_000.0, lasting=8) >= 3 * typical(0.3, per_minute=60_000.0)


def test_what_both_tracks_suffer_together_is_none() -> None:
    draw = np.random.default_rng(1)
    common = draw.gamma(1.0, 1.0, 480) * 0.005
    totals = np.array([[6000.0], [54_000.0]]) * np.ones(480)
    bad = draw.poisson(totals * common).astype(float)
    found = measured_dispersion(bad[0], totals[0], bad[1], totals[1])
    assert found is not None
    assert found <= 0.05


def test_a_quarter_of_an_hour_is_too_little_and_silence_is_the_least() -> None:
    some, none = np.ones(14), np.zeros(60)
    assert measured_dispersion(some, some * 100, some, some * 900) is None
    assert measured_dispersion(none, none, none, none) == LEAST_DISPERSION
