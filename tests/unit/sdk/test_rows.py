"""Rows come as servers have them, and no answer of a model fails by being watched."""

import errno
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import serinus_sdk.monitor
from tests.unit.sdk.shown import ROWS, SAID, baseline, monitor, shown

ROME = {"age": 30.0, "city": "Rome"}


class Column:
    """A column, or a row, as pandas has them: a Series."""

    def __init__(self, values: dict[Any, Any]) -> None:
        self.index, self._values = list(values), values

    def to_dict(self) -> dict[Any, Any]:
        return self._values

    def tolist(self) -> list[Any]:
        return list(self._values.values())

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tolist())


class Frame:
    """A table as pandas and polars have it: iterated, it gives no rows."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        self.columns, self._rows = list(rows[0]), rows

    def __getitem__(self, name: str) -> Column:
        return Column(dict(enumerate(row[name] for row in self._rows)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


class NAType:
    """What pandas puts where an integer, a text or a truth value is missing."""

    def __eq__(self, other: object) -> "NAType":  # type: ignore[override]
        return self

    def __ne__(self, other: object) -> "NAType":  # type: ignore[override]
        return self

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = object.__hash__


class Model:
    """A request as pydantic reads it."""

    def model_dump(self) -> dict[str, Any]:
        return ROME


@dataclass
class Request:
    age: float = 30.0
    city: str = "Rome"


@pytest.mark.parametrize(
    "row",
    [
        Column({"city": "Rome", "surplus": 1, "age": 30.0}),
        Column({0: 30.0, 1: "Rome"}),
        Frame([ROME]),
        np.array([[30.0, "Rome"]], dtype=object),
        {"age": np.array([30.0]), "city": np.array(["Rome"])},
        Model(),
        Request(),
    ],
)
def test_a_row_counts_alike_whatever_it_comes_as(row: Any) -> None:
    expected, seen = monitor(baseline()), monitor(baseline())
    expected.record(ROME, 0.5)
    seen.record(row, 0.5)
    assert shown(seen) == shown(expected)


@pytest.mark.parametrize("row", [None, NAType(), {"age": NAType(), "city": NAType()}])
def test_what_is_not_there_is_missing(row: Any) -> None:
    seen = monitor(baseline())
    seen.record(row, NAType())
    told = shown(seen)
    assert told.value("model_missing_inputs_total") == told.value("model_inputs_total") == 2
    assert told.value("model_null_outputs_total") == told.value("model_predictions_total") == 1


def test_a_text_is_one_value() -> None:
    seen = monitor()
    seen.record("what is the capital of Norway", "Oslo")
    assert shown(seen).value("model_inputs_total") == 1


@pytest.mark.parametrize("said", [0.5, np.array([0.5]), [0.5], np.array([[0.5]])])
def test_a_prediction_in_a_list_of_one_is_that_prediction(said: Any) -> None:
    seen = monitor(baseline())
    seen.record(ROME, said)
    assert shown(seen).sum("model_prediction_values_total") == 1


@pytest.mark.parametrize(
    ("rows", "said", "count"),
    [
        (Frame(ROWS), np.array(SAID), 60),
        (Frame(ROWS), Frame([{"score": each} for each in SAID]), 60),
        ({name: [row[name] for row in ROWS] for name in ROWS[0]}, SAID, 60),
        (ROWS, np.array(SAID).reshape(-1, 1), 60),
        # As many rows as columns, whose names could be taken for rows.
        (Frame(ROWS[:2]), SAID[:2], 2),
    ],
)
def test_a_table_is_counted_by_its_rows(rows: Any, said: Any, count: int) -> None:
    expected, seen = monitor(baseline()), monitor(baseline())
    for row, each in zip(ROWS[:count], SAID[:count], strict=True):
        expected.record(row, each)
    seen.record_many(rows, said)
    assert shown(seen) == shown(expected)


def test_a_batch_without_predictions_has_null_ones_and_one_that_does_not_fit_is_refused() -> None:
    seen = monitor(baseline())
    seen.record_many(ROWS[:3], None)
    with pytest.raises(ValueError, match="1 predictions of 3 rows"):
        seen.record_many(ROWS[:3], [0.5])
    with pytest.raises(ValueError, match="several columns: age, city"):
        seen.record_many(ROWS[:3], Frame(ROWS[:3]))
    assert shown(seen).value("model_predictions_total") == 3
    assert shown(seen).value("model_null_outputs_total") == 3


def test_an_answer_does_not_fail_by_being_watched_and_the_log_says_once_what_is_wrong(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen = monitor(baseline())

    @seen.watch()
    def predict(rows: Frame) -> list[float]:
        return SAID

    with caplog.at_level(logging.WARNING, "serinus_sdk"):
        assert [predict(Frame(ROWS)) for _ in range(3)] == [SAID] * 3
    (told,) = caplog.messages
    assert "predict" in told
    assert "60 rows at once: use record_many, or watch(batch=True)" in told
    assert shown(seen).value("model_requests_total", code="200") == 3


def test_what_yields_is_refused_where_it_is_decorated() -> None:
    """It returns before anything has happened: a stream that breaks would count as good."""
    seen = monitor()

    def stream(row: Any) -> Iterator[float]:
        yield 0.5

    async def stream_later(row: Any) -> Any:
        yield 0.5

    for function in (stream, stream_later):
        with pytest.raises(TypeError, match=f"{function.__name__} yields"):
            seen.watch()(function)


@pytest.mark.parametrize(("number", "is_told"), [(errno.EACCES, True), (errno.EADDRINUSE, False)])
def test_a_port_that_another_worker_has_is_no_fault_and_any_other_reason_is(
    monkeypatch: pytest.MonkeyPatch, number: int, is_told: bool
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, "no port")

    monkeypatch.setattr(serinus_sdk.monitor, "start_http_server", refuse)
    if is_told:
        with pytest.raises(OSError, match="no port"):
            monitor().serve(80)
    else:
        assert monitor().serve(80) is False
