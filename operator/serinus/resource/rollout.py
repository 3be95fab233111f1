"""How a new revision is let in: steps, time, and what happens when evidence stays thin."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from serinus.resource.incident import CalibrationTerms, Incident
from serinus.resource.quantities import RATE_PATTERN, Duration, parse_share
from serinus.resource.schema import Rule, Schema


class Advance(StrEnum):
    """What lets a rollout go on, and what ends it."""

    EVIDENCE = "evidence"
    """Sequential tests: chances of a wrong verdict are set, and hold at any traffic."""
    TIME = "time"
    """Classic thresholds: bad windows are counted over the time of a step."""


class Threshold(StrEnum):
    """How long the false-rollback rate is to hold."""

    ANYTIME = "anytime"
    """For ever, however long a rollout goes on."""
    SIMULATED = "simulated"
    """For as long as maxDuration, by simulation; some of it is kept for afterwards."""


class OnInconclusive(StrEnum):
    """What to do with a rollout that ran out of time undecided."""

    HOLD = "hold"
    PROMOTE = "promote"
    ROLLBACK = "rollback"


class Pause(Schema):
    """A stop on a step; without a duration it waits for a person's approval."""

    duration: Duration | None = Field(
        None, description="How long to stop; without it, until serinus.dev/approve is set."
    )


class Step(Schema):
    """One weight and how long to stand on it."""

    weight: int = Field(ge=0, le=100, description="The canary's share of traffic in percent.")
    min_time: Duration | None = Field(
        None, description="Shortest time on this step; rollout.minTime by default."
    )
    pause: Pause | None = Field(
        None, description="Stop here: for a duration, or until a person approves."
    )


ErrorRate = Annotated[str, StringConstraints(pattern=RATE_PATTERN, max_length=7)]
"""A chance of a wrong verdict, up to 49 %, written as a percentage."""

DEFAULT_STEPS = (Step(weight=1), Step(weight=5), Step(weight=25), Step(weight=50))


class RolloutPolicy(Schema):
    """The way from canary to stable."""

    rules: ClassVar = (
        Rule(
            "!has(self.steps) || self.steps.map(s, s.weight).isSorted()",
            "steps can't lower the weight on the way",
            lambda policy: all(
                before.weight <= after.weight for before, after in pairwise(policy.steps)
            ),
        ),
        Rule(
            "!has(self.interval) || duration(self.interval) >= duration('1s')",
            "interval is at least 1s",
            lambda policy: policy.interval_seconds >= 1,
        ),
        Rule(
            "!has(self.interval) || !has(self.maxDuration) "
            "|| duration(self.maxDuration) >= duration(self.interval)",
            "maxDuration can't be shorter than interval",
            lambda policy: policy.max_duration >= policy.interval_seconds,
        ),
    )

    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=30)] = Field(
        DEFAULT_STEPS, description="Weights in rising order; 1, 5, 25, 50 by default."
    )
    advance: Advance = Field(
        Advance.EVIDENCE,
        description="evidence (the default): sequential tests whose error rates are set below; "
        "time: classic thresholds, judged window by window with minSamples and failureLimit.",
    )
    false_rollback_rate: ErrorRate = Field(
        "1%",
        description="evidence: chance that a canary as good as stable is rolled back, over the "
        "whole rollout and all objectives; 1% by default.",
    )
    false_promote_rate: ErrorRate = Field(
        "5%",
        description="evidence: chance that a canary worse than stable by the margin of an "
        "objective is promoted; 5% by default.",
    )
    threshold: Threshold = Field(
        Threshold.ANYTIME,
        description="evidence: anytime (the default): falseRollbackRate holds however long a "
        "rollout goes on; simulated: a share is rolled back on somewhat less evidence within "
        "maxDuration, and on more of it afterwards, for the same falseRollbackRate.",
    )
    interval_seconds: Duration = Field(
        15.0, alias="interval", description="How often the evidence is looked at; 15s by default."
    )
    min_time: Duration = Field(
        60.0, description="Shortest time on every step that names none of its own; 1m by default."
    )
    max_duration: Duration = Field(
        7200.0,
        description="Longest time for the whole rollout, waiting for people not counted; 2h by "
        "default.",
    )
    on_inconclusive: OnInconclusive = Field(
        OnInconclusive.HOLD,
        description="What to do when maxDuration ends undecided; hold by default.",
    )
    progress_deadline: Duration = Field(
        600.0,
        description="How long pods may take to become ready before the canary is given up; 10m by "
        "default.",
    )
    scale_down_delay: Duration = Field(
        30.0,
        description="How long pods that lost their traffic are kept to drain; 30s by default.",
    )
    calibration: CalibrationTerms | None = Field(
        None,
        description="evidence: what is looked back on when the policy is replayed on stable's "
        "own pods.",
    )

    @property
    def incidents(self) -> tuple[Incident, ...]:
        """What a calibration is made without."""
        return self.calibration.without if self.calibration else ()

    @property
    def alpha(self) -> float:
        """The false-rollback rate as a number."""
        return parse_share(self.false_rollback_rate)

    @property
    def beta(self) -> float:
        """The false-promote rate as a number."""
        return parse_share(self.false_promote_rate)
