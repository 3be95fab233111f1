"""What share of the requests a version answered, and how far chance may move it."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from demo.sights import Load

SIGMAS = 4
"""Chance goes farther once in 16,000 runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Requests counted, and those of one version among them."""

    requests: int
    of_the_version: int

    @property
    def share(self) -> float:
        return self.of_the_version / self.requests

    def standard_error(self, share: float) -> float:
        """Of the share measured, if each request is drawn by itself: sqrt(p (1 - p) / n)."""
        return sqrt(share * (1 - share) / self.requests)


def counted_between(before: Load, after: Load, version: str) -> Split:
    requests = {
        name: served.requests - before.by(name).requests for name, served in after.served.items()
    }
    return Split(requests=sum(requests.values()), of_the_version=requests.get(version, 0))
