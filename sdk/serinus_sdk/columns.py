"""Columns by name from whatever training data comes as: tables, matrices, rows, files."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

Columns = dict[str, list[Any]]


def columns_of(rows: Any, names: Sequence[str] | None = None) -> Columns:
    """Return the columns of training data.

    Args:
        rows: a DataFrame of pandas or polars, a table of Arrow, a mapping of names to columns, a
            list of mappings, or a matrix: an array of two dimensions, a list of rows.
        names: of the columns of a matrix; `x0`, `x1`, ... by default.

    Raises:
        ValueError: rows of different lengths, two columns of one name, or names that do not fit.
    """
    names = None if names is None else [str(name) for name in listed(names)]
    table = table_of(rows)
    if table is not None:
        return table
    matrix = listed(rows)
    if matrix and isinstance(matrix[0], Mapping):
        keys = names or list(dict.fromkeys(name for row in matrix for name in row))
        return named(keys, ([row.get(key) for row in matrix] for key in keys))
    return _of_matrix(matrix, names)


def table_of(rows: Any) -> Columns | None:
    """Return the columns of what has some by name, None of what is a sequence of rows.

    Raises:
        ValueError: two columns have one name.
    """
    if hasattr(rows, "column_names") and hasattr(rows, "to_pydict"):
        return named(rows.column_names, rows.columns)
    if hasattr(rows, "columns") and hasattr(rows, "__getitem__"):
        # One at a time: a name that is there twice gives both, or the last of them.
        return named(rows.columns, (rows[name] for name in rows.columns))
    if isinstance(rows, Mapping):
        return named(rows, rows.values())
    return None


def named(names: Iterable[Any], columns: Iterable[Any]) -> Columns:
    """Return columns by their names, in this order.

    Raises:
        ValueError: two have one name, so that one of them would be lost.
    """
    texts = [str(name) for name in names]
    if twice := [name for name, times in Counter(texts).items() if times > 1]:
        raise ValueError(f"there are several columns {', '.join(twice)}: give each its own name")
    return dict(zip(texts, map(listed, columns), strict=True))


def _of_matrix(matrix: Sequence[Any], names: Sequence[str] | None) -> Columns:
    if not all(hasattr(row, "__len__") and not isinstance(row, str) for row in matrix):
        raise ValueError("these are values, not rows: give a table, or a matrix")
    width = len(matrix[0]) if matrix else len(names or ())
    if any(len(row) != width for row in matrix):
        raise ValueError("rows have different lengths")
    if names is not None and len(names) != width:
        raise ValueError(f"{len(names)} names for {width} columns")
    known = names or [f"x{place}" for place in range(width)]
    return named(known, zip(*matrix, strict=True))


def listed(values: Any) -> list[Any]:
    """Return values as a list of plain Python objects, whatever array or series they come in."""
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, method):
            return list(getattr(values, method)())
    return list(values)


def read_columns(path: Path) -> Columns:
    """Return the columns of a CSV, Parquet or Arrow (Feather, IPC) file, by its suffix.

    Raises:
        ValueError: a suffix that is none of these, a CSV that is no UTF-8, or a name twice.
        ImportError: Parquet and Arrow need pyarrow.
    """
    suffix = path.suffix.lower()
    if suffix == ".csv":
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                return _of_csv(csv.reader(file))
        except UnicodeDecodeError as fault:
            raise ValueError(f"{path.name} is not in UTF-8: {fault}") from fault
    if suffix in {".parquet", ".pq"}:
        from pyarrow import parquet  # noqa: PLC0415 - nobody else needs it

        return columns_of(parquet.read_table(path))
    if suffix in {".arrow", ".feather", ".ipc"}:
        return columns_of(_of_arrow(path))
    raise ValueError(f"{path.name} is neither .csv, .parquet (.pq) nor .arrow (.feather, .ipc)")


def _of_arrow(path: Path) -> Any:
    """Arrow has two forms: files, of which Feather is one, and streams, as data sets are kept."""
    from pyarrow import ArrowInvalid, feather, ipc  # noqa: PLC0415 - nobody else needs it

    try:
        return feather.read_table(path)
    except ArrowInvalid:
        with path.open("rb") as stream, suppress(ArrowInvalid):
            return ipc.open_stream(stream).read_all()
    raise ValueError(f"{path.name} is neither a file nor a stream of Arrow")


def _of_csv(lines: Iterable[list[str]]) -> Columns:
    header, *rows = list(lines) or [[]]
    if any(len(row) != len(header) for row in rows):
        raise ValueError("lines have different numbers of fields")
    columns = ([row[place] for row in rows] for place in range(len(header)))
    return named(header, map(typed, columns))


def typed(texts: Sequence[str]) -> list[Any]:
    """Return what the texts of a column stand for, since a CSV knows no types.

    A column of truth values, and one of which every field reads as a number, hold those; there a
    field is missing if it is one of `NONE`. Among names "NA" may be one, such as Namibia's.
    """
    there = {text.strip() for text in texts} - NONE
    if there and there <= TRUTHS.keys():
        return [TRUTHS.get(text.strip()) for text in texts]
    try:
        numbers = {text: _number(text) for text in there}
    except ValueError:
        return [text or None for text in texts]
    return [numbers.get(text.strip()) for text in texts]


NONE = frozenset({"", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "null", "NULL", "None"})
"""What R, pandas, spreadsheets and databases write where there is no number."""
TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
"""As they are written; a server has them as truth values, by whatever name."""


def _number(text: str) -> float:
    if "_" in text:  # Python alone would take 12_34 for a number
        raise ValueError(text)
    return float(text)
