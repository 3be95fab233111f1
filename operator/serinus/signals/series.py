"""Raw series as Prometheus stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series' labels and samples, oldest first."""

    labels: Mapping[str, str]
    """Labels, `__name__` included where the query kept it."""
    samples: tuple[tuple[float, float], ...]
    """(Unix seconds, value)."""
