"""What must hold between the fields of an objective, for the API server and for ourselves."""

from __future__ import annotations

from serinus.resource.objective_kinds import DURATIONS, Kind, Preset
from serinus.resource.quantities import (
    LIMIT_PATTERN,
    NUMBER_PATTERN,
    PERCENTAGE_PATTERN,
    TIME_SPAN_PATTERN,
    is_written_as,
)
from serinus.resource.schema import Rule

_LATENCY = f"(has(self.preset) && self.preset in {sorted(map(str, DURATIONS))})"
_DRIFT = "(has(self.preset) && self.preset == 'drift')"
_NO_SHARES = sorted(map(str, (*DURATIONS, Preset.DRIFT)))
_SHARE = f"(has(self.total) || (has(self.preset) && !(self.preset in {_NO_SHARES})))"
_GAUGE = "has(self.value)"
"""The kinds, in CEL.

The API server works all rules out anew whenever a status is written, and copies the schemas of all
fields of an object for each that is read: twice for what is there, once for what is not. So a rule
begins with what is rarely there, and reads the kind once.
"""


def _written(field: str, patterns: tuple[str, ...]) -> str:
    return f"(!has({field}) || {field}.matches('{'|'.join(patterns)}'))"


def _are_written_as(texts: tuple[str | None, ...], patterns: tuple[str, ...]) -> bool:
    return all(text is None or is_written_as(text, *patterns) for text in texts)


def _limits_are(kind: Kind, kind_in_cel: str, pattern: str, message: str) -> Rule:
    fields = ("self.limit", "self.passLimit")
    return Rule(
        f"!{kind_in_cel} || ({' && '.join(_written(field, (pattern,)) for field in fields)})",
        message,
        lambda o: o.kind is not kind or _are_written_as((o.limit, o.pass_limit), (pattern,)),
    )


def _margins_are(kind: Kind, kind_in_cel: str, patterns: tuple[str, ...], message: str) -> Rule:
    fields = ("self.worseThanStable.by", "self.worseThanStable.passBy")
    return Rule(
        f"!has(self.worseThanStable) || !{kind_in_cel} || "
        f"({' && '.join(_written(field, patterns) for field in fields)})",
        message,
        lambda o: (
            o.worse_than_stable is None
            or o.kind is not kind
            or _are_written_as((o.worse_than_stable.by, o.worse_than_stable.pass_by), patterns)
        ),
    )


def _tested_is(
    field: str, kind: Kind, kind_in_cel: str, patterns: tuple[str, ...], message: str
) -> Rule:
    return Rule(
        f"!has(self.{field}) || !{kind_in_cel} || self.{field}.matches('{'|'.join(patterns)}')",
        message,
        lambda o: o.kind is not kind or _are_written_as((getattr(o, field),), patterns),
    )


SHAPE_RULES = (
    Rule(
        "[has(self.preset), has(self.total), has(self.value)].filter(x, x).size() == 1",
        "an objective is exactly one of: preset, total (with good or bad), value",
        lambda o: [o.preset, o.total, o.value].count(None) == 2,
    ),
    Rule(
        "has(self.total) ? has(self.good) != has(self.bad) : !has(self.good) && !has(self.bad)",
        "total needs exactly one of good or bad, and neither goes without total",
        lambda o: (o.good is not None) + (o.bad is not None) == (o.total is not None),
    ),
    Rule(
        "has(self.preset) || has(self.name)",
        "an objective without preset needs a name",
        lambda o: o.preset is not None or o.name is not None,
    ),
    Rule(
        f"has(self.limit) || has(self.worseThanStable) || {_DRIFT}",
        "an objective needs a limit, or worseThanStable, or both",
        lambda o: o.limit is not None or o.worse_than_stable is not None or o.kind is Kind.DRIFT,
    ),
    Rule(
        "!has(self.passLimit) || has(self.limit)",
        "passLimit goes with a limit",
        lambda o: o.pass_limit is None or o.limit is not None,
    ),
    Rule(
        f"!has(self.quantile) || {_LATENCY}",
        "quantile belongs to durations such as preset latency",
        lambda o: o.quantile is None or o.kind is Kind.LATENCY,
    ),
    Rule(
        f"!has(self.worse) || {_GAUGE}",
        "worse belongs to value (a gauge)",
        lambda o: o.worse is None or o.value is not None,
    ),
    Rule(
        f"!has(self.margin) || {_SHARE} || ({_LATENCY} && has(self.worseThanStable))",
        "margin belongs to shares, and to a latency that has worseThanStable",
        lambda o: (
            o.margin is None
            or o.kind is Kind.SHARE
            or (o.kind is Kind.LATENCY and o.worse_than_stable is not None)
        ),
    ),
    Rule(
        f"!has(self.weight) || !{_GAUGE}",
        "weight belongs to objectives that are counted: a gauge never ends a rollout",
        lambda o: o.weight is None or o.value is None,
    ),
    Rule(
        f"!has(self.tolerance) || ({_SHARE} && has(self.worseThanStable))",
        "tolerance belongs to shares that have worseThanStable",
        lambda o: (
            o.tolerance is None or (o.kind is Kind.SHARE and o.worse_than_stable is not None)
        ),
    ),
)
"""Which fields go together."""

QUANTITY_RULES = (
    _limits_are(
        Kind.LATENCY, _LATENCY, TIME_SPAN_PATTERN, "a latency limit is a duration such as 250ms"
    ),
    _limits_are(
        Kind.SHARE, _SHARE, LIMIT_PATTERN, "the limit of a share is a percentage such as 1%"
    ),
    _limits_are(Kind.GAUGE, _GAUGE, NUMBER_PATTERN, "the limit of a gauge is a plain number"),
    _limits_are(Kind.DRIFT, _DRIFT, NUMBER_PATTERN, "the limit of drift is a plain number"),
    _margins_are(
        Kind.LATENCY,
        _LATENCY,
        (TIME_SPAN_PATTERN, PERCENTAGE_PATTERN),
        "latency may be worse than stable by a duration or by a percentage",
    ),
    _margins_are(
        Kind.SHARE,
        _SHARE,
        (LIMIT_PATTERN,),
        "a share may be worse than stable by a percentage such as 1%",
    ),
    _margins_are(
        Kind.GAUGE,
        _GAUGE,
        (NUMBER_PATTERN, PERCENTAGE_PATTERN),
        "a gauge may be worse than stable by a plain number or by a percentage",
    ),
    _tested_is(
        "margin", Kind.SHARE, _SHARE, (LIMIT_PATTERN,), "the margin of a share is a percentage"
    ),
    _tested_is(
        "margin",
        Kind.LATENCY,
        _LATENCY,
        (TIME_SPAN_PATTERN, PERCENTAGE_PATTERN),
        "the margin of a latency is a duration or a percentage",
    ),
    _tested_is(
        "tolerance",
        Kind.SHARE,
        _SHARE,
        (LIMIT_PATTERN,),
        "the tolerance of a share is a percentage",
    ),
)
"""How quantities are written, by the objective's kind."""

DISTINCT_NAMES = Rule(
    # The last '' is for objectives that another rule refuses: this one must not fail on them.
    "!has(self.objectives) || [self.objectives.map(o, "
    "has(o.name) ? o.name : has(o.preset) ? o.preset : '')]"
    ".all(names, names.all(name, names.exists_one(other, other == name)))",
    "two objectives have the same name; give one of them another",
    lambda holder: len({each.title for each in holder.objectives}) == len(holder.objectives),
)
"""Of whatever lists objectives."""
