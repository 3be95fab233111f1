"""The variation of an objective's counts: measured on the service's own past, or guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from serinus.evidence.dispersion import UNVERIFIED_DISPERSION, Split, measured_dispersion
from serinus.evidence.wealth import Nats

UNITS_PER_ONE = 10_000
"""Kept in whole ten-thousandths, rounded up: a restart goes on with the same bits."""
LEAST_MINUTES = 220
"""Of four hours: a shorter past knows too little of effects that last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """How much an objective's counts vary from minute to minute, and how that is known."""

    dispersion: float = UNVERIFIED_DISPERSION
    """Squared coefficient of variation of a minute's own effect."""
    minutes: int = 0
    """Of the past that it was measured on."""
    pods: int = 0
    """Stable's, that were split in two."""
    trouble: str = ""
    """Why it is a guess, "" where it is none or nothing is known of that."""

    @property
    def is_measured(self) -> bool:
        """Whether it is no guess."""
        return self.pods > 1 and not self.trouble


GUESSED = Variation()


def measured_variation(split: Split, pods: int) -> Variation:
    """Return what the past of some pods tells of an objective.

    Args:
        split: of the batch, which are the edges of a histogram, the largest dispersion counts.
        pods: how many they are.
    """
    minutes = int(_compared_minutes(split))
    if minutes < LEAST_MINUTES:
        return Variation(trouble=f"only {minutes} min of at least two stable pods are known")
    found = measured_dispersion(split)
    if found is None or not found.size:
        return Variation(trouble="the histogram has no edge that tells anything")
    return Variation(dispersion=float(_largest(found)), minutes=minutes, pods=pods)


def measured_dispersions(split: Split) -> Nats:
    """Return what `measured_variation` has as dispersion, for many pasts at once: (pasts,).

    Args:
        split: of as many minutes and edges in each past: (pasts, splits, minutes, batch).
    """
    found = measured_dispersion(split)
    if found is None or not found.size:
        return np.full(len(split.canary), GUESSED.dispersion)
    is_known = _compared_minutes(split) >= LEAST_MINUTES
    return np.where(is_known, _largest(found), GUESSED.dispersion)


def _compared_minutes(split: Split) -> npt.NDArray[np.int64]:
    """Return in how many minutes there was anything to compare: (...,)."""
    compared = np.any((split.canary > 0) & (split.stable > 0), axis=(-3, -1))
    return np.asarray(np.count_nonzero(compared, axis=-1))


def _largest(dispersions: Nats) -> Nats:
    units = np.ceil(np.max(dispersions, axis=-1) * UNITS_PER_ONE)
    return np.asarray(units / UNITS_PER_ONE)


def write_variation(variation: Variation) -> list[Any]:
    """Return a variation as JSON has it."""
    units = round(variation.dispersion * UNITS_PER_ONE)
    return [units, variation.minutes, variation.pods, variation.trouble]


def read_variation(raw: Sequence[Any]) -> Variation:
    """Return one that was written.

    Raises:
        ValueError: if it is none; TypeError, too.
    """
    units, minutes, pods, trouble = raw
    return Variation(
        dispersion=int(units) / UNITS_PER_ONE,
        minutes=int(minutes),
        pods=int(pods),
        trouble=str(trouble),
    )
