import numpy as np
import pytest

from serinus.evidence.margins import floor_of, multiple_for, tolerated_ratio, widened


@pytest.mark.parametrize(
    ("next_weight", "multiple"), [(1, 20), (5, 20), (10, 10), (25, 4), (50, 2), (51, 1), (100, 1)]
)
def test_every_step_risks_as_many_requests(next_weight: float, multiple: int) -> None:
    assert multiple_for(next_weight) == multiple


def test_multiples_of_a_margin_end_at_twenty_points() -> None:
    found = widened(np.array([0.005, 0.05, 0.4]))
    assert found[0] == pytest.approx([0.005, 0.01, 0.02, 0.05, 0.1])
    assert found[1] == pytest.approx([0.05, 0.1, 0.2, 0.2, 0.2])
    assert found[2] == pytest.approx([0.4] * 5)


def test_a_canary_within_the_tolerance_is_below_the_ratio_or_below_the_floor() -> None:
    margin, tolerance = np.array(0.01), np.array(0.0025)
    floor = floor_of(margin, tolerance)
    for stable in np.linspace(0, 0.1, 101):
        canary = stable + tolerance
        ratio = tolerated_ratio(margin, tolerance, np.array(stable))
        assert canary <= ratio * stable + 1e-12 or canary <= floor + 1e-12
