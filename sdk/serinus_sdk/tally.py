"""The tally: for each value of a row one addition to a list, and no more while a request waits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from operator import add, getitem, itemgetter
from threading import Lock
from typing import Any

from serinus_sdk.distribution import Categories, Distribution, Numbers, is_missing, scalar_of
from serinus_sdk.rows import row_of

MISSING, INVALID = "missing", "invalid"
"""A value that is none (None, NaN), and one of a type that can't be what it should be."""
OUT_OF_RANGE, UNSEEN = "out_of_range", "unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where the counts of one feature lie in the list of all counts."""

    name: str
    distribution: Distribution
    first: int

    @property
    def bins(self) -> range:
        """The places of its bins."""
        return range(self.first, self.first + len(self.distribution.counts))

    @property
    def missing(self) -> int:
        """The place of values that are none."""
        return self.bins.stop

    @property
    def invalid(self) -> int:
        """The place of values of another type."""
        return self.bins.stop + 1

    @property
    def end(self) -> int:
        """The first place behind it."""
        return self.bins.stop + 2

    def place(self, value: Any) -> int:
        """Return where a value counts, whatever it is."""
        distribution = self.distribution
        if value.__class__ is float and distribution.__class__ is Numbers:
            place = bisect_left(distribution.upto, value)
            return self.first + place if place or not isnan(value) else self.missing
        try:
            scalar = scalar_of(value)
            if is_missing(scalar):
                return self.missing
            if isinstance(distribution, Numbers):
                return self._place_of_number(distribution, scalar)
            return self.first + distribution.place_of(scalar)
        except (TypeError, ValueError, OverflowError, RuntimeError):
            return self.invalid

    def _place_of_number(self, numbers: Numbers, value: Any) -> int:
        if isinstance(value, str | bytes):  # float() would read it, a model would not
            return self.invalid
        number = float(value)
        return self.missing if isnan(number) else self.first + numbers.bin_of(number)

    def faults(self, counts: Sequence[int]) -> dict[str, int]:
        """Return how many values were faulty, by how."""
        bins = self.bins
        found = {MISSING: counts[self.missing], INVALID: counts[self.invalid]}
        if isinstance(self.distribution, Numbers):
            return {**found, OUT_OF_RANGE: counts[bins[0]] + counts[bins[-1]], UNSEEN: 0}
        return {**found, OUT_OF_RANGE: 0, UNSEEN: counts[bins[-1]]}


def columns_of(distributions: Mapping[str, Distribution]) -> tuple[Column, ...]:
    """Return where the counts of each distribution lie."""
    columns: list[Column] = []
    for name, distribution in distributions.items():
        first = columns[-1].end if columns else 0
        columns.append(Column(name=name, distribution=distribution, first=first))
    return tuple(columns)


class Tally:
    """Counts of rows, value by value; safe under threads."""

    def __init__(self, distributions: Mapping[str, Distribution]) -> None:
        self.columns = columns_of(distributions)
        self._size = self.columns[-1].end if self.columns else 0
        self._by_name = _Order.of(self.columns, [column.name for column in self.columns])
        self._by_position = _Order.of(self.columns, range(len(self.columns)))
        self._lock = Lock()
        self._counts = [0] * self._size

    def count(self, row: Any) -> None:
        """Count one row: values by name, or in the baseline's order; surplus ones are ignored.

        Raises:
            ValueError: a table of more than one row.
        """
        if row.__class__ is not dict and row.__class__ is not list:
            row = row_of(row)
        order = self._by_name if isinstance(row, Mapping) else self._by_position
        try:
            places = order.places(row)
        except (LookupError, TypeError, ValueError):
            places = order.places_of_any(row)
        with self._lock:
            counts = self._counts
            for place in places:
                counts[place] += 1

    def count_value(self, value: Any) -> None:
        """Count a row of one value."""
        place = self.columns[0].place(value)
        with self._lock:
            self._counts[place] += 1

    def taken(self) -> list[int]:
        """Return the counts since the last time, which begin anew."""
        with self._lock:
            counts, self._counts = self._counts, [0] * self._size
        return counts

    def forget(self) -> None:
        """Begin anew in a forked child, on a lock of its own: the parent tells of these counts."""
        self._lock = Lock()
        self._counts = [0] * self._size


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """Where the values of rows of one form are, and where they count."""

    keys: Sequence[Any]
    """Names or positions, in the baseline's order."""
    columns: tuple[Column, ...]
    numbers: Callable[[Any], tuple[Any, ...]]
    """From a row to its numbers; of categories likewise."""
    firsts: tuple[int, ...]
    edges: tuple[tuple[float, ...], ...]
    names: Callable[[Any], tuple[Any, ...]]
    known: tuple[dict[str, int], ...]

    @classmethod
    def of(cls, columns: tuple[Column, ...], keys: Sequence[Any]) -> _Order:
        """Return the order of rows whose values have these keys."""
        keyed = list(zip(columns, keys, strict=True))
        numbers = [
            (c, c.distribution, key) for c, key in keyed if isinstance(c.distribution, Numbers)
        ]
        names = [
            (c, c.distribution, key) for c, key in keyed if isinstance(c.distribution, Categories)
        ]
        return cls(
            keys=keys,
            columns=columns,
            numbers=_getter([key for *_, key in numbers]),
            firsts=tuple(column.first for column, *_ in numbers),
            edges=tuple(distribution.upto for _, distribution, _ in numbers),
            names=_getter([key for *_, key in names]),
            known=tuple(
                {name: c.first + place for name, place in each.places.items()}
                for c, each, _ in names
            ),
        )

    def places(self, row: Any) -> list[int]:
        """Return where the values of an ordinary row count, without a step of Python for each.

        Raises:
            LookupError: a value or a category that is not known; TypeError: a value of another
                type; ValueError: a number in the lowest bin, where NaN would be found as well.
        """
        at = list(map(bisect_left, self.edges, self.numbers(row)))
        if not all(at):
            raise ValueError
        places = list(map(add, self.firsts, at))
        places += map(getitem, self.known, self.names(row))
        return places

    def places_of_any(self, row: Any) -> list[int]:
        """Return where the values of any row count; those that are not there are missing."""
        if isinstance(row, Mapping):
            values = [row.get(key) for key in self.keys]
        else:
            values = [row[key] if key < len(row) else None for key in self.keys]
        return [column.place(value) for column, value in zip(self.columns, values, strict=True)]


def _getter(keys: Sequence[Any]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the values of some keys; itemgetter takes one alone without a tuple."""
    if len(keys) > 1:
        return itemgetter(*keys)
    return lambda row: tuple(row[key] for key in keys)


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
