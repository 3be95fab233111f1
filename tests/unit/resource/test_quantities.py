"""Quantities: what people write is read exactly, what is no quantity is refused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.resource.quantities import (
    EXPECTED,
    QUANTITY_PATTERN,
    explained,
    format_duration,
    parse_duration,
    parse_share,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15s", 15.0),
        ("250ms", 0.25),
        ("1h30m", 5400.0),
        ("1.5h", 5400.0),
        ("0s", 0.0),
        ("2m0.5s", 120.5),
        (15, 15.0),
    ],
)
def test_a_duration_is_read_in_seconds(text: object, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "15", "s", "-5s", "5 s", "5d", "1e3s", "5s\n", "١s", None, ["5s"], "1234567s"]
)
def test_what_is_no_duration_is_refused_with_an_example(text: object) -> None:
    with pytest.raises(ValueError, match="no duration such as 15s"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5400.0, "1h30m"),
        (0.25, "250ms"),
        (0.0, "0s"),
        (60.0, "1m"),
        (90.5, "1m30.5s"),
        (0.0000015, "0.002ms"),
        (7_199_999_988.0, "1999999h59m48s"),
        (59.9999999, "1m"),
    ],
)
def test_a_duration_is_written_as_short_as_can_be(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=99_999 * 3600 * 1000))
def test_what_is_written_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_duration(format_duration(seconds)) == pytest.approx(seconds, abs=5e-4)


@pytest.mark.parametrize(
    ("text", "share"), [("1%", 0.01), ("0.5%", 0.005), ("100%", 1.0), ("0.02", 0.02), ("1", 1.0)]
)
def test_a_share_is_read_between_0_and_1(text: str, share: float) -> None:
    assert parse_share(text) == pytest.approx(share)


@pytest.mark.parametrize("text", ["101%", "2", "1.5", "-1%", "", "%", "nan", "1e-3", "5ms", "inf"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no share between 0% and 100%"):
        parse_share(text)


@given(st.decimals(min_value=0, max_value=100, places=3))
def test_every_percentage_up_to_100_is_a_share(percentage: object) -> None:
    text = f"{percentage:f}".removesuffix(".000")
    if text.startswith("100."):
        text = "100"
    assert 0 <= parse_share(f"{text}%") <= 1


@pytest.mark.parametrize("pattern", [*EXPECTED, f"{QUANTITY_PATTERN}|filled in"])
def test_a_pattern_that_says_what_it_stands_for_lets_nothing_else_in(pattern: str) -> None:
    told = explained(pattern)
    words = told.removeprefix(pattern)
    assert " such as " in words
    for text in (words, words.strip("|^"), f"{words}1%", "", "1%", "15s", "filled in"):
        assert bool(re.search(told, text)) is bool(re.search(pattern, text))


def test_a_pattern_without_words_stays_as_it_is() -> None:
    assert explained("^/") == "^/"
