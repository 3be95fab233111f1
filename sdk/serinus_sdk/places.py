"""Where the values of a row count: the columns of the tally, and how rows are taken apart."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from operator import getitem, itemgetter
from typing import Any

from serinus_sdk.distribution import Categories, Distribution, Numbers, is_missing, scalar_of

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Where the values of rows of one form are, and where they count."""

    keys: Sequence[Any]
    """Names or positions, in the baseline's order."""
    columns: tuple[Column, ...]
    noted: tuple[Column, ...]
    """In the order in which bins are noted: those of numbers, then those of categories."""
    numbers: Callable[[Any], tuple[Any, ...]]
    """From a row to its numbers; of categories likewise."""
    edges: tuple[tuple[float, ...], ...]
    names: Callable[[Any], tuple[Any, ...]]
    known: tuple[dict[str, int], ...]

    @classmethod
    def of(cls, columns: tuple[Column, ...], keys: Sequence[Any]) -> Order:
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
            noted=tuple(column for column, *_ in (*numbers, *names)),
            numbers=_getter([key for *_, key in numbers]),
            edges=tuple(distribution.upto for _, distribution, _ in numbers),
            names=_getter([key for *_, key in names]),
            known=tuple(distribution.places for _, distribution, _ in names),
        )

    def bins(self, row: Any) -> bytes:
        """Return the bin of each value of an ordinary row, without a step of Python for each.

        Raises:
            LookupError: a value or a category that is not known; TypeError: a value of another
                type; ValueError: a number in the lowest bin, where NaN would be found as well.
        """
        bins = [*map(bisect_left, self.edges, self.numbers(row))]
        if 0 in bins:
            raise ValueError
        bins += map(getitem, self.known, self.names(row))
        return bytes(bins)

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
