"""What one look shows of both tracks, an element a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Requests and bad requests since the look before, of many runs at once."""

    canary: Floats
    canary_bad: Floats
    stable: Floats
    stable_bad: Floats
    canary_buckets: Floats | None = None
    """Latency only: (runs, edges) requests at or below each edge, +Inf last."""
    stable_buckets: Floats | None = None

    @property
    def runs(self) -> int:
        return len(self.canary)

    @classmethod
    def none(cls, runs: int) -> Self:
        zero = np.zeros(runs)
        return cls(canary=zero, canary_bad=zero, stable=zero, stable_bad=zero)

    def of(self, places: Whole) -> Counts:
        """Return those of some of the runs."""
        canary, stable = self.canary_buckets, self.stable_buckets
        return Counts(
            canary=self.canary[places],
            canary_bad=self.canary_bad[places],
            stable=self.stable[places],
            stable_bad=self.stable_bad[places],
            canary_buckets=None if canary is None else canary[places],
            stable_buckets=None if stable is None else stable[places],
        )

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            canary=self.canary + other.canary,
            canary_bad=self.canary_bad + other.canary_bad,
            stable=self.stable + other.stable,
            stable_bad=self.stable_bad + other.stable_bad,
            canary_buckets=_added(self.canary_buckets, other.canary_buckets),
            stable_buckets=_added(self.stable_buckets, other.stable_buckets),
        )


def _added(left: Floats | None, right: Floats | None) -> Floats | None:
    if left is None or right is None:
        return right if left is None else left
    return left + right
