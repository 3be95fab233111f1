"""Objectives: what "good" means for a model, in numbers it must hold."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from serinus.resource.drift_terms import DRIFT_RULES, USUAL_PSI, DriftTerms
from serinus.resource.label_terms import LABEL_RULES, LabelTerms
from serinus.resource.objective_kinds import DURATIONS, Kind, OnGap, Preset, Worse
from serinus.resource.objective_limits import FailureLimit, WindowCount
from serinus.resource.objective_rules import QUANTITY_RULES, SHAPE_RULES
from serinus.resource.quantities import (
    QUANTILE_PATTERN,
    Duration,
    Quantity,
    parse_duration,
    parse_share,
)
from serinus.resource.schema import Rule, Schema

__all__ = [
    "FailureLimit",
    "Kind",
    "Name",
    "Objective",
    "OnGap",
    "Preset",
    "Worse",
    "WorseThanStable",
]

Name = Annotated[
    str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]*[a-z0-9])?$", min_length=1, max_length=40)
]
Query = Annotated[str, StringConstraints(min_length=1, max_length=2048)]


_KINDS: dict[Preset | None, Kind] = {
    None: Kind.SHARE,
    **dict.fromkeys(Preset, Kind.SHARE),
    **dict.fromkeys(DURATIONS, Kind.LATENCY),
    Preset.DRIFT: Kind.DRIFT,
}
"""By preset."""


class WorseThanStable(Schema):
    """How much worse than stable, at the same time, the canary may be."""

    by: Quantity = Field(
        description="Largest difference allowed: a share for shares, a duration or a "
        "percentage of stable's quantile for latency, a number for gauges."
    )
    pass_by: Quantity | None = Field(
        None,
        description="advance: time. Largest difference to pass with; between it and by is "
        "neither good nor bad.",
    )


class Objective(DriftTerms, LabelTerms):
    """What must hold for the canary, absolutely, or compared with stable, or both."""

    rules: ClassVar[tuple[Rule, ...]] = (*SHAPE_RULES, *QUANTITY_RULES, *DRIFT_RULES, *LABEL_RULES)

    name: Name | None = Field(None, description="Name in verdicts; the preset's by default.")
    preset: Preset | None = Field(None, description="A ready-made objective of the model server.")
    quantile: Annotated[str, StringConstraints(pattern=QUANTILE_PATTERN, max_length=6)] | None = (
        Field(None, description='Latency only: the quantile judged, "0.99" by default.')
    )
    good: Query | None = Field(None, description="PromQL: counter of good events.")
    bad: Query | None = Field(None, description="PromQL: counter of bad events.")
    total: Query | None = Field(None, description="PromQL: counter of all events.")
    value: Query | None = Field(None, description="PromQL: a gauge, one number for each track.")
    worse: Worse | None = Field(
        None, description="Gauges only: which way is worse, higher by default."
    )
    limit: Quantity | None = Field(
        None,
        description="The worst the canary may be, whatever stable does; 0.2 by default for drift "
        "by psi from a baseline.",
    )
    pass_limit: Quantity | None = Field(
        None,
        description="advance: time. The worst the canary may be to pass; between it and limit is "
        "neither good nor bad.",
    )
    worse_than_stable: WorseThanStable | None = Field(
        None, description="The worst the canary may be compared with stable at the same time."
    )
    margin: Quantity | None = Field(
        None,
        description="advance: evidence. The smallest regression that must not get through; "
        "worseThanStable.by by default, half of the limit where there is nothing but a limit.",
    )
    tolerance: Quantity | None = Field(
        None,
        description="advance: evidence, shares only. A difference to stable that is no reason to "
        "roll back; a quarter of the margin by default.",
    )
    weight: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None,
        description="advance: evidence. Its part of falseRollbackRate, by the weights of all "
        "objectives; 1 by default. The more, the sooner it ends a rollout and the later others.",
    )
    min_samples: int = Field(
        50,
        ge=1,
        le=1_000_000,
        description="advance: time. Canary samples that make a window worth judging.",
    )
    failure_limit: FailureLimit = Field(
        default_factory=FailureLimit,
        description="advance: time. Bad windows that fail the objective.",
    )
    consecutive_failure_limit: WindowCount | None = Field(
        None, description="advance: time. Bad windows in a row that fail the objective, too."
    )
    consecutive_success_limit: WindowCount | None = Field(
        None, description="advance: time. Good windows in a row that a step needs before it ends."
    )
    inconclusive_limit: WindowCount | None = Field(
        None,
        description="advance: time. Windows on a step that are not good enough to pass, and make "
        "the rollout wait for a person.",
    )
    initial_delay: Duration = Field(
        0.0, description="advance: time. How long the canary's first evidence is not judged."
    )
    on_no_data: OnGap = Field(
        OnGap.HOLD,
        description="What to say when nothing was seen of the canary for longer than patience.",
    )
    on_error: OnGap = Field(
        OnGap.HOLD, description="What to say when the query failed for longer than patience."
    )
    patience: Duration = Field(
        300.0, description="How long onNoData and onError wait; a minute and 4 intervals at least."
    )
    advisory: bool = Field(False, description="Judge and record, but decide nothing.")

    def __hash__(self) -> int:
        """Return what tells most apart: at every look they are looked up in caches."""
        return hash((self.name, self.preset, self.bad, self.limit))

    @property
    def _margin_text(self) -> str | None:
        return self.worse_than_stable.by if self.worse_than_stable else None

    @property
    def kind(self) -> Kind:
        """How this objective's numbers are read."""
        return Kind.GAUGE if self.value is not None else _KINDS[self.preset]

    @property
    def to_pass(self) -> Objective:
        """The same objective with the limits that the canary has to hold to pass."""
        changes: dict[str, object] = {}
        margin = self.worse_than_stable
        if self.pass_limit is not None:
            changes["limit"] = self.pass_limit
        if margin is not None and margin.pass_by is not None:
            changes["worse_than_stable"] = margin.model_copy(update={"by": margin.pass_by})
        return self.model_copy(update=changes) if changes else self

    @property
    def is_compared(self) -> bool:
        """Whether nothing can be said of the canary without stable at the same time."""
        return self.worse_than_stable is not None or self.is_against_stable

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
        if self.limit is None:
            return USUAL_PSI if self.kind is Kind.DRIFT else None
        return self._number(self.limit, may_be_relative=False)

    @property
    def has_usual_limit(self) -> bool:
        """Whether its limit is one that nobody wrote."""
        return self.limit is None and self.limit_number is not None

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

    @property
    def tested_margin_number(self) -> float | None:
        """The smallest regression to stable that must not get through, None without stable."""
        if self.worse_than_stable is None:
            return None
        return self._number(self.margin or self.worse_than_stable.by, may_be_relative=True)

    @property
    def tested_margin_is_relative(self) -> bool:
        """Whether that is a percentage of stable's own value."""
        text = self.margin or self._margin_text or ""
        return self.kind is not Kind.SHARE and text.endswith("%")

    @property
    def slack_number(self) -> float | None:
        """How far beyond the limit a share must be excluded, None where a part of it is meant."""
        return None if self.margin is None else self._number(self.margin, may_be_relative=True)

    @property
    def tolerance_number(self) -> float | None:
        """The difference to stable that is no reason to roll back, None for the default."""
        text = self.tolerance
        return None if text is None else self._number(text, may_be_relative=False)

    def _number(self, text: str, *, may_be_relative: bool) -> float:
        if self.kind is Kind.SHARE:
            return parse_share(text)
        if may_be_relative and text.endswith("%"):
            return float(text[:-1]) / 100
        return parse_duration(text) if self.kind is Kind.LATENCY else float(text)
