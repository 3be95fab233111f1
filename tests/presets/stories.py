"""What happens to two pods for a quarter of an hour, scrape by scrape."""

from __future__ import annotations

from dataclasses import dataclass, replace

SCRAPES = 61


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What a pod sees between two scrapes."""

    good: int = 0
    bad: int = 0
    probe: int = 0
    other: int = 0
    restarts: bool = False
    """Its process ends at the beginning, and counts from zero."""


Story = tuple[Interval, ...]

IDLE = Interval(probe=3)
NOISE = Interval(probe=3, other=2)
HEALTHY = replace(NOISE, good=100)
FEW_ERRORS = replace(NOISE, good=19, bad=1)
GOOD = replace(NOISE, good=20)
MOSTLY_FAILING = replace(NOISE, good=4, bad=12)
FAILING = replace(NOISE, bad=20)
NOTHING = Interval()


def steady(interval: Interval) -> Story:
    """The pod is there for a scrape before anything happens."""
    return (NOTHING, *([interval] * (SCRAPES - 1)))


def turning(before: Interval, after: Interval) -> Story:
    """Halfway, something changes."""
    half = SCRAPES // 2
    return (NOTHING, *([before] * (half - 1)), *([after] * (SCRAPES - half)))


def restarting(interval: Interval) -> Story:
    """Halfway, the process restarts."""
    story = list(steady(interval))
    story[SCRAPES // 2] = replace(interval, restarts=True)
    return tuple(story)


STORIES: dict[str, tuple[Story, Story]] = {
    "5 % errors among noisy probes": (steady(FEW_ERRORS), steady(HEALTHY)),
    "100 % errors from the first request": (steady(FAILING), steady(HEALTHY)),
    "no traffic, but probes": (steady(IDLE), steady(IDLE)),
    "errors that begin late": (turning(GOOD, FEW_ERRORS), steady(HEALTHY)),
    "a restart": (restarting(FEW_ERRORS), restarting(HEALTHY)),
}
"""Canary and stable."""


def count(story: Story, *kinds: str, since: int = 0) -> int:
    """Return how many events of some kinds there were from a scrape on."""
    return sum(getattr(interval, kind) for interval in story[since:] for kind in kinds)
