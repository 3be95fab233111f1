"""The base of every model of the resource: camelCase outside, frozen inside, nothing unknown."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class Schema(BaseModel):
    """A part of the resource as people write it."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


def rules(*pairs: tuple[str, str]) -> dict[str, Any]:
    """Return CEL rules as schema extras; each pair is the rule and what to tell who broke it."""
    validations = [{"rule": rule, "message": message} for rule, message in pairs]
    return {"x-kubernetes-validations": validations}


def with_rules(*pairs: tuple[str, str]) -> ConfigDict:
    """Return a model configuration that carries CEL rules."""
    return ConfigDict(**{**Schema.model_config, "json_schema_extra": rules(*pairs)})
