"""When an objective's windows fail it."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from serinus.resource.schema import Rule, Schema

WindowCount = Annotated[int, Field(ge=1, le=20)]


class FailureLimit(Schema):
    """How many of the last windows must be bad before the objective fails."""

    rules: ClassVar = (
        Rule(
            "self.failed <= self.of",
            "failed can't be more than the windows it is counted in",
            lambda limit: limit.failed <= limit.of,
        ),
    )

    failed: int = Field(3, ge=1, le=20, description="Bad windows that fail the objective.")
    of: int = Field(5, ge=1, le=20, description="Last windows looked at.")
