"""The base of every model of the resource: camelCase outside, frozen inside, nothing unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.alias_generators import to_camel


class Rule(NamedTuple):
    """What must hold between fields, said twice: to the API server and to ourselves.

    We look again because a resource may be older than the rule that it breaks.
    """

    cel: str
    message: str
    """What to tell who broke it."""
    holds: Callable[[Any], bool]
    """The same on the parsed model."""


def _write_rules(schema: dict[str, Any], model: type[Schema]) -> None:
    if model.rules:
        schema |= validations((rule.cel, rule.message) for rule in model.rules)


class Schema(BaseModel):
    """A part of the resource as people write it."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        json_schema_extra=_write_rules,
    )
    rules: ClassVar[tuple[Rule, ...]] = ()

    @model_validator(mode="after")
    def _keep_the_rules(self) -> Self:
        broken = [rule.message for rule in self.rules if not rule.holds(self)]
        if broken:
            raise ValueError("; ".join(broken))
        return self


def validations(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return CEL rules as schema extras; each pair is the rule and what to tell who broke it."""
    rules = [{"rule": rule, "message": message} for rule, message in pairs]
    return {"x-kubernetes-validations": rules}
