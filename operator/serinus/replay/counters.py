"""Counters on a grid of minutes, differenced all at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

from serinus.evidence.wealth import Nats
from serinus.signals.series import Series

MINUTE_SECONDS = 60


class Counters:
    """What each pod's counters grew by from one point of the grid to the next."""

    def __init__(self, grid: Nats, pod_label: str, *, are_of_pods: bool) -> None:
        """Count on points in Unix seconds, by a label that holds a pod, or a workload."""
        self.grid, self.pod_label, self.are_of_pods = grid, pod_label, are_of_pods

    def pods(self, series: Iterable[Series]) -> tuple[str, ...]:
        """Return whose they are, in order."""
        return tuple(sorted({one.labels.get(self.pod_label, "") for one in series}))

    def seen(self, series: Iterable[Series], pods: Sequence[str]) -> Nats:
        """Return 1 where a pod showed any of them at a point of the grid: (pods, points)."""
        found = np.zeros((len(pods), len(self.grid)))
        for one in series:
            places, _ = self._placed(one)
            found[self._row(one, pods), places] = 1.0
        return found

    def grown(self, series: Iterable[Series], pods: Sequence[str], seen: Nats) -> Nats:
        """Return what the counters of each pod grew by in each minute: (pods, minutes).

        As signals.counts does it from raw samples: a counter that falls began anew, one that
        appears on a pod that was there began at zero, and one that comes with its pod began
        somewhere.
        """
        found = np.zeros((len(pods), len(self.grid) - 1))
        for values, row in self._joined(series, pods):
            before, after = values[:-1], values[1:]
            was_there = seen[row, :-1] > 0
            from_zero = np.isnan(before) & was_there | (after < before)
            gain = np.where(from_zero, after, after - before)
            found[row] += np.nan_to_num(gain)
        return found

    def _joined(self, series: Iterable[Series], pods: Sequence[str]) -> Iterator[tuple[Nats, int]]:
        """Join the stretches that one counter was asked for in."""
        values: dict[frozenset[tuple[str, str]], tuple[Nats, int]] = {}
        for one in series:
            key = frozenset(one.labels.items())
            fresh = (np.full(len(self.grid), np.nan), self._row(one, pods))
            known, _ = values.setdefault(key, fresh)
            places, samples = self._placed(one)
            known[places] = samples
        yield from values.values()

    def _row(self, one: Series, pods: Sequence[str]) -> int:
        return pods.index(one.labels.get(self.pod_label, ""))

    def _placed(self, one: Series) -> tuple[npt.NDArray[np.int64], Nats]:
        """Return the samples of a series, and their places on the grid."""
        numbers = np.fromiter(chain.from_iterable(one.samples), float).reshape(-1, 2)
        places = np.rint((numbers[:, 0] - self.grid[0]) / MINUTE_SECONDS).astype(np.int64)
        return places, numbers[:, 1]
