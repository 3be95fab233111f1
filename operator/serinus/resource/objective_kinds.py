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


class Worse(StrEnum):
    """Which way a gauge goes when things get worse."""

    HIGHER = "higher"
    LOWER = "lower"
