import numpy as np
import pytest

from serinus.evidence.dispersion import (
    LEAST_DISPERSION,
    UNVERIFIED_DISPERSION,
    Split,
    measured_dispersion,
)
from serinus.evidence.variation import measured_dispersions, measured_variation
from serinus.evidence.wealth import Nats


def dispersion(bad_canary: Nats, canary: Nats, bad_stable: Nats, stable: Nats) -> float | None:
    """Of one split, minute by minute."""
    one = (each[None, :, None] for each in (bad_canary, canary, bad_stable, stable))
    names = ("bad_canary", "canary", "bad_stable", "stable")
    found = measured_dispersion(Split(**dict(zip(names, one, strict=True))))
    return None if found is None else float(found[0])


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
    found = dispersion(bad[0], totals[0], bad[1], totals[1])
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


def test_pods_of_a_busy_service_that_are_alike_are_taken_for_nearly_that() -> None:
    found = typical(0.0, per_minute=600_000.0)
    assert LEAST_DISPERSION <= found <= 2 * LEAST_DISPERSION


@pytest.mark.parametrize("effect", [0.1, 0.3, 0.5])
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
    found = dispersion(bad[0], totals[0], bad[1], totals[1])
    assert found is not None
    assert found <= 0.05


def test_a_quarter_of_an_hour_is_too_little() -> None:
    some = np.ones(14)
    assert dispersion(some, some * 100, some, some * 900) is None


def test_silence_tells_no_less_than_the_guess() -> None:
    none = np.zeros(240)
    assert dispersion(none, none, none, none) == UNVERIFIED_DISPERSION
    assert dispersion(none, none + 10, none, none + 90) == UNVERIFIED_DISPERSION


def test_little_traffic_is_hardly_ever_taken_for_more_than_the_guess() -> None:
    """One bad event a minute: what long blocks show by chance alone must cost no power."""
    found = [measured(0.0, per_minute=200.0, minutes=240, seed=seed) for seed in range(200)]
    assert np.mean(np.array(found) > UNVERIFIED_DISPERSION) <= 0.15


def test_it_makes_no_difference_how_often_the_same_split_is_told() -> None:
    draw = np.random.default_rng(3)
    bad, total = draw.poisson(30.0, (2, 1, 240, 1)).astype(float), np.full((2, 1, 240, 1), 6e3)
    once = Split(bad_canary=bad[0], canary=total[0], bad_stable=bad[1], stable=total[1])
    mirrored = Split(
        bad_canary=np.concatenate([bad[0], bad[1]]),
        canary=np.concatenate([total[0], total[1]]),
        bad_stable=np.concatenate([bad[1], bad[0]]),
        stable=np.concatenate([total[1], total[0]]),
    )
    one, other = measured_dispersion(once), measured_dispersion(mirrored)
    assert one is not None
    assert other is not None
    assert other == pytest.approx(one)


def of_pods(minutes: int, effect: float, seed: int) -> Split:
    """Four pods and two edges, each pod a canary in turn; its last minutes without traffic."""
    draw = np.random.default_rng(seed)
    total = np.where(np.arange(240) < minutes, 600.0, 0.0) * np.ones((4, 240))
    total = np.repeat(total[:, :, None], 2, axis=2)
    effects = draw.gamma(1 / effect**2, effect**2, (4, 240, 1))
    bad = draw.poisson(total * (0.05, 0.01) * effects).astype(float)
    return Split(
        bad_canary=bad, canary=total, bad_stable=bad.sum(0) - bad, stable=total.sum(0) - total
    )


def test_pasts_measured_together_come_to_what_each_comes_to_by_itself() -> None:
    pasts = [of_pods(240, 0.3, 1), of_pods(240, 0.8, 2), of_pods(100, 0.8, 3)]

    together = measured_dispersions(Split.stacked(pasts))

    assert together.tolist() == [measured_variation(each, 4).dispersion for each in pasts]
    assert len(set(together.tolist())) == 3
    assert together[2] == UNVERIFIED_DISPERSION  # too few of its minutes tell anything
