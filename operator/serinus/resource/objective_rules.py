"""What must hold between the fields of an objective, by its kind."""

from __future__ import annotations

from serinus.resource.quantities import (
    NUMBER_PATTERN,
    PERCENTAGE_PATTERN,
    SHARE_PATTERN,
    TIME_SPAN_PATTERN,
    is_written_as,
)
from serinus.resource.schema import Rule

SHARE, LATENCY, GAUGE = "share", "latency", "gauge"
"""The kinds of objectives."""
_LATENCY = "(has(self.preset) && self.preset == 'latency')"
_SHARE = "(has(self.total) || (has(self.preset) && self.preset != 'latency'))"
_GAUGE = "has(self.value)"
"""The kinds, in CEL."""


def _tested_is(
    field: str, kind: str, kind_in_cel: str, patterns: tuple[str, ...], message: str
) -> Rule:
    return Rule(
        f"!has(self.{field}) || !{kind_in_cel} || self.{field}.matches('{'|'.join(patterns)}')",
        message,
        lambda o: (
            getattr(o, field) is None
            or o.kind != kind
            or is_written_as(getattr(o, field), *patterns)
        ),
    )


def _limit_is(kind: str, kind_in_cel: str, pattern: str, message: str) -> Rule:
    return Rule(
        f"!has(self.limit) || !{kind_in_cel} || self.limit.matches('{pattern}')",
        message,
        lambda o: o.limit is None or o.kind != kind or is_written_as(o.limit, pattern),
    )


def _margin_is(kind: str, kind_in_cel: str, patterns: tuple[str, ...], message: str) -> Rule:
    return Rule(
        f"!has(self.worseThanStable) || !{kind_in_cel} "
        f"|| self.worseThanStable.by.matches('{'|'.join(patterns)}')",
        message,
        lambda o: (
            o.worse_than_stable is None
            or o.kind != kind
            or is_written_as(o.worse_than_stable.by, *patterns)
        ),
    )


OBJECTIVE_RULES = (
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
        lambda o: o.quantile is None or o.preset == "latency",
    ),
    Rule(
        f"!has(self.worse) || {_GAUGE}",
        "worse belongs to value (a gauge)",
        lambda o: o.worse is None or o.value is not None,
    ),
    _limit_is(LATENCY, _LATENCY, TIME_SPAN_PATTERN, "a latency limit is a duration such as 250ms"),
    _limit_is(SHARE, _SHARE, SHARE_PATTERN, "the limit of a share is a percentage such as 1%"),
    _limit_is(GAUGE, _GAUGE, NUMBER_PATTERN, "the limit of a gauge is a plain number"),
    _margin_is(
        LATENCY,
        _LATENCY,
        (TIME_SPAN_PATTERN, PERCENTAGE_PATTERN),
        "latency may be worse than stable by a duration or by a percentage",
    ),
    _margin_is(
        SHARE,
        _SHARE,
        (SHARE_PATTERN,),
        "a share may be worse than stable by a percentage such as 1%",
    ),
    _margin_is(
        GAUGE,
        _GAUGE,
        (NUMBER_PATTERN, PERCENTAGE_PATTERN),
        "a gauge may be worse than stable by a plain number or by a percentage",
    ),
    Rule(
        f"!has(self.margin) || {_SHARE} || ({_LATENCY} && has(self.worseThanStable))",
        "margin belongs to shares, and to a latency that has worseThanStable",
        lambda o: (
            o.margin is None
            or o.kind == SHARE
            or (o.kind == LATENCY and o.worse_than_stable is not None)
        ),
    ),
    Rule(
        f"!has(self.tolerance) || ({_SHARE} && has(self.worseThanStable))",
        "tolerance belongs to shares that have worseThanStable",
        lambda o: o.tolerance is None or (o.kind == SHARE and o.worse_than_stable is not None),
    ),
    _tested_is("margin", SHARE, _SHARE, (SHARE_PATTERN,), "the margin of a share is a percentage"),
    _tested_is(
        "margin",
        LATENCY,
        _LATENCY,
        (TIME_SPAN_PATTERN, PERCENTAGE_PATTERN),
        "the margin of a latency is a duration or a percentage",
    ),
    _tested_is(
        "tolerance",
        SHARE,
        _SHARE,
        (SHARE_PATTERN,),
        "the tolerance of a share is a percentage",
    ),
)
