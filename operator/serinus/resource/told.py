"""What every part of a status is made of: bounded texts, times, and room for what is newer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from serinus.resource.schema import Schema


def format_time(moment: datetime) -> str:
    """Return RFC 3339 in UTC with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


Time = Annotated[
    AwareDatetime,
    PlainSerializer(format_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
LONGEST_TEXT, LONGEST_SHORT = 2048, 256
"""Characters."""


def _within(longest: int) -> BeforeValidator:
    """Cut what others have named or said, however long: a look must not fail on what it tells."""

    def cut(value: object) -> object:
        is_longer = isinstance(value, str) and len(value) > longest
        return f"{str(value)[: longest - 1]}…" if is_longer else value

    return BeforeValidator(cut)


Text = Annotated[str, _within(LONGEST_TEXT), StringConstraints(max_length=LONGEST_TEXT)]
Short = Annotated[str, _within(LONGEST_SHORT), StringConstraints(max_length=LONGEST_SHORT)]


class Told(Schema):
    """A part of the status; what a newer version has added is left out, not stumbled over."""

    model_config = ConfigDict(extra="ignore")
