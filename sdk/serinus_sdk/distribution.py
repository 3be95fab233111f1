"""The distribution of a feature, or of predictions, in the training data: bins and counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

OTHER, UNSEEN = "(other)", "(unseen)"
"""Bins of a category that is too rare for one of its own, or was never there in training."""
MOST_BINS = 32
PLAIN = frozenset({float, int, str, bool, type(None)})
"""Types of which there is nothing to unpack."""
NA_OF_PANDAS = "NAType"
"""It is neither equal nor unequal to anything, itself included, and is no bool either."""


class BaselineInvalid(ValueError):
    """A baseline that can't be used; whoever wrote it has to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Numbers by bin: the first and the last are for what is beyond the range of training."""

    upto: tuple[float, ...]
    """Upper edges, ascending, inclusive; what is beyond the last is in one bin more."""
    counts: tuple[int, ...]
    missing: int = 0

    def __post_init__(self) -> None:
        """Refuse what would count wrongly."""
        _check(bool(self.upto) and all(isfinite(edge) for edge in self.upto), "no finite edges")
        _check(all(a < b for a, b in pairwise(self.upto)), "edges that do not ascend")
        _check(len(self.counts) == len(self.upto) + 1, "edges and counts that do not match")
        _check_counts(self.counts, self.missing)

    @property
    def labels(self) -> tuple[dict[str, str], ...]:
        """The labels of each bin."""
        edges = (*(_edge_text(edge) for edge in self.upto), "+Inf")
        return tuple({"upto": edge, "category": ""} for edge in edges)

    def bin_of(self, value: float) -> int:
        """Return the place of a number's bin; NaN is in none."""
        return bisect_left(self.upto, value)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "type": "number",
            "upto": list(self.upto),
            "counts": list(self.counts),
            "missing": self.missing,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """Categories, those that are too rare for a bin of their own, and room for what is new."""

    categories: tuple[str, ...]
    """Those with a bin of their own."""
    rare: frozenset[str] = frozenset()
    """Those that share the bin `(other)`."""
    is_open: bool = False
    """Whether there are too many to list: then none is called unseen."""
    counts: tuple[int, ...]
    """By bin: the categories, `(other)`, `(unseen)`."""
    missing: int = 0

    def __post_init__(self) -> None:
        """Refuse what would count wrongly."""
        _check(len(set(self.categories)) == len(self.categories), "a category twice")
        _check(all(map(is_text, self.categories)), "a category that is no text in UTF-8")
        _check(not {*self.categories} & {OTHER, UNSEEN}, f"a category called {OTHER} or {UNSEEN}")
        _check(
            len(self.counts) == len(self.categories) + 2, "categories and counts that do not match"
        )
        _check_counts(self.counts, self.missing)

    @property
    def labels(self) -> tuple[dict[str, str], ...]:
        """The labels of each bin."""
        return tuple({"upto": "", "category": each} for each in (*self.categories, OTHER, UNSEEN))

    @property
    def places(self) -> dict[str, int]:
        """The place of each known category's bin."""
        known = dict.fromkeys(self.rare, len(self.categories))
        return known | {each: place for place, each in enumerate(self.categories)}

    def place_of(self, value: Any) -> int:
        """Return the place of a value's bin, known or not."""
        name = category_of(value)
        if name in self.categories:
            return self.categories.index(name)
        return len(self.categories) + (0 if self.is_open or name in self.rare else 1)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "type": "category",
            "categories": list(self.categories),
            "rare": sorted(self.rare),
            "open": self.is_open,
            "counts": list(self.counts),
            "missing": self.missing,
        }


Distribution = Numbers | Categories


def read_distribution(raw: Mapping[str, Any]) -> Distribution:
    """Return a distribution that was written.

    Raises:
        BaselineInvalid: if it is none.
    """
    try:
        counts, missing = tuple(int(each) for each in raw["counts"]), int(raw["missing"])
        if raw["type"] == "number":
            upto = tuple(float(each) for each in raw["upto"])
            return Numbers(upto=upto, counts=counts, missing=missing)
        if raw["type"] == "category":
            return Categories(
                categories=tuple(str(each) for each in raw["categories"]),
                rare=frozenset(str(each) for each in raw["rare"]),
                is_open=bool(raw["open"]),
                counts=counts,
                missing=missing,
            )
    except (KeyError, TypeError, ValueError) as fault:
        raise BaselineInvalid(f"not a distribution: {fault!r}") from fault
    raise BaselineInvalid(f"no distribution of type {raw['type']!r} is known")


def is_missing(value: Any) -> bool:
    """Return whether a value is none: None, or NaN and NA of any kind; an array is not."""
    try:
        return value is None or bool(value != value)  # noqa: PLR0124 - only NaN differs from itself
    except (TypeError, ValueError, RuntimeError):
        return type(value).__name__ == NA_OF_PANDAS


def scalar_of(value: Any) -> Any:
    """Return a scalar of numpy, or an array or a list of one, as Python has it.

    Raises:
        ValueError: it is an array of more than one; RuntimeError: a tensor of more than one.
    """
    if isinstance(value, list | tuple) and len(value) == 1:
        return scalar_of(value[0])
    return value.item() if hasattr(value, "item") else value


def category_of(value: Any) -> str:
    """Return a category's name: 3.0 and 3 are the same one, and true is "true"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_text(text: str) -> bool:
    """Return whether a text can be told at all: half of a surrogate pair can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _edge_text(edge: float) -> str:
    short = f"{edge:g}"
    return short if float(short) == edge else repr(edge)


def _check(holds: bool, fault: str) -> None:  # noqa: FBT001 - the condition is the argument
    if not holds:
        raise BaselineInvalid(fault)


def _check_counts(counts: Sequence[int], missing: int) -> None:
    _check(missing >= 0 and all(each >= 0 for each in counts), "counts below zero")
    _check(len(counts) <= MOST_BINS, f"more than {MOST_BINS} bins")
