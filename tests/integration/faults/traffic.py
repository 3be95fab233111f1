"""The model's callers: they follow the router's weights, and what they meet is counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic, time

from tests.integration.faults.surroundings import Surroundings

SCRAPE_SECONDS = 0.5
MOMENT_SECONDS = 0.05
OUTSIDE_PER_SECOND = 180.0
"""Requests that come through the route."""
INSIDE_PER_SECOND = 20.0
"""Requests of callers in the cluster, through the entry Service."""
ENTRY = "fraud"
KEPT_SECONDS = 60.0

SeriesKey = tuple[str, str, str]
"""Metric, pod and code."""


@dataclass
class Traffic:
    """Requests sent and lost, and the counters of the pods that served them."""

    surroundings: Surroundings
    namespace: str
    sent: float = 0.0
    lost: float = 0.0
    """Requests to a Service without a ready pod."""
    lost_to_the_dead: float = 0.0
    """The same, to pods that the story itself made die."""
    stored: dict[SeriesKey, list[tuple[float, float]]] = field(default_factory=dict)
    """What Prometheus has scraped: (Unix seconds, value)."""
    _counters: dict[SeriesKey, float] = field(default_factory=dict)

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Send and scrape for as long as this lasts."""
        tasks = [asyncio.create_task(self._send_on()), asyncio.create_task(self._scrape_on())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_on(self) -> None:
        before = monotonic()
        while True:
            await asyncio.sleep(MOMENT_SECONDS)
            now = monotonic()
            self._send_for(now - before)
            before = now

    def _send_for(self, seconds: float) -> None:
        weights = self.surroundings.weights
        total = sum(weights.values())
        if not total:
            return
        for service, weight in weights.items():
            self._send(service, OUTSIDE_PER_SECOND * seconds * weight / total)
        if self.surroundings.exists(ENTRY):
            self._send(ENTRY, INSIDE_PER_SECOND * seconds)

    def _send(self, service: str, requests: float) -> None:
        self.sent += requests
        pods = self.surroundings.ready_pods(service)
        if not pods and self.surroundings.has_died(service):
            self.lost_to_the_dead += requests
        elif not pods:
            self.lost += requests
        for pod in pods:
            name, share = pod["metadata"]["name"], requests / len(pods)
            errors = share * self.surroundings.behaviour(pod).error_share
            self._count("model_requests_total", name, "200", share - errors)
            if errors:
                self._count("model_requests_total", name, "500", errors)

    def _count(self, metric: str, pod: str, code: str, events: float) -> None:
        key = (metric, pod, code)
        self._counters[key] = self._counters.get(key, 0.0) + events

    async def _scrape_on(self) -> None:
        while True:
            await asyncio.sleep(SCRAPE_SECONDS - time() % SCRAPE_SECONDS)
            self._scrape(time())

    def _scrape(self, now: float) -> None:
        pods = self.surroundings.pods()
        for pod in pods:
            self._store(("up", pod["metadata"]["name"], ""), now, 1.0)
        names = {pod["metadata"]["name"] for pod in pods}
        for key, value in self._counters.items():
            if key[1] in names:
                self._store(key, now, value)

    def _store(self, key: SeriesKey, now: float, value: float) -> None:
        samples = self.stored.setdefault(key, [])
        samples.append((now, value))
        while samples[0][0] < now - KEPT_SECONDS:
            samples.pop(0)
