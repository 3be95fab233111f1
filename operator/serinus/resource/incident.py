"""Incidents: times of a model's past that say nothing of how it behaves by itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from hashlib import sha256
from typing import Annotated, ClassVar

from pydantic import Field

from serinus.resource.quantities import Moment
from serinus.resource.schema import Rule, Schema


class Incident(Schema):
    """A time that is cut out of what a calibration looks back on."""

    rules: ClassVar = (
        Rule(
            "self.until > self.from",
            "an incident ends after it begins: until is later than from",
            lambda incident: incident.until > incident.since,
        ),
    )

    since: Moment = Field(alias="from", description="When it began.")
    until: Moment = Field(description="When it was over.")

    @property
    def unix_seconds(self) -> tuple[float, float]:
        """When it began, and when it was over."""
        return self.since.timestamp(), self.until.timestamp()

    def __str__(self) -> str:
        """Return it as `serinus replay aa --without` takes it."""
        since, until = (each.astimezone(UTC) for each in (self.since, self.until))
        return f"{since:%Y-%m-%dT%H:%M:%SZ}/{until:%Y-%m-%dT%H:%M:%SZ}"


class CalibrationTerms(Schema):
    """What a calibration looks back on."""

    without: Annotated[tuple[Incident, ...], Field(max_length=20)] = Field(
        (),
        description="Incidents: times that say nothing of how the model behaves by itself, such "
        "as an outage of a dependency. They are cut out of the past on which the policy is "
        "replayed.",
    )


def incidents_digest(incidents: Iterable[Incident]) -> str:
    """Return what a calibration that was made without these is known by, "" for none."""
    listed = "\n".join(sorted({str(each) for each in incidents}))
    return sha256(listed.encode()).hexdigest()[:12] if listed else ""
