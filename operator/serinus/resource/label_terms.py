"""The terms of an objective whose truth comes late, and of the segments it is judged in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic.alias_generators import to_camel

from serinus.resource.objective_kinds import Preset
from serinus.resource.quantities import (
    SHARE_PATTERN,
    Duration,
    Quantity,
    is_written_as,
    parse_share,
)
from serinus.resource.schema import Rule, Schema

LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$", max_length=63)]
SegmentValue = Annotated[
    str, StringConstraints(pattern=r'^[^"\\\x00-\x1f]+$', min_length=1, max_length=63)
]
SEGMENT_PLACEHOLDER = "$(segment)"
VERSION_PLACEHOLDER = "$(version)"
_LABELLED = "(has(self.total) || (has(self.preset) && self.preset == 'quality'))"
_FIELDS = (
    "label_delay",
    "min_labelled",
    "min_coverage",
    "predicted",
    "require_before_promotion",
    "by",
    "segments",
)
_CAMEL = tuple(to_camel(field) for field in _FIELDS)

LABEL_RULES = (
    Rule(
        f"!({' || '.join(f'has(self.{field})' for field in _CAMEL)}) || {_LABELLED}",
        f"{', '.join(_CAMEL)} belong to counters (total) and to preset quality",
        lambda o: (
            o.total is not None
            or o.preset is Preset.QUALITY
            or all(getattr(o, field) is None for field in _FIELDS)
        ),
    ),
    Rule(
        "!has(self.predicted) || (has(self.total) && self.total.contains('$(version)'))",
        "predicted belongs to counters that hold $(version)",
        lambda o: o.predicted is None or VERSION_PLACEHOLDER in (o.total or ""),
    ),
    Rule(
        "!has(self.minCoverage) || has(self.preset) || has(self.predicted)",
        "minCoverage of counters needs predicted, of which the labelled ones are a share",
        lambda o: o.min_coverage is None or o.preset is not None or o.predicted is not None,
    ),
    Rule(
        f"!has(self.minCoverage) || self.minCoverage.matches('{SHARE_PATTERN}')",
        "minCoverage is a percentage such as 50%",
        lambda o: o.min_coverage is None or is_written_as(o.min_coverage, SHARE_PATTERN),
    ),
    Rule(
        "has(self.by) == has(self.segments)",
        "by goes with segments, the label's values that are judged",
        lambda o: (o.by is None) == (o.segments is None),
    ),
    Rule(
        "!has(self.segments) || self.segments.all(s, self.segments.exists_one(t, t == s))",
        "two segments are the same",
        lambda o: len(set(o.segments or ())) == len(o.segments or ()),
    ),
    Rule(
        "!has(self.by) || !has(self.total) || (self.total.contains('$(segment)') && "
        "(has(self.good) ? self.good : has(self.bad) ? self.bad : '').contains('$(segment)'))",
        "queries by segment hold $(segment) among their label matchers",
        lambda o: (
            o.by is None
            or o.total is None
            or all(SEGMENT_PLACEHOLDER in text for text in (o.total, o.good or o.bad or ""))
        ),
    ),
    Rule(
        "!has(self.total) || self.total.contains('$(version)') == "
        "(has(self.good) ? self.good : has(self.bad) ? self.bad : '').contains('$(version)')",
        "$(version) is in both queries, or in neither",
        lambda o: (
            o.total is None
            or (VERSION_PLACEHOLDER in o.total) == (VERSION_PLACEHOLDER in (o.good or o.bad or ""))
        ),
    ),
)

MOST_SEGMENTS = 20
"""Of all objectives of a model: each is judged, and told in its status."""

FEW_SEGMENTS = Rule(
    "!has(self.objectives) || self.objectives.map(o, has(o.segments) ? o.segments.size() : 0)"
    f".sum() <= {MOST_SEGMENTS}",
    f"objectives have more than {MOST_SEGMENTS} segments in all",
    lambda holder: segments_of(holder.objectives) <= MOST_SEGMENTS,
)
"""Of whatever lists objectives of a model."""


def segments_of(objectives: Iterable[LabelTerms]) -> int:
    """Return how many segments objectives have in all."""
    return sum(len(each.segments or ()) for each in objectives)


class LabelTerms(Schema):
    """What objectives on outcomes may have."""

    label_delay: Duration | None = Field(
        None,
        description="How late truths come: until then the objective is immature, and undecided.",
    )
    min_labelled: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Outcomes of the canary below which the objective is immature."
    )
    min_coverage: Quantity | None = Field(
        None,
        description="The share of the canary's predictions that must have a label; the objective "
        "is immature below it.",
    )
    predicted: Annotated[str, StringConstraints(min_length=1, max_length=2048)] | None = Field(
        None,
        description="PromQL: counter of a track's predictions, some of which have a label; "
        "model_predictions_total for preset quality.",
    )
    require_before_promotion: bool | None = Field(
        None,
        description="Whether an immature objective keeps the canary from promotion (true by "
        "default); it never keeps it from the steps before.",
    )
    by: LabelName | None = Field(
        None, description="A label of the outcomes: each of its segments is judged as well."
    )
    segments: Annotated[tuple[SegmentValue, ...], Field(min_length=1, max_length=10)] | None = (
        Field(None, description="The values of that label that are judged.")
    )

    @property
    def is_required(self) -> bool:
        """Whether it keeps a canary from promotion while it is immature."""
        return self.require_before_promotion is not False

    @property
    def min_coverage_share(self) -> float:
        """The share of predictions that must have a label."""
        return 0.0 if self.min_coverage is None else parse_share(self.min_coverage)

    @property
    def segment_matcher(self) -> str:
        """The label matcher of the one segment that this objective is of, "" for all of them."""
        if self.by is None or self.segments is None:
            return ""
        return f'{self.by}="{self.segments[0]}"'
