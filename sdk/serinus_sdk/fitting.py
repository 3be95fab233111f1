"""Fit a baseline: from training data, the bins that every later value is counted in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from decimal import Decimal
from itertools import pairwise
from math import isfinite, isnan
from numbers import Real
from typing import Any

from serinus_sdk.baseline import Baseline
from serinus_sdk.columns import Columns, columns_of
from serinus_sdk.distribution import (
    PLAIN,
    BaselineInvalid,
    Categories,
    Distribution,
    Numbers,
    category_of,
    is_missing,
    scalar_of,
)
from serinus_sdk.outcomes import plain
from serinus_sdk.rows import values_of

NUMBER_BINS = 10
"""More would make every drift statistic noisier than the drift it looks for."""
MOST_CATEGORIES = 20
MOST_RARE = 1000
RANGE_SLACK = 1e-6
"""Of the largest number: training's own maximum in single precision is still in range."""
SIGNIFICANT_DIGITS = 9


def fit(
    rows: Any,
    predictions: Any = None,
    *,
    truth: Any = None,
    names: Sequence[str] | None = None,
    categories: Collection[str] = (),
    version: str = "",
    bins_from: Baseline | None = None,
) -> dict[str, Any]:
    """Return the fields of a baseline.

    Args:
        rows: the features as the model gets them, in any form that `columns_of` knows.
        predictions: what the model says of these rows: classes or scores, None for nothing.
        truth: what it should have said; gives `quality`.
        names: of the columns of a matrix.
        categories: columns of numbers that are names of things.
        version: of the model.
        bins_from: an older baseline whose bins are kept, so that both versions can be compared.

    Raises:
        BaselineInvalid: a column without any value; ValueError: columns that do not fit.
    """
    columns = columns_of(rows, names)
    said, known = (None if each is None else _plain(each) for each in (predictions, truth))
    _check_what_goes_together(columns, said, known, categories)
    older = bins_from or Baseline()
    return {
        "version": str(version),
        "rows": _length(*columns.values(), said, known),
        "quality": quality_of(said, known) if said and known else {},
        "features": _features(columns, categories, older),
        "prediction": distribution_of("prediction", said, older.prediction) if said else None,
    }


def _plain(values: Any) -> list[Any]:
    return [plain(each) for each in values_of(values)]


def _check_what_goes_together(
    columns: Columns,
    said: Sequence[Any] | None,
    known: Sequence[Any] | None,
    categories: Collection[str],
) -> None:
    if not columns and not said:
        raise BaselineInvalid("there is no column at all")
    if said is None and known is not None:
        raise ValueError("truth says how good predictions were: give those, too")
    if isinstance(categories, str):
        raise TypeError(f"categories are a list: [{categories!r}]")
    if lacking := [name for name in categories if name not in columns]:
        raise ValueError(f"there is no column {', '.join(map(str, lacking))}")
    if said and all(map(_is_several_numbers, said)):
        raise BaselineInvalid("predictions are lists of numbers: give one number of each")


def _is_several_numbers(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 1 and all(map(_is_number, value))


def _features(
    columns: Columns, categories: Collection[str], older: Baseline
) -> dict[str, Distribution]:
    return {
        name: distribution_of(name, column, older.features.get(name), name in categories)
        for name, column in columns.items()
    }


def _length(*columns: Sequence[Any] | None) -> int:
    lengths = {len(each) for each in columns if each is not None}
    if len(lengths) > 1:
        raise ValueError(f"columns have different lengths: {sorted(lengths)}")
    return next(iter(lengths), 0)


def distribution_of(
    name: str,
    values: Sequence[Any],
    older: Distribution | None = None,
    are_names: bool = False,  # noqa: FBT001, FBT002 - whether its numbers are
) -> Distribution:
    """Return the distribution of a column.

    Raises:
        BaselineInvalid: it has no value at all, or none that bins can be made of.
    """
    try:
        scalars = [v if v.__class__ in PLAIN else scalar_of(v) for v in values]
        there = [value for value in scalars if not is_missing(value)]
        return _distribution(there, len(values) - len(there), older, are_names)
    except (ValueError, RuntimeError, OverflowError) as fault:
        raise BaselineInvalid(f"column {name!r}: {fault}") from fault


def _distribution(
    there: Sequence[Any],
    missing: int,
    older: Distribution | None,
    are_names: bool,  # noqa: FBT001
) -> Distribution:
    if not there:
        raise BaselineInvalid("it has no value at all: leave it out")
    if are_names or not all(map(_is_number, there)):
        return _categories([category_of(value) for value in there], missing, older)
    numbers = [float(value) for value in there]
    upto = older.upto if isinstance(older, Numbers) else edges_of(numbers)
    return _counted(upto, numbers, missing)


def edges_of(numbers: Sequence[float]) -> tuple[float, ...]:
    """Return the upper edges of bins: the range's lower end, quantiles, its upper end.

    Edges lie between two values, so that a value rounded on its way to the model stays in its bin.
    """
    finite = sorted(number for number in numbers if isfinite(number))
    if not finite:
        raise BaselineInvalid("there is no finite number")
    distinct = sorted(set(finite))
    slack = RANGE_SLACK * max(abs(distinct[0]), abs(distinct[-1]), 1e-9)
    if len(distinct) <= NUMBER_BINS:
        inner = [_between(a, b) for a, b in pairwise(distinct)]
    else:
        inner = _quantiles(finite)
    edges = (distinct[0] - slack, *inner, distinct[-1] + slack)
    rounded = (float(f"{edge:.{SIGNIFICANT_DIGITS}g}") for edge in edges)
    return tuple(sorted(set(rounded)))


def _quantiles(ascending: Sequence[float]) -> list[float]:
    found = []
    for part in range(1, NUMBER_BINS):
        place = part * len(ascending) // NUMBER_BINS
        above = next((v for v in ascending[place:] if v > ascending[place - 1]), None)
        if above is not None:
            found.append(_between(ascending[place - 1], above))
    return found


def _between(low: float, high: float) -> float:
    return low + (high - low) / 2


def _counted(upto: tuple[float, ...], numbers: Sequence[float], missing: int) -> Numbers:
    empty = Numbers(upto=upto, counts=(0,) * (len(upto) + 1))
    tally = Counter(empty.bin_of(number) for number in numbers)
    counts = tuple(tally[place] for place in range(len(upto) + 1))
    return Numbers(upto=upto, counts=counts, missing=missing)


def _categories(names: Sequence[str], missing: int, older: Distribution | None) -> Categories:
    tally = Counter(names)
    ranked = sorted(tally, key=lambda each: (-tally[each], each))
    own = older.categories if isinstance(older, Categories) else tuple(ranked[:MOST_CATEGORIES])
    rare = [each for each in ranked if each not in own]
    is_open = len(rare) > MOST_RARE
    return Categories(
        categories=own,
        rare=frozenset() if is_open else frozenset(rare),
        is_open=is_open,
        counts=(*(tally[each] for each in own), sum(tally[each] for each in rare), 0),
        missing=missing,
    )


def quality_of(predictions: Sequence[Any], truth: Sequence[Any]) -> dict[str, float]:
    """Return how good predictions are: the mean absolute error of numbers, else the accuracy.

    Whole numbers on both sides are classes.
    """
    pairs = [(p, t) for p, t in zip(predictions, truth, strict=True) if not is_missing(t)]
    if not pairs:
        return {}
    if all(_is_number(each) for pair in pairs for each in pair if not is_missing(each)):
        values = [(float("nan") if is_missing(p) else float(p), float(t)) for p, t in pairs]
        if not all(isnan(each) or each.is_integer() for pair in values for each in pair):
            known = [abs(p - t) for p, t in values if not isnan(p)]
            return {"mean_absolute_error": sum(known) / len(known)} if known else {}
    right = sum(not is_missing(p) and category_of(p) == category_of(t) for p, t in pairs)
    return {"accuracy": right / len(pairs)}


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)
