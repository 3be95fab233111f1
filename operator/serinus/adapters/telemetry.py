"""The operator's own metrics; their labels have few values, but for drift told by its model."""

from __future__ import annotations

import platform
from collections import Counter as Tally
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
"""Seconds: a look is milliseconds of our own and the rest is waiting for others."""


class Telemetry:
    """Counters and histograms, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the series, for nobody
        self.registry = registry = CollectorRegistry()
        self._looks = Counter(
            "serinus_ticks", "Looks at a resource.", ["outcome"], registry=registry
        )
        histogram = partial(Histogram, buckets=SHORT, registry=registry)
        self._duration = histogram("serinus_tick_duration_seconds", "How long a look took.")
        self._lag = histogram("serinus_tick_lag_seconds", "How late a look began.", ["canary"])
        self._decisions = Counter(
            "serinus_decisions", "Terminal decisions taken.", ["kind", "reason"], registry=registry
        )
        self._rollouts = Counter(
            "serinus_rollouts", "Rollouts that ended, by how.", ["fate"], registry=registry
        )
        self._kubernetes = Counter(
            "serinus_kubernetes_requests",
            "Requests to the API server; code is `error` where there was no answer.",
            ["verb", "resource", "code"],
            registry=registry,
        )
        self._prometheus = Counter(
            "serinus_prometheus_requests", "Questions to Prometheus.", ["outcome"],
            registry=registry,
        )  # fmt: skip
        self._bugs = Counter(
            "serinus_bugs", "Failures that are nobody's fault but ours.", registry=registry
        )
        self._bugs.inc(0)
        build = Gauge("serinus_build_info", "Always 1.", ["version", "python"], registry=registry)
        build.labels(version=own_version(), python=platform.python_version()).set(1)

    def looked(
        self, outcome: str, lag_seconds: float, duration_seconds: float, *, has_split: bool
    ) -> None:
        """Count a look, how late it began and how long it took."""
        self._looks.labels(outcome=outcome).inc()
        self._lag.labels(canary="serving" if has_split else "none").observe(lag_seconds)
        self._duration.observe(duration_seconds)

    def bug(self) -> None:
        """Count a failure that should not have been possible."""
        self._bugs.inc()

    def kubernetes_request(self, verb: str, resource: str, code: str) -> None:
        """Count a request to the API server."""
        self._kubernetes.labels(verb=verb, resource=resource, code=code).inc()

    def prometheus_request(self, outcome: str) -> None:
        """Count a question to Prometheus."""
        self._prometheus.labels(outcome=outcome).inc()

    def status_written(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Count what a new status tells for the first time: decisions and ends of rollouts."""
        old, new = before.get("status") or {}, after.get("status") or {}
        decision = new.get("decision")
        if decision and decision["id"] != (old.get("decision") or {}).get("id"):
            self._decisions.labels(kind=decision["kind"], reason=decision["reason"]).inc()
        known = {(each["revision"], each["at"]) for each in old.get("history") or ()}
        for record in new.get("history") or ():
            if (record["revision"], record["at"]) not in known:
                self._rollouts.labels(fate=record["fate"]).inc()

    def show_leading(self, is_leading: Callable[[], bool]) -> None:
        """Show whether the Lease is ours."""
        gauge = Gauge(
            "serinus_leading", "1 while this process holds the Lease.", registry=self.registry
        )
        gauge.set_function(is_leading)

    def show_resources(self, bodies: Callable[[], Collection[Mapping[str, Any]]]) -> None:
        """Show what the resources' status tells, read when asked: phases, and drift by feature."""
        self.registry.register(_Asked(lambda: _resources(bodies())))
        self.registry.register(_Asked(lambda: _drift(bodies())))

    def show_watches(self, ages: Callable[[], Mapping[str, float]]) -> None:
        """Show how long ago each watch was last heard of, by its resource."""
        self.registry.register(_Asked(lambda: _ages(ages())))


class _Asked(Collector):
    """Metrics that are made when somebody scrapes them."""

    def __init__(self, make: Callable[[], Metric]) -> None:
        self._make = make

    def collect(self) -> Iterator[Metric]:
        yield self._make()


def _resources(bodies: Collection[Mapping[str, Any]]) -> Metric:
    family = GaugeMetricFamily("serinus_resources", "Resources by phase.", labels=["phase"])
    phases = Tally((body.get("status") or {}).get("phase", "Pending") for body in bodies)
    for phase, count in sorted(phases.items()):
        family.add_metric([phase], count)
    return family


def _drift(bodies: Collection[Mapping[str, Any]]) -> Metric:
    """The status tells few features of each objective: as few are the series of a rollout."""
    family = GaugeMetricFamily(
        "serinus_feature_drift",
        "How far a feature of the canary is from what its objective compares it with.",
        labels=["namespace", "model", "objective", "feature"],
    )
    for body in bodies:
        status = body.get("status") or {}
        for verdict in status.get("verdicts") or () if status.get("rollout") else ():
            whose = (body["metadata"][name] for name in ("namespace", "name"))
            labels = (*whose, verdict["objective"])
            for each in verdict.get("features") or ():
                if (distance := each.get("distance")) is not None:
                    family.add_metric([*labels, each["feature"]], distance)
    return family


def _ages(ages: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(
        "serinus_watch_age_seconds", "Since a watch was last heard of.", labels=["resource"]
    )
    for resource, seconds in sorted(ages.items()):
        family.add_metric([resource], seconds)
    return family


def own_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("serinus")
    except PackageNotFoundError:  # run from a checkout
        return "unknown"
