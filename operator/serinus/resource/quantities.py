"""Quantities as people write them ("1%", "250ms", "2h") and as numbers inside."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")

DURATION_PATTERN = r"^([0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h))+$"
"""Go's duration syntax without signs, so that CEL's duration() reads it too."""

DURATION_MAX_LENGTH = 16
"""Two parts of six digits: more hours than that and CEL's duration() overflows."""

QUANTITY_PATTERN = r"^[0-9]{1,9}(\.[0-9]{1,9})?(%|ms|s|m|h)?$"
SHARE_PATTERN = r"^(100|[0-9]{1,2}([.][0-9]+)?)%$|^(0|1|0[.][0-9]+)$"
LIMIT_PATTERN = r"^(100|[0-9]{1,2}([.][0-9]+)?)%$|^(0|0[.][0-9]+)$"
"""A share that is a limit: "1" is no way to write all of them, it is "1%" without its sign."""
PERCENTAGE_PATTERN = r"^[0-9]+([.][0-9]+)?%$"
TIME_SPAN_PATTERN = r"^[0-9]+([.][0-9]+)?(ms|s|m|h)$"
NUMBER_PATTERN = r"^[0-9]+([.][0-9]+)?$"
"""What a quantity may be, by the kind of the objective."""

MOMENT_PATTERN = (
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
"""RFC 3339; format date-time alone lets through times without a zone."""

QUANTILE_PATTERN = r"^0\.0{0,3}[1-9][0-9]{0,3}$"
RATE_PATTERN = r"^([1-9]|[1-4][0-9]|[1-4]?[0-9][.][0-9]{0,3}[1-9])%$"

EXPECTED = {
    DURATION_PATTERN: "a duration such as 15s, 5m or 1h30m",
    QUANTITY_PATTERN: "a share, a duration or a number such as 1%, 250ms or 0.2",
    MOMENT_PATTERN: "a time with its zone such as 2030-01-31T12:00:00Z",
    QUANTILE_PATTERN: "a quantile between 0 and 1 such as 0.5, 0.99 or 0.999",
    RATE_PATTERN: "a percentage below 50% such as 1% or 0.5%",
}
"""What people are told who wrote something else."""


def expected_of(pattern: str) -> str | None:
    """Return what a pattern stands for in words, by itself or before other forms."""
    forms = (words for form, words in EXPECTED.items() if f"{pattern}|".startswith(f"{form}|"))
    return next(forms, None)


def explained(pattern: str) -> str:
    """Return a pattern that says what it stands for, where the API server tells it as it is.

    A rule with a message would cost an evaluation of CEL at each write, status too. The words are
    one more alternative, which never matches: it wants the text to begin where it has ended.
    """
    words = expected_of(pattern)
    return f"{pattern}|{words}^" if words else pattern


def parse_duration(text: object) -> float:
    """Return the seconds in "1h30m", "250ms"; a number is taken as seconds already.

    Raises:
        ValueError: if the text is no duration.
    """
    if isinstance(text, int | float):
        return float(text)
    if (
        not isinstance(text, str)
        or len(text) > DURATION_MAX_LENGTH
        or not re.fullmatch(DURATION_PATTERN[1:-1], text)
    ):
        raise ValueError(f"{text!r} is no duration such as 15s, 5m or 1h30m")
    parts = _DURATION_PART.findall(text)
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Return the shortest text for a duration, exact to 1 µs: 5400.0 becomes "1h30m"."""
    micros = round(seconds * 1e6)
    if 0 < micros < 1_000_000:
        return f"{_plain(micros / 1000)}ms"
    hours, rest = divmod(micros, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    parts = ((f"{hours}", "h"), (f"{minutes}", "m"), (_plain(rest / 1e6), "s"))
    return "".join(number + unit for number, unit in parts if number != "0") or "0s"


def _plain(number: float) -> str:
    """Return a number without exponent and without zeros that say nothing."""
    return f"{number:.6f}".rstrip("0").rstrip(".")


@lru_cache(maxsize=4096)
def parse_share(text: str) -> float:
    """Return the share in "1%" (0.01) or "0.01".

    Raises:
        ValueError: if the text is no share between 0 and 1.
    """
    if not re.fullmatch(SHARE_PATTERN, text):
        raise ValueError(f"{text!r} is no share between 0% and 100%")
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def is_written_as(text: str, *patterns: str) -> bool:
    """Return whether a quantity is of one of the forms."""
    return any(re.fullmatch(pattern, text) for pattern in patterns)


def _read_duration(value: object, info: ValidationInfo) -> float:
    if info.mode == "json" and not isinstance(value, str):  # the API server takes strings only
        raise ValueError(f'{value!r} is no duration; write "{value}s" if seconds are meant')
    return parse_duration(value)


def _read_moment(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not re.fullmatch(MOMENT_PATTERN, value):
        raise ValueError(f"{value!r} is no time such as 2030-01-31T12:00:00Z")
    # Read here: after a validator in Python, strict no longer takes text for a time, JSON or not.
    return datetime.fromisoformat(value)


Duration = Annotated[
    float,
    BeforeValidator(_read_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema(
        {"type": "string", "pattern": DURATION_PATTERN, "maxLength": DURATION_MAX_LENGTH}
    ),
]
"""Seconds inside, "15s" outside."""

Quantity = Annotated[str, StringConstraints(pattern=QUANTITY_PATTERN, max_length=32)]
"""Kept as written; the objective's kind says how it is read."""

Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": MOMENT_PATTERN}),
]
"""A time with its zone."""
