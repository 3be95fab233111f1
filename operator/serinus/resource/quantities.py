"""Quantities as people write them ("1%", "250ms", "2h") and as numbers inside."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)")

DURATION_PATTERN = r"^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$"
"""Go's duration syntax without signs, so that CEL's duration() reads it too."""

QUANTITY_PATTERN = r"^[0-9]+(\.[0-9]+)?(%|ms|s|m|h)?$"


def parse_duration(text: object) -> float:
    """Return the seconds in "1h30m", "250ms"; a number is taken as seconds already.

    Raises:
        ValueError: if the text is no duration.
    """
    if isinstance(text, int | float):
        return float(text)
    if not isinstance(text, str) or not re.fullmatch(DURATION_PATTERN[1:-1], text):
        raise ValueError(f"{text!r} is no duration such as 15s, 5m or 1h30m")
    parts = _DURATION_PART.findall(text)
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)


def format_duration(seconds: float) -> str:
    """Return the shortest exact text for a duration: 5400.0 becomes "1h30m"."""
    if seconds < 1 and seconds:
        return f"{seconds * 1000:g}ms"
    text, rest = "", seconds
    for unit, size in (("h", 3600), ("m", 60)):
        count, rest = divmod(rest, size)
        text += f"{count:g}{unit}" if count else ""
    return text + (f"{round(rest, 3):g}s" if rest or not text else "")


def parse_share(text: str) -> float:
    """Return the share in "1%" (0.01) or "0.01".

    Raises:
        ValueError: if the text is no share between 0 and 1.
    """
    number = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0 <= number <= 1:
        raise ValueError(f"{text!r} is no share between 0% and 100%")
    return number


Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "maxLength": 32}),
]
"""Seconds inside, "15s" outside."""

Quantity = Annotated[
    str,
    WithJsonSchema({"type": "string", "pattern": QUANTITY_PATTERN, "maxLength": 32}),
]
"""Kept as written; the objective's kind says how it is read."""
