"""The models of a registry: what they count under one name is one metric with a label `model`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Protocol
from weakref import WeakKeyDictionary

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

_JOINING = Lock()


class Counting(Protocol):
    """One model's monitor."""

    @property
    def metrics(self) -> Sequence[MetricWrapperBase]:
        """What it shows."""

    def flush(self) -> None:
        """Add what was counted to its metrics."""


class Models(Collector):
    """The models that a registry shows; before a scrape each adds what it has counted."""

    def __init__(self) -> None:
        self._by_name: dict[str, Counting] = {}

    @classmethod
    def joined(cls, registry: CollectorRegistry, name: str, one: Counting) -> Models:
        """Show one more in a registry from now on, and return all of them.

        Args:
            registry: where.
            name: the value of its label `model`; empty for one that has no such label.
            one: its monitor.

        Raises:
            ValueError: it has the name of another one, or one of both has none, or something else
                shows a metric of such a name.
        """
        with _JOINING:
            models = _OF_REGISTRY.get(registry)
            if models is None:
                models = cls()
                models._by_name[name] = one
                registry.register(models)
                _OF_REGISTRY[registry] = models
            else:
                models._refuse(name)
                models._by_name[name] = one
        return models

    def _refuse(self, name: str) -> None:
        """Refuse a model that could not be told apart from those that there are."""
        if not name or "" in self._by_name:
            raise ValueError(
                "there is a Monitor in this process already: where a server has several models, "
                "give each of them its name, Monitor(..., model='fraud')"
            )
        if name in self._by_name:
            raise ValueError(f"there is a Monitor of model {name!r} in this process already")

    def flush(self) -> None:
        """Let each add what it has counted."""
        for one in tuple(self._by_name.values()):
            one.flush()

    def describe(self) -> Iterable[Metric]:
        """Return the metrics without anything in them."""
        return [
            family
            for one in self._by_name.values()
            for metric in one.metrics
            for family in metric.describe()
        ]

    def collect(self) -> Iterable[Metric]:
        """Return the metrics, one of each name."""
        self.flush()
        families: dict[str, Metric] = {}
        for one in tuple(self._by_name.values()):
            for metric in one.metrics:
                for family in metric.collect():
                    known = families.setdefault(family.name, family)
                    if known is not family:
                        known.samples.extend(family.samples)
        return families.values()


_OF_REGISTRY: WeakKeyDictionary[CollectorRegistry, Models] = WeakKeyDictionary()
