"""A trace as a file: one series a line, its labels and its raw samples."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from serinus.signals.series import Series


def write_trace(path: Path, series: Iterable[Series]) -> None:
    """Write series as JSON lines."""
    lines = (json.dumps({"labels": dict(s.labels), "samples": s.samples}) for s in series)
    path.write_text("".join(f"{line}\n" for line in lines))


def read_trace(path: Path) -> tuple[Series, ...]:
    """Read series that were written."""
    return tuple(_read(line) for line in path.read_text().splitlines())


def moved(series: Sequence[Series], starts_at: float) -> tuple[Series, ...]:
    """Return the trace as if its first sample had been taken at a time."""
    by = starts_at - min(one.samples[0][0] for one in series)
    return tuple(
        Series(labels=one.labels, samples=tuple((at + by, value) for at, value in one.samples))
        for one in series
    )


def _read(line: str) -> Series:
    raw = json.loads(line)
    samples = ((float(at), float(value)) for at, value in raw["samples"])
    return Series(labels=raw["labels"], samples=tuple(samples))
