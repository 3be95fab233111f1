"""Training data as people have it becomes the baseline they mean, or the column is refused."""

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from serinus_sdk import Baseline, BaselineInvalid
from serinus_sdk.columns import read_columns
from serinus_sdk.distribution import Numbers
from tests.unit.sdk.test_rows import Frame, NAType

AGES = [20.0, 30.0, 40.0]


@pytest.mark.parametrize(
    "ages",
    [
        [np.float32(age) for age in AGES],
        [np.int64(age) for age in AGES],
        [Decimal(age) for age in AGES],
        [np.array([age]) for age in AGES],
    ],
)
def test_numbers_are_numbers_whatever_type_they_are_of(ages: list[Any]) -> None:
    as_rows = Baseline.fit([{"age": age} for age in ages])
    assert as_rows == Baseline.fit({"age": AGES}) == Baseline.fit({"age": ages})


def test_na_of_pandas_is_missing() -> None:
    fitted = Baseline.fit({"age": [20, NAType(), 40], "city": ["Rome", NAType(), "Rome"]})
    assert isinstance(fitted.features["age"], Numbers)
    assert [fitted.features[name].missing for name in ("age", "city")] == [1, 1]


@pytest.mark.parametrize(
    "said", [np.array([[0.1], [0.2], [0.3]]), Frame([{"y": 0.1}, {"y": 0.2}, {"y": 0.3}])]
)
def test_predictions_in_a_column_are_one_number_each(said: Any) -> None:
    fitted = Baseline.fit({"age": AGES}, said, truth=[[0.1], [0.2], [0.4]])
    assert fitted.prediction == Baseline.fit({"age": AGES}, [0.1, 0.2, 0.3]).prediction
    assert fitted.quality == {"mean_absolute_error": pytest.approx(0.1 / 3)}


@pytest.mark.parametrize("names", [np.array(["a", "b"]), np.array([0, 1])])
def test_names_may_be_an_array_and_what_is_made_is_read_again(names: Any) -> None:
    made = Baseline.fit(np.array([[1.0, 2.0], [3.0, 4.0]]), names=names, version=7)
    assert list(made.features) == [str(name) for name in names]
    assert Baseline.loads(made.dumps()) == made


def test_rows_by_number_are_rows_by_name() -> None:
    by_number = Baseline.fit([{0: 1.0, 1: 2.0}, {0: 3.0, 1: 4.0}])
    assert by_number == Baseline.fit([[1.0, 2.0], [3.0, 4.0]], names=["0", "1"])


TWICE = "several columns age: give each its own name"


@pytest.mark.parametrize(
    ("rows", "options", "told"),
    [
        (pa.table([pa.array(AGES), pa.array(AGES)], names=["age", "age"]), {}, TWICE),
        ([[1, 2], [3, 4]], {"names": ["age", "age"]}, TWICE),
        ({"1": AGES, 1: AGES}, {}, "several columns 1"),
        (np.array(AGES), {}, "values, not rows"),
        (["a text", "another"], {}, "values, not rows"),
        ([], {}, "no column at all"),
        ({"age": [float("inf")]}, {}, "column 'age': there is no finite number"),
        ({"age": [10**400]}, {}, "column 'age': int too large"),
        ({"city": ["(other)"]}, {}, "column 'city': a category called"),
        ({"city": ["Rome\udcff"]}, {}, "column 'city': a category that is no text"),
        ({"\udcff": AGES}, {}, "name is no text"),
        ({"face": [np.zeros(2)]}, {}, "column 'face': "),
        ({"age": AGES}, {"categories": ["aeg"]}, "no column aeg"),
        ({"age": AGES}, {"truth": AGES}, "give those, too"),
        ({"age": AGES}, {"predictions": [[0.1, 0.9]] * 3}, "one number of each"),
    ],
)
def test_what_would_be_told_wrongly_is_refused(
    rows: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        Baseline.fit(rows, **options)


def test_a_text_is_no_list_of_categories() -> None:
    """Every column whose name is a part of it would be one."""
    with pytest.raises(TypeError, match=r"\['zipcode'\]"):
        Baseline.fit({"code": AGES, "zipcode": AGES}, categories="zipcode")


def test_a_category_that_no_scrape_could_tell_is_refused_when_it_is_read() -> None:
    good = Baseline.fit({"city": ["Rome"]}).dumps()
    with pytest.raises(BaselineInvalid, match="no text in UTF-8"):
        Baseline.loads(good.replace("Rome", "\\udcff"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"age,age\n1,2\n", TWICE),
        ("city\nMünchen\n".encode("latin-1"), "data.csv is not in UTF-8"),
    ],
)
def test_a_csv_that_would_be_read_wrongly_is_refused(
    tmp_path: Any, content: bytes, told: str
) -> None:
    (tmp_path / "data.csv").write_bytes(content)
    with pytest.raises(ValueError, match=told):
        read_columns(tmp_path / "data.csv")
