"""The kinds of objectives there are, and which way each gets worse."""

from __future__ import annotations

from enum import StrEnum


class Preset(StrEnum):
    """Objectives whose queries are compiled from the model server's metric ingredients."""

    ERROR_RATE = "error-rate"
    LATENCY = "latency"
    NULL_OUTPUTS = "null-outputs"
    MISSING_INPUTS = "missing-inputs"


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
    """A quantile of a histogram in seconds: limits are durations ("250ms")."""
    GAUGE = "gauge"
    """A number that has no counts: limits are numbers ("0.2")."""


class Worse(StrEnum):
    """Which way a gauge goes when things get worse."""

    HIGHER = "higher"
    LOWER = "lower"
