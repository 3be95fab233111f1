"""What must hold between the fields of an objective, for the API server and for ourselves."""

from __future__ import annotations

from serinus.resource.objective_kinds import Kind, Preset
from serinus.resource.quantities import (
    NUMBER_PATTERN,
    PERCENTAGE_PATTERN,
    SHARE_PATTERN,
    TIME_SPAN_PATTERN,
    is_written_as,
)
from serinus.resource.schema import Rule

_LATENCY = "(has(self.preset) && self.preset == 'latency')"
_SHARE = "(has(self.total) || (has(self.preset) && self.preset != 'latency'))"
_GAUGE = "has(self.value)"
"""The kinds, in CEL."""


def _limit_is(kind: Kind, kind_in_cel: str, pattern: str, message: str) -> Rule:
    return Rule(
        f"!has(self.limit) || !{kind_in_cel} || self.limit.matches('{pattern}')",
        message,
        lambda o: o.limit is None or o.kind is not kind or is_written_as(o.limit, pattern),
    )


def _margin_is(kind: Kind, kind_in_cel: str, patterns: tuple[str, ...], message: str) -> Rule:
    return Rule(
        f"!has(self.worseThanStable) || !{kind_in_cel} "
        f"|| self.worseThanStable.by.matches('{'|'.join(patterns)}')",
        message,
        lambda o: (
            o.worse_than_stable is None
            or o.kind is not kind
            or is_written_as(o.worse_than_stable.by, *patterns)
        ),
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
        "has(self.limit) || has(self.worseThanStable)",
        "an objective needs a limit, or worseThanStable, or both",
        lambda o: o.limit is not None or o.worse_than_stable is not None,
    ),
    Rule(
        f"!has(self.quantile) || {_LATENCY}",
        "quantile belongs to preset latency",
        lambda o: o.quantile is None or o.preset is Preset.LATENCY,
    ),
    Rule(
        f"!has(self.worse) || {_GAUGE}",
        "worse belongs to value (a gauge)",
        lambda o: o.worse is None or o.value is not None,
    ),
)
"""Which fields go together."""

QUANTITY_RULES = (
    _limit_is(
        Kind.LATENCY, _LATENCY, TIME_SPAN_PATTERN, "a latency limit is a duration such as 250ms"
    ),
    _limit_is(
        Kind.SHARE, _SHARE, SHARE_PATTERN, "the limit of a share is a percentage such as 1%"
    ),
    _limit_is(Kind.GAUGE, _GAUGE, NUMBER_PATTERN, "the limit of a gauge is a plain number"),
    _margin_is(
        Kind.LATENCY,
        _LATENCY,
        (TIME_SPAN_PATTERN, PERCENTAGE_PATTERN),
        "latency may be worse than stable by a duration or by a percentage",
    ),
    _margin_is(
        Kind.SHARE,
        _SHARE,
        (SHARE_PATTERN,),
        "a share may be worse than stable by a percentage such as 1%",
    ),
    _margin_is(
        Kind.GAUGE,
        _GAUGE,
        (NUMBER_PATTERN, PERCENTAGE_PATTERN),
        "a gauge may be worse than stable by a plain number or by a percentage",
    ),
)
"""How quantities are written, by the objective's kind."""

DISTINCT_NAMES = Rule(
    # The last '' is for objectives that another rule refuses: this one must not fail on them.
    "!has(self.objectives) || self.objectives.all(o, self.objectives.exists_one(p, "
    "(has(p.name) ? p.name : has(p.preset) ? p.preset : '') == "
    "(has(o.name) ? o.name : has(o.preset) ? o.preset : '')))",
    "two objectives have the same name; give one of them another",
    lambda holder: len({each.title for each in holder.objectives}) == len(holder.objectives),
)
"""Of whatever lists objectives."""
