"""Rows as a server has them: whatever they come as, values by name or in the baseline's order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from serinus_sdk.columns import listed, table_of

Row = Mapping[str, Any] | Sequence[Any]


def row_of(row: Any) -> Row:
    """Return one row: values by name, or in the baseline's order.

    Args:
        row: a mapping, a sequence, an array, a Series by its names, an object of pydantic or a
            dataclass, a table or a matrix of one row; anything else is a row of one value.

    Raises:
        ValueError: a table of more than one row.
    """
    if hasattr(row, "tolist") and not hasattr(row, "to_dict"):  # an array: first, as most rows are
        return _in_order(row.tolist())
    if isinstance(row, Mapping | list | tuple):
        return row
    if hasattr(row, "model_dump"):
        return dict(row.model_dump())
    if is_dataclass(row):
        return {field.name: getattr(row, field.name) for field in fields(row)}
    if hasattr(row, "columns"):
        return _only(rows_of(row))
    if hasattr(row, "to_dict") and all(isinstance(name, str) for name in row.index):
        return dict(row.to_dict())
    return _in_order(row.tolist() if hasattr(row, "tolist") else row)


def _only(rows: Sequence[Any]) -> Row:
    if len(rows) != 1:
        raise ValueError(f"{len(rows)} rows at once: use record_many, or watch(batch=True)")
    row: Row = rows[0]
    return row


def _in_order(values: Any) -> Sequence[Any]:
    if isinstance(values, str | bytes) or not hasattr(values, "__iter__"):
        return (values,)
    found = values if isinstance(values, list) else list(values)
    is_matrix_of_one = len(found) == 1 and isinstance(found[0], list)
    return found[0] if is_matrix_of_one else found


def rows_of(rows: Any) -> list[Any]:
    """Return the rows of a batch: a table (by names), a mapping of names to columns, a matrix.

    Raises:
        ValueError: columns of different lengths.
    """
    table = table_of(rows)
    if table is None:
        return listed(rows)
    return [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]


def pairs_of(rows: Any, predictions: Any) -> Iterable[tuple[Any, Any]]:
    """Return each row of a batch and its prediction.

    Args:
        rows: a DataFrame, a table, a matrix, a list of rows.
        predictions: one of each row, in any such form; None for none at all.

    Raises:
        ValueError: there are more or fewer predictions than rows, or several columns of them.
    """
    those = rows_of(rows)
    said = [None] * len(those) if predictions is None else values_of(predictions)
    if len(said) != len(those):
        raise ValueError(f"{len(said)} predictions of {len(those)} rows")
    return zip(those, said, strict=True)


def values_of(predictions: Any) -> list[Any]:
    """Return one value a row: of a series, an array, or a table of one column.

    Raises:
        ValueError: it has several columns.
    """
    table = table_of(predictions)
    if table is None:
        return listed(predictions)
    if len(table) != 1:
        raise ValueError(f"predictions have several columns: {', '.join(table)}")
    return next(iter(table.values()))
