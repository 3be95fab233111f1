"""The kinds of objectives there are, and which way each gets worse."""

from __future__ import annotations

from enum import StrEnum


class Preset(StrEnum):
    """Objectives whose queries are compiled from the model server's metric ingredients."""

    ERROR_RATE = "error-rate"
    LATENCY = "latency"
    TIME_TO_FIRST_TOKEN = "time-to-first-token"  # noqa: S105 - no password
    TIME_PER_TOKEN = "time-per-token"  # noqa: S105 - no password
    QUEUE_TIME = "queue-time"
    NULL_OUTPUTS = "null-outputs"
    MISSING_INPUTS = "missing-inputs"
    INVALID_INPUTS = "invalid-inputs"
    OUT_OF_RANGE_INPUTS = "out-of-range-inputs"
    UNSEEN_CATEGORIES = "unseen-categories"
    DRIFT = "drift"
    QUALITY = "quality"


DURATIONS = frozenset(
    {Preset.LATENCY, Preset.TIME_TO_FIRST_TOKEN, Preset.TIME_PER_TOKEN, Preset.QUEUE_TIME}
)
"""Those that are quantiles of durations; all others are shares."""


class OnGap(StrEnum):
    """What an objective says while no evidence is to be had."""

    HOLD = "hold"
    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"


class Kind(StrEnum):
    """How an objective's numbers are read."""

    SHARE = "share"
    """Bad ones among all: limits are shares ("1%")."""
    LATENCY = "latency"
    """A quantile of durations, of requests or of a part of them: limits are times ("250ms")."""
    GAUGE = "gauge"
    """A number that has no counts: limits are numbers ("0.2")."""
    DRIFT = "drift"
    """How far two distributions are apart: limits are numbers ("0.2")."""


class Worse(StrEnum):
    """Which way a gauge goes when things get worse."""

    HIGHER = "higher"
    LOWER = "lower"


class Against(StrEnum):
    """What a distribution is compared with."""

    BASELINE = "baseline"
    """The canary's own training data."""
    CAPTURED = "captured"
    """What stable saw and said for some time after it became stable."""
    STABLE = "stable"
    """Stable, over the same time."""


class Drifting(StrEnum):
    """Whose distribution it is."""

    FEATURES = "features"
    PREDICTIONS = "predictions"


class Statistic(StrEnum):
    """What a difference of distributions is measured by."""

    PSI = "psi"
    """Population stability index, less what noise adds to it."""
    JENSEN_SHANNON = "js"
    """Jensen-Shannon distance, between 0 and 1."""
    KOLMOGOROV_SMIRNOV = "ks"
    """Largest difference of cumulative shares."""
    TOTAL_VARIATION = "tv"
    """Half the sum of the differences of all shares."""
    WASSERSTEIN = "wasserstein"
    """How far the mass must be moved, in standard deviations; total variation of categories."""
