"""The past that is replayed: samples from a file or from Prometheus, specs from YAML."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import yaml

from serinus.adapters.prometheuses import Prometheuses
from serinus.cli.exits import Ended, ExitCode
from serinus.errors import SerinusError
from serinus.observe.ask import MetricsReader
from serinus.replay.recorded import RecordedSamples, read_recording
from serinus.settings import read_settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where the samples are, and how the answer is written."""

    recording: Path | None
    prometheus: str | None
    is_json: bool

    def with_metrics(self, work: Callable[[MetricsReader], Awaitable[T]]) -> T:
        """Return what comes of some work on the samples.

        Raises:
            Ended: they can't be had; the message says why.
        """
        try:
            return asyncio.run(self._work(work))
        except SerinusError as failure:
            raise Ended(ExitCode.NOT_REACHED, str(failure)) from failure

    async def _work(self, work: Callable[[MetricsReader], Awaitable[T]]) -> T:
        if self.recording is not None:
            return await work(self.samples())
        settings = read_settings(os.environ)
        if self.prometheus:
            own = settings.prometheuses[""].model_copy(update={"url": self.prometheus})
            prometheuses = Prometheuses({"": own}, identity=settings.aws_identity)
        else:
            prometheuses = Prometheuses(settings.prometheuses, identity=settings.aws_identity)
        try:
            return await work(prometheuses.source({}).reader)
        finally:
            await prometheuses.close()

    def samples(self) -> RecordedSamples:
        """Return the samples of the recording."""
        return read_recording(text_of(self.recording))[0]

    @property
    def now(self) -> datetime:
        """The end of the recording, or the time."""
        return self.samples().ends_at if self.recording else datetime.now(UTC)


def yaml_of(file: Path) -> Mapping[str, Any]:
    """Return a resource that was written as YAML.

    Raises:
        Ended: it can't be read, or is none.
    """
    found = yaml.safe_load(text_of(file))
    if not isinstance(found, dict):
        raise Ended(ExitCode.USAGE, f"{file} holds no resource")
    return found


def text_of(file: Path | None) -> str:
    """Return what a file holds; nothing where there is none.

    Raises:
        Ended: it can't be read.
    """
    try:
        return file.read_text() if file else ""
    except OSError as trouble:
        raise Ended(ExitCode.USAGE, f"{file}: {trouble.strerror}") from trouble
