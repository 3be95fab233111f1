"""Pseudo-rollouts: stable's own pods split in two, as if some of them were a canary.

Nothing is wrong with such a canary, so whatever evidence there is against it is how much the
service varies by itself: bursts that hit one pod, effects that last, routing that is not random.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from serinus.evidence.counts import Counts
from serinus.replay.frames import Frames
from serinus.resource.calibration import LEAST_ROLLOUTS
from serinus.resource.rollout import RolloutPolicy

LONGEST_MINUTES = 60
"""Of a pseudo-rollout: a longer one tells little more and takes more past."""
LEAST_WAYS = 2
"""In how many ways the pods of one stretch are split, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The weights of a pseudo-rollout: those of the policy, each for an equal part of it."""

    weights_percent: tuple[int, ...]
    minutes: int

    def step_at(self, minute: int) -> int:
        """Return the step stood on in a minute."""
        return minute * len(self.weights_percent) // self.minutes

    @property
    def begins_step(self) -> tuple[bool, ...]:
        """Whether a minute is the first of a step, the first of all left out."""
        steps = [self.step_at(minute) for minute in range(self.minutes)]
        return tuple(n > 0 and steps[n - 1] != step for n, step in enumerate(steps))


def course_of(policy: RolloutPolicy) -> Course:
    """Return a policy's course; a step without traffic, or with all of it, compares nothing."""
    weights = tuple(step.weight for step in policy.steps if 0 < step.weight < 100) or (50,)
    minutes = min(LONGEST_MINUTES, int(policy.max_duration // 60))
    return Course(weights_percent=weights, minutes=max(minutes, len(weights)))


class Split(NamedTuple):
    """One pseudo-rollout: a stretch of time, and the order in which pods become canary."""

    first_minute: int
    pods: tuple[int, ...]
    """Rows of the frames; the first few are the canary, the more the larger its weight."""


class Cuts(NamedTuple):
    """Stretches that could not be used, and why."""

    deploys: int
    """More than one revision had traffic, or pods came and went."""
    single: int
    """One pod only."""
    incidents: int
    """Named as such."""
    empty: int
    """Nobody served: there was no such past yet."""


Stretch = tuple[float, float]
"""(Unix seconds, Unix seconds)."""


def splits(
    frames: Frames, course: Course, model: str, incidents: Sequence[Stretch] = ()
) -> tuple[tuple[Split, ...], Cuts]:
    """Return the pseudo-rollouts that a past has room for, stretch after stretch."""
    usable: list[tuple[int, tuple[int, ...]]] = []
    deploys = single = cut = empty = 0
    for first in range(0, len(frames.until) - course.minutes + 1, course.minutes):
        minutes = slice(first, first + course.minutes)
        if _overlaps(frames.until[minutes], incidents):
            cut += 1
            continue
        serving = np.nan_to_num(frames.total[:, minutes]).sum(axis=1) > 0
        stays = np.isfinite(frames.total[:, minutes]).all(axis=1) & serving
        revisions = {_revision(frames.pods[row], model) for row in np.flatnonzero(serving)}
        if len(revisions) > 1 or stays.sum() < min(2, serving.sum()):
            deploys += 1
        elif stays.sum() == 1:
            single += 1
        elif stays.any():
            usable.append((first, tuple(int(row) for row in np.flatnonzero(stays))))
        else:
            empty += 1
    ways = max(LEAST_WAYS, ceil(LEAST_ROLLOUTS / max(1, len(usable))))
    found = tuple(
        Split(first, pods)
        for first, rows in usable
        for pods in _ways_to_split(rows, min(ways, len(rows)))
    )
    return found, Cuts(deploys=deploys, single=single, incidents=cut, empty=empty)


def counts_of(frames: Frames, those: Sequence[Split], course: Course) -> list[Counts]:
    """Return what the pseudo-rollouts count, minute by minute, a place in the batch for each."""
    kinds = frames.bad.shape[2]
    total = np.zeros((2, course.minutes, len(those)))
    bad = np.zeros((2, course.minutes, len(those), kinds))
    events, of_them = np.nan_to_num(frames.total), np.nan_to_num(frames.bad)
    for place, split in enumerate(those):
        for minutes, of_split, tracks in _stretches(split, course):
            for track, rows in enumerate(tracks):
                total[track, of_split, place] = events[rows, minutes].sum(axis=0)
                bad[track, of_split, place] = of_them[rows, minutes].sum(axis=0)
    return [
        Counts(
            canary=total[0, minute],
            bad_canary=bad[0, minute],
            stable=total[1, minute],
            bad_stable=bad[1, minute],
        )
        for minute in range(course.minutes)
    ]


Rows = npt.NDArray[np.int64]


def _stretches(split: Split, course: Course) -> Iterator[tuple[slice, slice, tuple[Rows, Rows]]]:
    """Each step: its minutes in the frames and in the split, and the rows of both tracks."""
    pods = np.array(split.pods)
    steps = np.array([course.step_at(minute) for minute in range(course.minutes)])
    for step, weight in enumerate(course.weights_percent):
        first, end = np.searchsorted(steps, (step, step + 1))
        size = min(len(pods) - 1, max(1, round(len(pods) * weight / 100)))
        yield (
            slice(split.first_minute + int(first), split.first_minute + int(end)),
            slice(int(first), int(end)),
            (pods[:size], pods[size:]),
        )


def _ways_to_split(rows: tuple[int, ...], ways: int) -> Iterator[tuple[int, ...]]:
    """Each begins with another pod, evenly spread over them: of two pods, both directions."""
    for way in range(ways):
        first = way * len(rows) // ways
        yield (*rows[first:], *rows[:first])


def _revision(pod: str, model: str) -> str:
    return pod.removeprefix(f"{model}-").partition("-")[0]


def _overlaps(until: npt.NDArray[np.float64], incidents: Sequence[Stretch]) -> bool:
    return any(begin < until[-1] and until[0] - 60 < end for begin, end in incidents)
