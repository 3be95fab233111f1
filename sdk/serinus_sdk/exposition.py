"""The exposition: what a scrape gets, of one process or of all workers of a server."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector


class AllWorkers(MultiProcessCollector):
    """What all workers wrote; one that starts has a file of no length for a moment.

    The library can't read such a file, and would fail the scrape of all others with it: for good,
    where a worker was killed in that moment.
    """

    def __init__(self, folder: str) -> None:
        super().__init__(None, folder)  # type: ignore[no-untyped-call]
        self._folder = Path(folder)

    def collect(self) -> Iterable[Metric]:
        """Return the sums."""
        files = [str(file) for file in self._folder.glob("*.db") if _holds_something(file)]
        metrics: Iterable[Metric] = self.merge(files)  # type: ignore[no-untyped-call]
        return metrics


def _holds_something(file: Path) -> bool:
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:  # whoever looks after workers has removed it
        return False


def is_multiprocess() -> bool:
    """Return whether several worker processes share their metrics by PROMETHEUS_MULTIPROC_DIR."""
    return bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))


def scraped_registry(registry: CollectorRegistry) -> CollectorRegistry:
    """Return what is to be scraped: all workers' metrics where there are several."""
    if not is_multiprocess():
        return registry
    shared = CollectorRegistry()
    shared.register(AllWorkers(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    return shared


def exposition(registry: CollectorRegistry) -> bytes:
    """Return the metrics in Prometheus' text format."""
    return generate_latest(scraped_registry(registry))
