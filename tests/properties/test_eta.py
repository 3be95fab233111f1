"""The time that is told beforehand is the time that it takes."""

from math import log

import pytest

from serinus.evidence.dispersion import LEAST_DISPERSION
from serinus.evidence.eta import Course, eta_seconds
from tests.properties.traffic import Traffic, median_minutes, share_bets, told

RUNS = 200


@pytest.mark.parametrize(
    ("per_second", "weight", "base", "excess", "dispersion"),
    [
        (10, 0.1, 0.005, 0.1, 0.25),
        (10, 0.5, 0.005, 0.02, 0.25),
        (100, 0.1, 0.001, 0.005, 0.25),
        (100, 0.5, 0.005, 0.01, 0.25),
        (1000, 0.1, 0.005, 0.005, 0.25),
        (100, 0.1, 0.005, 0.02, 0.02),
        (100, 0.1, 0.005, 0.005, 0.02),
        (1000, 0.01, 0.005, 0.01, 0.02),
        (1000, 0.1, 0.02, 0.005, LEAST_DISPERSION),
        (100, 0.25, 0.005, 0.005, LEAST_DISPERSION),
    ],
)
def test_the_expected_time_is_near_the_median(
    per_second: float, weight: float, base: float, excess: float, dispersion: float
) -> None:
    course = Course(
        per_second=per_second,
        weight=weight,
        base=base,
        excess=excess,
        margin=0.005,
        log_threshold=log(200),
        dispersion=dispersion,
    )
    expected = eta_seconds(course)
    assert expected is not None
    traffic = Traffic(base + excess, base, per_second, weight)
    seen = told(share_bets(RUNS, dispersion=dispersion), traffic, RUNS, 160)
    median = median_minutes(seen.against, log(200))
    assert expected / 60 == pytest.approx(median, rel=0.3)


def test_what_is_tolerated_never_shows() -> None:
    within = Course(
        per_second=100, weight=0.1, base=0.01, excess=0.001, margin=0.01, log_threshold=log(200)
    )
    assert eta_seconds(within) is None
