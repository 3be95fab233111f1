"""A fetch: one question to Prometheus, the same for all who ask it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from serinus.signals.series import Series

PATIENCE_SECONDS = 2.0
"""A look waits no longer for stable's past; what comes too late is there for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """What is asked; equal fetches have equal answers."""

    query: str
    """A series selector; with a step, any expression."""
    window_seconds: float
    until: float
    """End of the window (Unix seconds)."""
    step_seconds: float | None = None
    """Distance of the times an expression is evaluated at; None asks for raw samples."""


Answers = Mapping[Fetch, Sequence[Series]]
