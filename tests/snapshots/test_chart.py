"""The chart renders what the golden files show; `make manifests` renews them for review."""

import pytest

from tests.chart.cases import CASES, GOLDEN, rendered


@pytest.mark.parametrize("name", CASES)
def test_the_chart_renders_as_before(name: str) -> None:
    assert rendered(name) == (GOLDEN / f"{name}.yaml").read_text()


def test_rendering_twice_gives_the_same() -> None:
    """So that GitOps sees no difference where there is none."""
    assert rendered("everything") == rendered("everything")


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.yaml")} == set(CASES)
