"""What every part of a status is made of: bounded texts, times, and room for what is newer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import (
    AwareDatetime,
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
Text = Annotated[str, StringConstraints(max_length=2048)]
Short = Annotated[str, StringConstraints(max_length=256)]


class Told(Schema):
    """A part of the status; what a newer version has added is left out, not stumbled over."""

    model_config = ConfigDict(extra="ignore")
