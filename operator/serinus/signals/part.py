"""A part: some of the series in the answer to a query that serves more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from serinus.servers.ingredients import Workload
from serinus.servers.selectors import Selector
from serinus.signals.native import as_buckets, edges_of
from serinus.signals.series import Series


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the series in a query's answer."""

    query: str
    keep: Selector | None = None
    """Which of them; all where there is none."""
    workload: Workload | None = None
    """Set where they are a proxy's, which names the workload they are about."""
    are_native: bool = False
    """Whether they are native histograms, to be counted as buckets."""
    limit: float | None = None
    """Of native histograms: what an edge is needed next to, in their unit."""

    def of(self, series: Iterable[Series]) -> list[Series]:
        """Return those of some series that belong to it; native histograms as their buckets."""
        kept = self.kept(series)
        return as_buckets(kept, edges_of(kept, self.limit)) if self.are_native else kept

    def kept(self, series: Iterable[Series]) -> list[Series]:
        """Return those of some series that belong to it, as they are."""
        return [
            one
            for one in series
            if (one.histograms if self.are_native else one.samples)
            and (self.keep is None or self.keep.accepts(one.labels))
        ]

    @property
    def shown(self) -> str:
        """The metric as it is named to people."""
        return self.keep.name if self.keep else self.query
