"""What is told of objectives and policy: what is in force, and what the evidence says."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from serinus.resource.told import Short, Text, Told

MOST_FEATURES_TOLD = 10
"""The status is read by people, and every look writes it."""


class VerdictValue(StrEnum):
    """What the evidence says about an objective."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNDECIDED = "undecided"


class FeatureDrift(Told):
    """How far one feature has moved."""

    feature: Short
    distance: float | None = None
    """By the objective's statistic; none while there is too little to say."""
    samples: int = 0
    is_drifted: bool = False


class Verdict(Told):
    """An objective judged, with its numbers."""

    objective: Short
    verdict: VerdictValue
    advisory: bool = False
    canary: Short | None = None
    """The canary's value as people read it: "2.4 %"."""
    stable: Short | None = None
    limit: Short | None = None
    canary_samples: int = 0
    stable_samples: int = 0
    message: Text
    """A sentence with numbers."""
    is_inconclusive: bool = False
    """Whether only a person can say, after inconclusiveLimit windows that did not."""
    is_immature: bool | None = None
    """Whether labels that come late have not come yet."""
    calibration: Short | None = None
    """What the error rates rest on: a dispersion that was `measured`, or a guess, `unverified`."""
    features: Annotated[tuple[FeatureDrift, ...], Field(max_length=MOST_FEATURES_TOLD)] | None = (
        None
    )
    """Of drift: the features that moved furthest, the worst first."""


class PolicyInForce(Told):
    """A field of the rollout's policy, and where it comes from."""

    name: Short
    """As in spec.rollout."""
    value: Short
    source: Short
    """spec.rollout, "cluster default", or "built in"."""


class ObjectiveInForce(Told):
    """An objective that holds for the model, and where it comes from."""

    name: Short
    source: Short
    """spec.objectives, a template as kind/name, "cluster default", or "built in"."""
    limit: Short
    advisory: bool = False
