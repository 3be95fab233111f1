"""Pods whose servers use the SDK, scraped as Prometheus does: real monitors, real series."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry

from serinus.servers.selectors import read_selector
from serinus.signals.series import Series
from serinus_sdk import Baseline, Monitor

Labels = tuple[tuple[str, str], ...]


@dataclass
class Pod:
    """One pod and every sample that was scraped of it."""

    name: str
    baseline: Baseline | None
    version: str = "1"
    options: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.monitor = Monitor(
            self.baseline, version=self.version, registry=CollectorRegistry(), **self.options
        )
        self.samples: dict[Labels, list[tuple[float, float]]] = {}

    def answer(self, rows: Iterable[Sequence[Any]], predictions: Iterable[Any]) -> None:
        self.monitor.record_many(rows, predictions)

    def scraped(self, at: datetime) -> None:
        for family in self.monitor._registry.collect():
            for sample in family.samples:
                labels = {"__name__": sample.name, **{k: v for k, v in sample.labels.items() if v}}
                self._keep(labels, at, sample.value)
        self._keep({"__name__": "up"}, at, 1.0)

    def _keep(self, labels: Mapping[str, str], at: datetime, value: float) -> None:
        where = {"namespace": "prod", "pod": self.name, "instance": self.name}
        key = tuple(sorted({**labels, **where}.items()))
        self.samples.setdefault(key, []).append((at.timestamp(), value))


@dataclass
class Prometheus:
    """Answers selectors; there is no expression that it could evaluate."""

    pods: Sequence[Pod]

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        wanted = read_selector(selector)
        since = (at - timedelta(seconds=window_seconds)).timestamp()
        found = []
        for pod in self.pods:
            for key, samples in pod.samples.items():
                labels = dict(key)
                those = tuple(s for s in samples if since <= s[0] <= at.timestamp())
                if those and wanted.accepts(labels):
                    found.append(Series(labels=labels, samples=those))
        return tuple(found)

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        raise AssertionError(f"{expression} is no selector")
