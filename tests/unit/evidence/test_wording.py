import pytest

from serinus.evidence.wording import count, duration, percent, plain


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.024016, "2.4 %"),
        (0.005, "0.5 %"),
        (0.12345, "12.35 %"),
        (0.000234, "0.023 %"),
        (0.000001, "under 0.001 %"),
        (0.9999, "99.99 %"),
    ],
)
def test_shares_are_told_in_percent(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.0075, "7.5 ms"), (0.25, "250 ms"), (0.9996, "1 s"), (2.5, "2.5 s")],
)
def test_durations_are_told_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_thousands_are_separated() -> None:
    assert count(25310) == "25,310"
    assert plain(12345.6) == "12,346"
    assert plain(0.123456) == "0.1235"


def test_no_number_is_too_large_to_be_told() -> None:
    assert count(1e300) == "1e+300"
    assert plain(float("inf")) == "inf"
