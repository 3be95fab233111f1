"""The tally: of each value of a row the bin is noted, and no more while a request waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock
from typing import Any

from serinus_sdk.distribution import Distribution, is_missing
from serinus_sdk.places import Order, columns_of
from serinus_sdk.rows import row_of

ROWS_NOTED = 500
"""Until they are added up, which takes a tenth of a millisecond then; a scrape does so, too."""


class Tally:
    """Counts of rows, value by value; safe under threads."""

    def __init__(self, distributions: Mapping[str, Distribution]) -> None:
        self.columns = columns_of(distributions)
        self._size = self.columns[-1].end if self.columns else 0
        self._by_name = Order.of(self.columns, [column.name for column in self.columns])
        self._by_position = Order.of(self.columns, range(len(self.columns)))
        self._most_noted = ROWS_NOTED * len(self.columns)
        self._lock = Lock()
        self._counts = [0] * self._size
        self._noted = bytearray()

    def count(self, row: Any) -> None:
        """Count one row: values by name, or in the baseline's order; surplus ones are ignored.

        Raises:
            ValueError: a table of more than one row.
        """
        if row.__class__ is not dict and row.__class__ is not list:
            row = row_of(row)
        order = self._by_name if isinstance(row, Mapping) else self._by_position
        try:
            bins = order.bins(row)
        except (LookupError, TypeError, ValueError):
            self._count_places(order.places_of_any(row))
            return
        with self._lock:
            self._noted += bins
            if len(self._noted) >= self._most_noted:
                self._add_up()

    def count_value(self, value: Any) -> None:
        """Count a row of one value."""
        self._count_places([self.columns[0].place(value)])

    def taken(self) -> list[int]:
        """Return the counts since the last time, which begin anew."""
        with self._lock:
            self._add_up()
            counts, self._counts = self._counts, [0] * self._size
        return counts

    def forget(self) -> None:
        """Begin anew in a forked child, on a lock of its own: the parent tells of these counts."""
        self._lock = Lock()
        self._counts = [0] * self._size
        self._noted = bytearray()

    def _count_places(self, places: Iterable[int]) -> None:
        with self._lock:
            counts = self._counts
            for place in places:
                counts[place] += 1

    def _add_up(self) -> None:
        columns, noted, self._noted = self._by_name.noted, self._noted, bytearray()
        for number, column in enumerate(columns):
            of_column = noted[number :: len(columns)]
            for place, bin_of_column in enumerate(column.bins):
                self._counts[bin_of_column] += of_column.count(place)


class PlainTally:
    """Counts of values and of missing ones, where no baseline says more; safe under threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values, self._missing = 0, 0

    def count(self, row: Any) -> None:
        """Count one row.

        Raises:
            ValueError: a table of more than one row.
        """
        row = row_of(row)
        values = tuple(row.values() if isinstance(row, Mapping) else row)
        missing = sum(map(is_missing, values))
        with self._lock:
            self._values += len(values)
            self._missing += missing

    def count_value(self, value: Any) -> None:
        """Count a row of one value."""
        self.count((value,))

    def taken(self) -> tuple[int, int]:
        """Return all values and the missing ones among them since the last time."""
        with self._lock:
            counts = self._values, self._missing
            self._values, self._missing = 0, 0
        return counts

    def forget(self) -> None:
        """Begin anew, on a lock of its own."""
        self._lock = Lock()
        self._values, self._missing = 0, 0
