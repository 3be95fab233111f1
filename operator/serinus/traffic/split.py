"""The split: how much of the traffic each track gets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Weights of the tracks in percent; they always sum to 100."""

    stable: int
    canary: int

    def __post_init__(self) -> None:
        """Refuse what is no split."""
        if self.stable + self.canary != 100 or min(self.stable, self.canary) < 0:
            raise ValueError(f"{self.stable} + {self.canary} is no split of 100 %")


ALL_STABLE = Split(stable=100, canary=0)


def canary_at(weight_percent: int) -> Split:
    """Return the split that gives the canary this weight."""
    return Split(stable=100 - weight_percent, canary=weight_percent)
