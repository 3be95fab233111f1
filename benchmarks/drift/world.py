"""A day of traffic drawn from a table, counted by the SDK and judged as the operator does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.drift.tables import Table
from serinus.evidence.block import Block
from serinus.evidence.drifted import findings
from serinus.resource.objective import Objective, Preset
from serinus.signals.distributions import CATEGORY_MARK
from serinus.signals.tally import Bins, Tally
from serinus_sdk import Baseline
from serinus_sdk.distribution import Numbers
from serinus_sdk.tally import Tally as Counter

Places = npt.NDArray[np.int64]
START = datetime(2030, 1, 1, tzinfo=UTC)
DEFAULT = Objective(preset=Preset.DRIFT)
TRAINING_ROWS = 10_000
HOURS = 24
EACH_MINUTE_UNTIL = 60
LOOKS_MINUTES = (*range(1, EACH_MINUTE_UNTIL), *range(EACH_MINUTE_UNTIL, 60 * HOURS + 1, 10))
"""The operator looks more often; later looks at all that was counted differ little."""


@dataclass(frozen=True)
class World:
    """Training and traffic are drawn from the same rows, so nothing drifts that is not shifted."""

    table: Table
    baseline: Baseline
    rows: list[tuple[Any, ...]]

    @classmethod
    def of(cls, table: Table, chance: np.random.Generator) -> World:
        rows = table.rows
        drawn = [rows[place] for place in chance.integers(0, len(rows), TRAINING_ROWS)]
        return cls(table, Baseline.fit(drawn, names=list(table.columns)), rows)

    @cached_property
    def counter(self) -> Counter:
        return Counter(self.baseline.features)

    @cached_property
    def places(self) -> Places:
        return self._places_of(self.rows)

    @cached_property
    def numeric(self) -> list[str]:
        known = self.baseline.features
        return [name for name, each in known.items() if isinstance(each, Numbers)]

    def shifted(self, feature: str) -> Places:
        """The same rows with one feature a standard deviation higher."""
        at = list(self.baseline.features).index(feature)
        numbers = [row[at] for row in self.rows if row[at] is not None]
        step = float(np.std(numbers))
        moved = [
            tuple(v + step if i == at and v is not None else v for i, v in enumerate(row))
            for row in self.rows
        ]
        return self._places_of(moved)

    def _places_of(self, rows: list[tuple[Any, ...]]) -> Places:
        order = self.counter.columns
        return np.array(
            [[c.place(v) for c, v in zip(order, row, strict=True)] for row in rows], dtype=np.int64
        )

    @cached_property
    def labels(self) -> list[tuple[str, list[str], int]]:
        """Of each feature: its name, its bins' labels, and where the first one's count lies."""
        return [
            (
                column.name,
                [e["upto"] or CATEGORY_MARK + e["category"] for e in column.distribution.labels],
                column.first,
            )
            for column in self.counter.columns
        ]

    @cached_property
    def trained(self) -> Bins:
        return {
            name: dict(zip(labels, map(float, self.baseline.features[name].counts), strict=True))
            for name, labels, _ in self.labels
        }

    def told(self, counts: npt.NDArray[np.int64]) -> list[str]:
        """The features that the operator calls drifted."""
        bins = {
            name: dict(zip(labels, map(float, counts[first : first + len(labels)]), strict=True))
            for name, labels, first in self.labels
        }
        canary = Tally(total=float(sum(counts)), bins=bins, trained=self.trained)
        block = Block(since=START, until=START, canary=canary, stable=Tally())
        block = replace(block, until=START + timedelta(hours=1))
        return [each.feature for each in findings(DEFAULT, block) if each.is_drifted]

    def alarm_minute(
        self,
        chance: np.random.Generator,
        per_second: float,
        shifted: Places | None = None,
        from_minute: int = 0,
    ) -> int | None:
        """The first look of a day at which drift is told, None where it never is."""
        size = self.counter.columns[-1].end
        counts, before = np.zeros(size, dtype=np.int64), 0
        minute: int
        for minute in LOOKS_MINUTES:
            is_shifted = shifted is not None and minute > from_minute
            places = shifted if is_shifted and shifted is not None else self.places
            number = chance.poisson(60 * per_second * (minute - before))
            rows = chance.integers(0, len(places), number)
            counts += np.bincount(places[rows].ravel(), minlength=size)
            before = minute
            if (not is_shifted and shifted is not None) or not self.told(counts):
                continue
            return minute
        return None
