"""Rows kept in a folder, so that a run of hours can be ended and gone on with another day.

A row is kept for the very code that made it: what has changed since is run anew.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np

import benchmarks.verdicts
import serinus
from benchmarks.verdicts.jobs import Job, Row, run


@dataclass(frozen=True)
class Kept:
    """Runs jobs, but those whose rows lie in the folder."""

    folder: Path

    def rows(self, job: Job) -> list[Row]:
        """Return a job's rows, from the folder where it has them."""
        place = self.folder / f"{sha256(f'{self._code}{job!r}'.encode()).hexdigest()[:24]}.pickle"
        if place.exists():
            known: list[Row] = pickle.loads(place.read_bytes())  # noqa: S301 - written below
            return known
        rows = run(job)
        self.folder.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_suffix(".part")
        unfinished.write_bytes(pickle.dumps(rows))
        unfinished.rename(place)
        return rows

    @cached_property
    def _code(self) -> str:
        digest = sha256(np.__version__.encode())
        for source in sorted(_sources()):
            digest.update(source.read_bytes())
        return digest.hexdigest()


def _sources() -> Iterator[Path]:
    """What a number can come from; how it is printed does not matter."""
    operator, here = Path(serinus.__file__).parent, Path(benchmarks.verdicts.__file__).parent
    for stage in ("evidence", "replay", "signals", "resource"):
        yield from (operator / stage).rglob("*.py")
    words = {"__main__", "cells", "figures", "plots", "tables"}
    yield from (each for each in here.rglob("*.py") if each.stem not in words)
    yield from here.rglob("*.csv")
