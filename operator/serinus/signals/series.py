"""Raw series as Prometheus stores them, and whose they are."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self, overload

from serinus.signals.histogram import Histogram

Sample = tuple[float, float]
"""(Unix seconds, value)."""


class Packed(Sequence[Sample]):
    """Samples as an array: of thousands of series, tuples of floats take six times as much."""

    __slots__ = ("_numbers",)

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._numbers = array("d", chain.from_iterable(samples))

    def __iter__(self) -> Iterator[Sample]:
        numbers = iter(self._numbers)
        return zip(numbers, numbers, strict=True)

    def __len__(self) -> int:
        return len(self._numbers) // 2

    @overload
    def __getitem__(self, index: int) -> Sample: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Sample, ...]: ...

    def __getitem__(self, index: int | slice) -> Sample | tuple[Sample, ...]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series' labels and samples, oldest first."""

    labels: Mapping[str, str]
    """Labels, `__name__` included where the query kept it."""
    samples: Sequence[Sample]
    histograms: Sequence[tuple[float, Histogram]] = ()
    """Of a native histogram: (Unix seconds, what it had counted)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeLabels:
    """The target labels that say whose a series is, as the scrape configuration names them."""

    namespace: str = "namespace"
    pod: str = "pod"


KUBERNETES_LABELS = ScrapeLabels()
"""What nearly every scrape configuration calls them."""


class Answer(tuple[Series, ...]):  # noqa: SLOT001 - it has more to keep than a tuple
    """The series of one answer with a directory by pod, so that many can look their own up.

    One answer serves all models; without the directory each of them would read all of it.
    """

    _directories: dict[ScrapeLabels, _Directory]

    def __new__(cls, series: Iterable[Series] = ()) -> Self:
        """Return these series; the directory is made when first asked for."""
        answer = super().__new__(cls, series)
        answer._directories = {}
        return answer

    def of_pods(self, namespace: str, prefix: str, labels: ScrapeLabels) -> tuple[Series, ...]:
        """Return the series of a namespace's pods whose names start with a prefix."""
        names, by_pod = self._directory(labels).get(namespace, ([], {}))
        found: list[Series] = []
        for name in names[bisect_left(names, prefix) :]:
            if not name.startswith(prefix):
                break
            found += by_pod[name]
        return tuple(found)

    def _directory(self, labels: ScrapeLabels) -> _Directory:
        if labels not in self._directories:
            self._directories[labels] = _list_by_pod(self, labels)
        return self._directories[labels]


_Directory = dict[str, tuple[list[str], dict[str, list[Series]]]]


def _list_by_pod(series: Iterable[Series], labels: ScrapeLabels) -> _Directory:
    grouped: dict[str, dict[str, list[Series]]] = {}
    for one in series:
        pods = grouped.setdefault(one.labels.get(labels.namespace, ""), {})
        pods.setdefault(one.labels.get(labels.pod, ""), []).append(one)
    return {namespace: (sorted(pods), pods) for namespace, pods in grouped.items()}


def of_pods(
    series: Sequence[Series], namespace: str, prefix: str, labels: ScrapeLabels
) -> tuple[Series, ...]:
    """Return the series of a namespace's pods whose names start with a prefix."""
    answer = series if isinstance(series, Answer) else Answer(series)
    return answer.of_pods(namespace, prefix, labels)
