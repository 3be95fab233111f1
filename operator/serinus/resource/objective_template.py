"""Objectives that teams share: written once, with arguments, and filled in for each model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints
from pydantic.alias_generators import to_snake

from serinus.resource.objective import Objective, WorseThanStable
from serinus.resource.objective_rules import DISTINCT_NAMES, QUANTITY_RULES, SHAPE_RULES
from serinus.resource.quantities import QUANTILE_PATTERN, QUANTITY_PATTERN
from serinus.resource.schema import Rule, Schema

MOST_OBJECTIVES = 20
"""In one template, and in force for one model: their evidence shares one ConfigMap."""

PLACEHOLDER = re.compile(r"\$\(args\.([^)]*)\)")
_FILLED_IN = r"\$\(args\."


class TemplateKind(StrEnum):
    """Where a template is: beside the model, or one for the whole cluster."""

    NAMESPACED = "ObjectiveTemplate"
    CLUSTER = "ClusterObjectiveTemplate"


ArgumentName = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-zA-Z]([-_a-zA-Z0-9]*[a-zA-Z0-9])?$", min_length=1, max_length=40
    ),
]
ArgumentText = Annotated[str, StringConstraints(max_length=512)]
TemplateName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", min_length=1, max_length=253),
]


def _args_are_distinct(holder: Any) -> bool:
    names = [argument.name for argument in holder.args]
    return len(set(names)) == len(names)


DISTINCT_ARGS = Rule(
    "!has(self.args) || self.args.all(a, self.args.exists_one(b, b.name == a.name))",
    "two arguments have the same name",
    _args_are_distinct,
)


class ArgumentValue(Schema):
    """What a model says for one argument of a template."""

    name: ArgumentName = Field(description="Name of the template's argument.")
    value: ArgumentText = Field(description="What takes the place of $(args.NAME).")


class TemplateReference(Schema):
    """A template whose objectives hold for the model as well."""

    rules: ClassVar = (DISTINCT_ARGS,)

    kind: TemplateKind = Field(
        TemplateKind.NAMESPACED,
        description="ObjectiveTemplate of the model's namespace, or ClusterObjectiveTemplate.",
    )
    name: TemplateName = Field(description="Name of the template.")
    args: Annotated[tuple[ArgumentValue, ...], Field(max_length=16)] = Field(
        (), description="Values of its arguments; those left out have the template's defaults."
    )

    def __str__(self) -> str:
        """Say it as a person would."""
        return f"{self.kind} {self.name!r}"


class Argument(Schema):
    """Something that each model may say for itself."""

    name: ArgumentName = Field(description="Put $(args.NAME) where its value belongs.")
    value: ArgumentText | None = Field(
        None, description="The default; without one every model has to give a value."
    )
    description: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="What it means, for those who refer to the template."
    )


FilledQuantity = Annotated[
    str, StringConstraints(pattern=f"{QUANTITY_PATTERN}|{_FILLED_IN}", max_length=128)
]


class TemplateMargin(WorseThanStable):
    """How much worse than stable, at the same time, the canary may be."""

    by: FilledQuantity = Field(
        description="Largest difference allowed, as in a model; may hold $(args.NAME)."
    )
    pass_by: FilledQuantity | None = Field(
        None, description="Largest difference to pass with, as in a model."
    )


_MATCHED = re.compile(r"self\.([\w.]+)\.matches")


def _text(objective: Any, path: str) -> str:
    """Return a field by its path in CEL, "" where it is not there."""
    found: Any = objective
    for name in path.split("."):
        found = getattr(found, to_snake(name), None)
    return found or ""


def _once_filled_in(rule: Rule) -> Rule:
    """What arguments make of a quantity is checked for each model that refers to it."""
    paths = tuple(dict.fromkeys(_MATCHED.findall(rule.cel)))
    cel = rule.cel
    for path in paths:
        parts = path.split(".")
        above = [".".join(["self", *parts[: n + 1]]) for n in range(len(parts))]
        is_there = " && ".join(f"has({each})" for each in above)
        cel = f"({is_there} && self.{path}.contains('$(args.')) || ({cel})"
    return Rule(
        cel,
        rule.message,
        lambda o: any("$(args." in _text(o, path) for path in paths) or rule.holds(o),
    )


class TemplateObjective(Objective):
    """An objective whose texts may hold $(args.NAME)."""

    rules: ClassVar = (*SHAPE_RULES, *(_once_filled_in(rule) for rule in QUANTITY_RULES))

    name: (
        Annotated[
            str,
            StringConstraints(
                pattern=f"^[a-z]([-a-z0-9]*[a-z0-9])?$|{_FILLED_IN}", min_length=1, max_length=128
            ),
        ]
        | None
    ) = Field(None, description="Name in verdicts; the preset's by default.")
    quantile: (
        Annotated[
            str,
            StringConstraints(pattern=f"{QUANTILE_PATTERN}|{_FILLED_IN}", max_length=128),
        ]
        | None
    ) = Field(None, description='Latency only: the quantile judged, "0.99" by default.')
    limit: FilledQuantity | None = Field(
        None, description="The worst the canary may be, whatever stable does."
    )
    pass_limit: FilledQuantity | None = Field(
        None, description="The worst the canary may be to pass, as in a model."
    )
    worse_than_stable: TemplateMargin | None = Field(
        None, description="The worst the canary may be compared with stable at the same time."
    )
    margin: FilledQuantity | None = Field(
        None, description="The smallest regression that must not get through, as in a model."
    )
    tolerance: FilledQuantity | None = Field(
        None, description="A difference that is no reason to roll back, as in a model."
    )


class ObjectiveTemplateSpec(Schema):
    """What an ObjectiveTemplate or ClusterObjectiveTemplate holds."""

    rules: ClassVar = (DISTINCT_ARGS, DISTINCT_NAMES)

    description: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="What the objectives are for, in a line."
    )
    args: Annotated[tuple[Argument, ...], Field(max_length=16)] = Field(
        (), description="What each model that refers to the template may say for itself."
    )
    objectives: Annotated[
        tuple[TemplateObjective, ...], Field(min_length=1, max_length=MOST_OBJECTIVES)
    ] = Field(description="What must hold; every text may hold $(args.NAME).")


def filled_in(value: Any, args: Mapping[str, str]) -> Any:
    """Return a copy in which $(args.NAME) is replaced in every text.

    Raises:
        LookupError: with the name of an argument that has no value.
    """
    if isinstance(value, str):
        return PLACEHOLDER.sub(lambda found: args[found[1]], value)
    if isinstance(value, Mapping):
        return {key: filled_in(each, args) for key, each in value.items()}
    return [filled_in(each, args) for each in value] if isinstance(value, list) else value


def named_arguments(value: Any) -> Iterator[str]:
    """Yield the name of every argument that a part of a template asks for."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from named_arguments(each)
    elif isinstance(value, list):
        for each in value:
            yield from named_arguments(each)
