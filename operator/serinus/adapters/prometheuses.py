"""The Prometheuses that may be asked: the operator's own, and those its installer has listed.

A model names one of them and never an address, so that nobody who may write a model can send the
operator, or its credentials, to a place of their choice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from serinus.adapters.aws_keys import NO_IDENTITY, AwsIdentity
from serinus.adapters.prometheus import AsTenant, Overhearing, Prometheus
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.errors import OutsideUnavailable, PrometheusNotForNamespace, PrometheusNotListed
from serinus.observe.ask import MetricsReader
from serinus.signals.series import KUBERNETES_LABELS, Answer, ScrapeLabels, Series

OWN = ""
"""Key of the operator's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where one model's evidence comes from."""

    reader: MetricsReader
    overhearing: MetricsReader
    """The same without asking anything."""
    scrape_interval_seconds: float
    labels: ScrapeLabels = KUBERNETES_LABELS
    refusal: PrometheusNotListed | None = None
    """Why the model may not name what it names."""


@dataclass(frozen=True, slots=True)
class _Nobody:
    """A reader for who may ask none."""

    refusal: PrometheusNotListed

    async def raw(self, *_question: object) -> tuple[Series, ...]:
        raise OutsideUnavailable(str(self.refusal))

    evaluate = raw


class Prometheuses:
    """All of them, each with threads and answers of its own: one that is slow slows no other."""

    def __init__(
        self,
        settings: Mapping[str, PrometheusSettings],
        scrape_interval_seconds: float = 15.0,
        identity: AwsIdentity = NO_IDENTITY,
        count: Callable[[str], None] = lambda _outcome: None,
    ) -> None:
        """Make no request yet; settings come by name, the operator's own under ""."""
        self._scrape_interval_seconds = scrape_interval_seconds
        self._listed = {name: Prometheus(each, identity, count) for name, each in settings.items()}

    def listen(self, heard: Callable[[Answer, ScrapeLabels], None]) -> None:
        """Tell somebody every new answer, and which labels say whose it is."""
        for prometheus in self._listed.values():
            prometheus.on_answer = heard

    def source(self, namespace: str, raw_spec: Mapping[str, Any]) -> Source:
        """Return where the evidence of a namespace's model comes from, by its spec as written."""
        name, tenant = named(raw_spec)
        prometheus = self._listed.get(name)
        refusal = self._refusal(namespace, name, tenant)
        if prometheus is None or refusal is not None:
            return self._nobody(refusal or PrometheusNotListed("", name, ()))
        settings = prometheus.settings
        return Source(
            reader=AsTenant(prometheus, tenant),
            overhearing=Overhearing(prometheus, tenant),
            scrape_interval_seconds=settings.scrape_interval or self._scrape_interval_seconds,
            labels=settings.labels,
        )

    async def close(self) -> None:
        """End what is under way and let go of the connections."""
        await asyncio.gather(*(each.close() for each in self._listed.values()))

    def _refusal(self, namespace: str, name: str, tenant: str) -> PrometheusNotListed | None:
        may_be_named = {
            name: each.settings
            for name, each in self._listed.items()
            if each.settings.is_for(namespace)
        }
        if name not in self._listed:
            names = tuple(each for each in may_be_named if each != OWN)
            return PrometheusNotListed("name", name, names)
        if name not in may_be_named:
            return PrometheusNotForNamespace(name, namespace)
        tenants = may_be_named[name].tenants
        if tenant and tenant not in tenants:
            return PrometheusNotListed("tenant", tenant, tenants)
        return None

    def _nobody(self, refusal: PrometheusNotListed) -> Source:
        nobody = _Nobody(refusal)
        return Source(
            reader=nobody,
            overhearing=nobody,
            scrape_interval_seconds=self._scrape_interval_seconds,
            refusal=refusal,
        )


def named(raw_spec: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and the tenant that a spec asks for, each "" where it says nothing.

    Whether it is a valid spec is not asked.
    """
    found: Any = raw_spec
    for key in ("metrics", "prometheus"):
        found = found.get(key) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        return OWN, ""
    return str(found.get("name") or OWN), str(found.get("tenant") or "")
