"""Objectives: what "good" means for a model, in numbers it must hold."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from serinus.resource.quantities import (
    NUMBER_PATTERN,
    PERCENTAGE_PATTERN,
    SHARE_PATTERN,
    TIME_SPAN_PATTERN,
    Quantity,
    is_written_as,
    parse_duration,
    parse_share,
)
from serinus.resource.schema import Rule, Schema

Name = Annotated[
    str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=40)
]
Query = Annotated[str, StringConstraints(min_length=1, max_length=2048)]


class Preset(StrEnum):
    """Objectives whose queries are compiled from the model server's metric ingredients."""

    ERROR_RATE = "error-rate"
    LATENCY = "latency"
    NULL_OUTPUTS = "null-outputs"
    MISSING_INPUTS = "missing-inputs"


class Kind(StrEnum):
    """How an objective's numbers are read."""

    SHARE = "share"
    """Bad ones among all: limits are shares ("1%")."""
    LATENCY = "latency"
    """A quantile of a histogram in seconds: limits are durations ("250ms")."""
    GAUGE = "gauge"
    """A number that has no counts: limits are numbers ("0.2")."""


class Worse(StrEnum):
    """Which way a gauge goes when things get worse."""

    HIGHER = "higher"
    LOWER = "lower"


class WorseThanStable(Schema):
    """How much worse than stable, at the same time, the canary may be."""

    by: Quantity = Field(
        description="Largest difference allowed: a share for shares, a duration or a "
        "percentage of stable's quantile for latency, a number for gauges."
    )


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
        lambda o: o.quantile is None or o.preset is Preset.LATENCY,
    ),
    Rule(
        f"!has(self.worse) || {_GAUGE}",
        "worse belongs to value (a gauge)",
        lambda o: o.worse is None or o.value is not None,
    ),
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


class Objective(Schema):
    """What must hold for the canary, absolutely, or compared with stable, or both."""

    rules: ClassVar = OBJECTIVE_RULES

    name: Name | None = Field(None, description="Name in verdicts; the preset's by default.")
    preset: Preset | None = Field(None, description="A ready-made objective of the model server.")
    quantile: (
        Annotated[str, StringConstraints(pattern=r"^0\.0{0,3}[1-9][0-9]{0,3}$", max_length=6)]
        | None
    ) = Field(None, description='Latency only: the quantile judged, "0.99" by default.')
    good: Query | None = Field(None, description="PromQL: counter of good events.")
    bad: Query | None = Field(None, description="PromQL: counter of bad events.")
    total: Query | None = Field(None, description="PromQL: counter of all events.")
    value: Query | None = Field(None, description="PromQL: a gauge, one number for each track.")
    worse: Worse | None = Field(
        None, description="Gauges only: which way is worse, higher by default."
    )
    limit: Quantity | None = Field(
        None, description="The worst the canary may be, whatever stable does."
    )
    worse_than_stable: WorseThanStable | None = Field(
        None, description="The worst the canary may be compared with stable at the same time."
    )
    min_samples: int = Field(
        50, ge=1, le=1_000_000, description="Canary samples that make a window worth judging."
    )
    failure_limit: FailureLimit = Field(
        default_factory=FailureLimit, description="Bad windows that fail the objective."
    )
    advisory: bool = Field(False, description="Judge and record, but decide nothing.")

    @property
    def _margin_text(self) -> str | None:
        return self.worse_than_stable.by if self.worse_than_stable else None

    @property
    def kind(self) -> Kind:
        """How this objective's numbers are read."""
        if self.value is not None:
            return Kind.GAUGE
        return Kind.LATENCY if self.preset is Preset.LATENCY else Kind.SHARE

    @property
    def title(self) -> str:
        """The name shown in verdicts."""
        return self.name or str(self.preset)

    @property
    def quantile_share(self) -> float:
        """The quantile judged, between 0 and 1."""
        return float(self.quantile or "0.99")

    @property
    def lower_is_worse(self) -> bool:
        """Whether a falling gauge is the bad direction."""
        return self.worse is Worse.LOWER

    @property
    def limit_number(self) -> float | None:
        """The limit as a share, seconds or a plain number, by kind."""
        return None if self.limit is None else self._number(self.limit, may_be_relative=False)

    @property
    def margin_number(self) -> float | None:
        """The margin to stable as a share, seconds, a factor (latency "10%") or a number."""
        text = self._margin_text
        return None if text is None else self._number(text, may_be_relative=True)

    @property
    def margin_is_relative(self) -> bool:
        """Whether the margin is a percentage of stable's own value."""
        text = self._margin_text or ""
        return self.kind is not Kind.SHARE and text.endswith("%")

    def _number(self, text: str, *, may_be_relative: bool) -> float:
        if self.kind is Kind.SHARE:
            return parse_share(text)
        if may_be_relative and text.endswith("%"):
            return float(text[:-1]) / 100
        return parse_duration(text) if self.kind is Kind.LATENCY else float(text)
