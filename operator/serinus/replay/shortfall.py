"""The shortfall: how much of the past is missing for a calibration, as a person would say it."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from serinus.replay.pseudo import LEAST_WAYS, Cuts
from serinus.resource.calibration import LEAST_ROLLOUTS

HOUR_MINUTES = 60
DAY_MINUTES = 24 * 60


def shortfall(found: int, stretches: int, cuts: Cuts, minutes: int) -> str:
    """Return what is missing, "" if it is enough.

    Args:
        found: pseudo-rollouts there are.
        stretches: of time that they are of, each split in some ways.
        cuts: what could not be used, and why.
        minutes: that one pseudo-rollout lasts.
    """
    if found >= LEAST_ROLLOUTS:
        return ""
    if cuts.single and cuts.single >= found:
        return "stable has one pod, which can't be split in two: it takes at least two"
    ways = found / stretches if stretches else LEAST_WAYS
    return (
        f"{found} pseudo-rollouts of {_time(minutes)} in the past{_cut_out(cuts)}, "
        f"{LEAST_ROLLOUTS} needed: {_missing((LEAST_ROLLOUTS - found) / ways, cuts, minutes)}"
    )


def not_by_pod(titles: Sequence[str]) -> str:
    """Return what is missing where objectives are counted, but of no pod by itself."""
    counted = "an expression or a gateway's metrics tell no pods apart"
    return f"{', '.join(titles)}: {counted}; it takes counters of the pods' own"


def _missing(stretches: float, cuts: Cuts, minutes: int) -> str:
    """Waiting helps as long as some of the time that is looked back on is from before."""
    if ceil(stretches) > cuts.empty:
        asked = "more pods, or shorter rollouts (maxDuration)"
        often = "fewer deploys, " if cuts.deploys else ""
        return f"the time that is looked back on has room for no more; {often}{asked}"
    return f"about {_time(stretches * minutes)} more, or more pods"


def _cut_out(cuts: Cuts) -> str:
    return f" ({cuts.deploys} stretches with deploys are cut out)" if cuts.deploys else ""


def _time(minutes: float) -> str:
    """Return "15 min", "1 h" or "3.2 days": what has few digits."""
    if minutes < HOUR_MINUTES:
        return f"{max(1, round(minutes))} min"
    if minutes < 2 * DAY_MINUTES:
        return f"{minutes / HOUR_MINUTES:.2g} h"
    return f"{minutes / DAY_MINUTES:.1f} days"
