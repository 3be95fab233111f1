"""The exposition: what a scrape gets, of one process or of all workers of a server."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector


def is_multiprocess() -> bool:
    """Return whether several worker processes share their metrics by PROMETHEUS_MULTIPROC_DIR."""
    return bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))


def scraped_registry(registry: CollectorRegistry) -> CollectorRegistry:
    """Return what is to be scraped: all workers' metrics where there are several."""
    if not is_multiprocess():
        return registry
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared


def exposition(registry: CollectorRegistry) -> bytes:
    """Return the metrics in Prometheus' text format."""
    return generate_latest(scraped_registry(registry))
