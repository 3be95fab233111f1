"""The terms of an objective on drift: whose distribution, against what, measured how."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from serinus.resource.objective_kinds import Against, Drifting, Preset, Statistic
from serinus.resource.quantities import (
    SHARE_PATTERN,
    Duration,
    Quantity,
    is_written_as,
    parse_share,
)
from serinus.resource.schema import Rule, Schema

FeatureName = Annotated[
    str, StringConstraints(pattern=r'^[^"\\\x00-\x1f]+$', min_length=1, max_length=128)
]
_DRIFT = "(has(self.preset) && self.preset == 'drift')"
_FIELDS = ("against", "of", "feature", "statistic", "drifted", "capture")
CAPTURE_SECONDS = 24 * 3600.0
"""A day: hours differ from each other more than days do."""
USUAL_PSI = 0.2
"""The limit where none is written: what an index is usually held against, and what was measured
(`make bench-drift`). Other distances have no such number, nor has what stable shows meanwhile."""

DRIFT_RULES = (
    Rule(
        f"!({' || '.join(f'has(self.{field})' for field in _FIELDS)}) || {_DRIFT}",
        f"{', '.join(_FIELDS)} belong to preset drift",
        lambda o: o.preset is Preset.DRIFT or all(getattr(o, field) is None for field in _FIELDS),
    ),
    Rule(
        f"!has(self.worseThanStable) || !{_DRIFT}",
        "drift has a limit; what it is compared with is said by against",
        lambda o: o.preset is not Preset.DRIFT or o.worse_than_stable is None,
    ),
    Rule(
        f"has(self.limit) || !{_DRIFT} || ((!has(self.statistic) || self.statistic == 'psi') && "
        "(!has(self.against) || self.against != 'stable'))",
        f"drift needs a limit; only psi of a baseline has a usual one, {USUAL_PSI}",
        lambda o: (
            o.preset is not Preset.DRIFT
            or o.limit is not None
            or (o.statistic_used is Statistic.PSI and not o.is_against_stable)
        ),
    ),
    Rule(
        "!has(self.feature) || !has(self.of) || self.of == 'features'",
        "feature is one of the features, not of the predictions",
        lambda o: o.feature is None or o.of is not Drifting.PREDICTIONS,
    ),
    Rule(
        "!has(self.drifted) || !(has(self.feature) || (has(self.of) && self.of == 'predictions'))",
        "drifted is a share of all features",
        lambda o: o.drifted is None or (o.feature is None and o.of is not Drifting.PREDICTIONS),
    ),
    Rule(
        "!has(self.statistic) || self.statistic != 'wasserstein' || !has(self.against) || "
        "self.against != 'stable' || !has(self.of) || self.of != 'predictions'",
        "wasserstein is no limit on shares, which predictions against stable are judged by",
        lambda o: (
            o.statistic is not Statistic.WASSERSTEIN
            or not (o.is_against_stable and o.is_of_predictions)
        ),
    ),
    Rule(
        "!has(self.capture) || (has(self.against) && self.against == 'captured')",
        "capture goes with against: captured",
        lambda o: o.capture is None or o.against is Against.CAPTURED,
    ),
    Rule(
        f"!has(self.drifted) || self.drifted.matches('{SHARE_PATTERN}')",
        "drifted is a percentage such as 25%",
        lambda o: o.drifted is None or is_written_as(o.drifted, SHARE_PATTERN),
    ),
)


class DriftTerms(Schema):
    """What only objectives on drift have."""

    against: Against | None = Field(
        None,
        description="Drift only: the canary's own training baseline (the default), one that was "
        "captured of stable's traffic, or stable at the same time.",
    )
    capture: Duration | None = Field(
        None,
        description="Drift against captured only: how much of stable's traffic is captured, "
        "24h by default; from when it became stable, or if that is longer ago the last of it.",
    )
    of: Drifting | None = Field(
        None, description="Drift only: of all features (the default), or of the predictions."
    )
    feature: FeatureName | None = Field(None, description="Drift only: of one feature.")
    statistic: Statistic | None = Field(
        None,
        description="Drift only: what the limit is a limit of; psi by default, ks against stable.",
    )
    drifted: Quantity | None = Field(
        None, description="Drift only: the share of features that may drift, 0% by default."
    )

    @property
    def is_of_predictions(self) -> bool:
        """Whether it is the predictions' distribution."""
        return self.of is Drifting.PREDICTIONS

    @property
    def is_against_stable(self) -> bool:
        """Whether it is compared with stable at the same time."""
        return self.against is Against.STABLE

    @property
    def is_against_captured(self) -> bool:
        """Whether it is compared with what was captured of stable."""
        return self.against is Against.CAPTURED

    @property
    def capture_seconds(self) -> float:
        """How much of stable's traffic is captured, 0 for none."""
        if not self.is_against_captured:
            return 0.0
        return CAPTURE_SECONDS if self.capture is None else self.capture

    @property
    def statistic_used(self) -> Statistic:
        """What the limit is a limit of."""
        usual = Statistic.KOLMOGOROV_SMIRNOV if self.is_against_stable else Statistic.PSI
        return self.statistic or usual

    @property
    def drifted_share(self) -> float:
        """The share of features that may drift."""
        return 0.0 if self.drifted is None else parse_share(self.drifted)
