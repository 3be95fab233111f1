"""The past that is replayed: samples from a file or from Prometheus, specs from YAML."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.adapters.prometheuses import OWN, Prometheuses, named
from serinus.cli.exits import Ended, ExitCode
from serinus.cli.given import text_of
from serinus.errors import OutsideUnavailable, SerinusError
from serinus.observe.ask import MetricsReader
from serinus.replay.recorded import RecordedSamples, read_recording
from serinus.settings import Settings, SettingsInvalid, read_settings
from serinus.signals.series import ScrapeLabels

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The samples of one model's past, and what they are told apart by."""

    metrics: MetricsReader
    labels: ScrapeLabels
    scrape_interval_seconds: float


Work = Callable[[History], Awaitable[T]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the samples are, and how the answer is written."""

    recording: Path | None
    prometheus: str | None
    is_json: bool
    plot: Path | None = None
    """Where a picture goes, too."""

    def with_metrics(self, raw_spec: Mapping[str, Any], work: Work[T]) -> T:
        """Return what comes of some work on the samples.

        Args:
            raw_spec: names the Prometheus that is asked, as it does for the operator.
            work: to do.

        Raises:
            Ended: they can't be had; the message says why.
        """
        try:
            return asyncio.run(self._work(raw_spec, work))
        except (SerinusError, SettingsInvalid) as failure:
            raise Ended(ExitCode.NOT_REACHED, str(failure)) from failure

    async def _work(self, raw_spec: Mapping[str, Any], work: Work[T]) -> T:
        settings = read_settings(os.environ)
        listed = self._listed(settings, raw_spec)
        prometheuses = Prometheuses(
            listed, settings.scrape_interval_seconds, identity=settings.aws_identity
        )
        source = prometheuses.source("", raw_spec)
        if source.refusal and not self.recording:
            raise source.refusal
        history = History(
            metrics=_samples(self.recording) if self.recording else source.reader,
            labels=source.labels,
            scrape_interval_seconds=source.scrape_interval_seconds,
        )
        try:
            return await work(history)
        finally:
            await prometheuses.close()

    def _listed(
        self, settings: Settings, raw_spec: Mapping[str, Any]
    ) -> Mapping[str, PrometheusSettings]:
        """Whichever the model names, the one whose address is given is meant.

        Which namespaces one is for is a question to models, not to people with a login.
        """
        listed = {
            name: each.model_copy(update={"namespaces": ()})
            for name, each in settings.prometheuses.items()
        }
        if not self.prometheus:
            return listed
        name, tenant = named(raw_spec)
        own = listed.get(name, listed[OWN])
        tenants = (*own.tenants, *((tenant,) if tenant else ()))
        return {name: own.model_copy(update={"url": self.prometheus, "tenants": tenants})}

    @property
    def now(self) -> datetime:
        """The end of the recording, or the time."""
        return _samples(self.recording).ends_at if self.recording else datetime.now(UTC)


@lru_cache(maxsize=1)
def _samples(recording: Path) -> RecordedSamples:
    try:
        return read_recording(text_of(recording))[0]
    except OutsideUnavailable as wrong:
        raise Ended(ExitCode.USAGE, f"{recording}: {wrong}") from wrong
