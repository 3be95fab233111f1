"""The Prometheus of a scenario: counters that grow with the traffic the route sends."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from serinus.signals.series import Series
from tests.fakes.cluster import FakeCluster, Pod

SCRAPE_SECONDS = 5.0
Key = tuple[str, str, str]
"""Metric name, pod, code."""


@dataclass
class FakePrometheus:
    """Scrapes the pods of a FakeCluster every five seconds."""

    cluster: FakeCluster
    rate_per_second: float = 100.0
    is_up: bool = True
    scrapes: bool = True
    counters: dict[Key, float] = field(default_factory=dict)
    stored: dict[Key, list[tuple[float, float]]] = field(default_factory=dict)
    bad_requests: float = 0.0
    requests_by_version: dict[str, float] = field(default_factory=dict)
    unserved: float = 0.0
    """Requests the route sent to a Service without a ready pod."""

    def serve_one_second(self, unix_seconds: float) -> None:
        """Send a second's traffic to the pods and scrape them when it is time."""
        weights = self.cluster.weights()
        total = sum(weights.values())
        for service, weight in weights.items():
            self._send(service, self.rate_per_second * weight / total)
        if self.scrapes and unix_seconds % SCRAPE_SECONDS == 0:
            for pod in self.cluster.pods.values():
                self.counters["up", pod.name, ""] = float(self.cluster.is_ready(pod))
            for key, value in self.counters.items():
                if key[1] in self.cluster.pods:
                    self.stored.setdefault(key, []).append((unix_seconds, value))

    def _send(self, service: str, requests: float) -> None:
        pods = [
            pod
            for pod in self.cluster.pods.values()
            if service == f"fraud-{pod.revision}" and self.cluster.is_ready(pod)
        ]
        if not pods:
            self.unserved += requests
        for pod in pods:
            self._count(pod, requests / len(pods))

    def _count(self, pod: Pod, requests: float) -> None:
        its, seen = self.cluster.behaviour(pod), self.requests_by_version
        seen[pod.version] = seen.get(pod.version, 0.0) + requests
        self.bad_requests += requests * (its.error_share + its.null_share)
        self._add("model_requests_total", pod, "200", requests * (1 - its.error_share))
        if its.error_share:
            self._add("model_requests_total", pod, "500", requests * its.error_share)
        self._add("model_predictions_total", pod, "", requests)
        self._add("model_null_outputs_total", pod, "", requests * its.null_share)

    def _add(self, metric: str, pod: Pod, code: str, count: float) -> None:
        key = (metric, pod.name, code)
        self.counters[key] = self.counters.get(key, 0.0) + count

    def raw(self, selector: str, since: float, until: float) -> tuple[Series, ...]:
        """Return the samples of every series whose name the selector names."""
        names = set(re.findall(r"model_[a-z_]+|^up", selector))
        found = []
        for (metric, pod, code), samples in self.stored.items():
            window = tuple((at, value) for at, value in samples if since < at <= until)
            if metric in names and window:
                labels = {"__name__": metric, "namespace": "prod", "pod": pod}
                found.append(
                    Series(labels=labels | ({"code": code} if code else {}), samples=window)
                )
        return tuple(found)
