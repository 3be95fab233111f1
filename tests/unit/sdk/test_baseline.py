"""The baseline: made of any kind of training data, kept as JSON, refused when not whole."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus_sdk import Baseline, BaselineInvalid
from serinus_sdk.columns import columns_of, read_columns
from serinus_sdk.distribution import Categories, Numbers
from serinus_sdk.fitting import NUMBER_BINS, distribution_of
from tests.unit.sdk.shown import ROWS, SAID, baseline, monitor, shown


def test_a_baseline_survives_being_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    baseline().save(path)
    read = Baseline.load(path)
    assert read == baseline()
    assert list(read.features) == ["age", "city"]
    assert read.digest == baseline().digest


def test_a_baseline_edited_by_hand_is_refused() -> None:
    raw = json.loads(baseline().dumps())
    raw["rows"] = 10
    with pytest.raises(BaselineInvalid, match="digest"):
        Baseline.loads(json.dumps(raw))


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "version": "1"}', "null"]
)
def test_what_is_no_baseline_is_refused(text: str) -> None:
    with pytest.raises(BaselineInvalid):
        Baseline.loads(text)


def test_every_way_to_hold_rows_gives_the_same_baseline() -> None:
    columns = {name: [row[name] for row in ROWS] for name in ("age", "city")}
    matrix = [[row["age"], row["city"]] for row in ROWS]
    assert Baseline.fit(columns, SAID, version="7") == baseline()
    assert Baseline.fit(matrix, SAID, names=["age", "city"], version="7") == baseline()
    numbers = np.array([[row["age"]] for row in ROWS])
    fitted = Baseline.fit(numbers, np.array(SAID), names=["age"])
    assert fitted.features["age"] == baseline().features["age"]


def test_a_csv_knows_numbers_from_categories_and_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("age,city\n30,Oslo\n,Rome\n41.5,\n")
    assert read_columns(path) == {"age": [30.0, None, 41.5], "city": ["Oslo", "Rome", None]}


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1.5", "NA", "", "3"], [1.5, None, None, 3.0]),
        (["NULL", " 7 ", "nan", "#N/A"], [None, 7.0, None, None]),
        (["True", "False", ""], [True, False, None]),
        (["TRUE", "NA", "false"], [True, None, False]),
        (["NA", "DE", ""], ["NA", "DE", None]),
        (["True", "7"], ["True", "7"]),
        (["12_34", "12_35"], ["12_34", "12_35"]),
        (["", "NA"], [None, None]),
    ],
)
def test_the_texts_of_a_csv_stand_for_what_wrote_them(
    tmp_path: Path, texts: list[str], values: list[object]
) -> None:
    path = tmp_path / "data.csv"
    path.write_text("\n".join(["x", *(f'"{text}"' for text in texts)]))
    assert read_columns(path) == {"x": values}


def test_truth_values_of_a_csv_are_no_unseen_categories_to_a_server(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("repaid\nTrue\nFalse\n")
    seen = monitor(Baseline.fit(read_columns(path)))
    for repaid in (True, False, np.bool_(True)):
        seen.record({"repaid": repaid}, 0.5)
    assert shown(seen).value("model_unseen_categories_total") == 0


def test_rows_that_do_not_fit_together_are_refused() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        columns_of([[1, 2], [3]])
    with pytest.raises(ValueError, match="different lengths"):
        Baseline.fit({"a": [1, 2]}, [0.5])


def test_a_column_without_a_value_is_refused_by_name() -> None:
    with pytest.raises(BaselineInvalid, match="empty"):
        Baseline.fit({"empty": [None, float("nan")]})


@given(st.lists(st.floats(-1e12, 1e12) | st.none(), min_size=1).filter(any))
def test_training_numbers_are_all_counted_and_none_is_out_of_range(
    values: list[float | None],
) -> None:
    found = distribution_of("x", values)
    assert isinstance(found, Numbers)
    assert sum(found.counts) + found.missing == len(values)
    assert found.counts[0] == found.counts[-1] == 0
    assert len(found.upto) <= NUMBER_BINS + 1


def test_single_precision_moves_no_value_of_training_to_another_bin() -> None:
    values = [0.1, 0.2, 0.3, 0.7] * 5
    found = distribution_of("x", values)
    assert isinstance(found, Numbers)
    assert [found.bin_of(float(np.float32(v))) for v in values] == [
        found.bin_of(v) for v in values
    ]


def test_many_categories_share_a_bin_and_a_new_one_is_still_told_from_a_rare_one() -> None:
    values = [str(number) for number in range(50)] + ["7"] * 10
    found = distribution_of("x", values)
    assert isinstance(found, Categories)
    assert found.categories[0] == "7"
    assert len(found.counts) == 22
    rare = min(found.rare)
    assert found.place_of(rare) == 20
    assert found.place_of("never seen") == 21


def test_identifiers_are_too_many_to_call_one_unseen() -> None:
    found = distribution_of("x", [f"id-{number}" for number in range(3000)])
    assert isinstance(found, Categories)
    assert found.is_open
    assert found.place_of("id-another") == 20


def test_numbers_that_are_names_are_categories_when_told() -> None:
    found = distribution_of("code", [1.0, 2.0, 2.0], are_names=True)
    assert isinstance(found, Categories)
    assert found.categories == ("2", "1")


def test_the_bins_of_an_older_baseline_are_kept_so_that_versions_can_be_compared() -> None:
    newer = Baseline.fit(
        [{"age": row["age"] * 2, "city": "Bern"} for row in ROWS], bins_from=baseline()
    )
    old, new = baseline().features["age"], newer.features["age"]
    assert isinstance(old, Numbers)
    assert isinstance(new, Numbers)
    assert new.upto == old.upto
    assert new.counts[-1] > 0
    assert newer.features["city"].counts == (0, 0, 60, 0)


@pytest.mark.parametrize(
    ("said", "truth", "quality"),
    [
        (["a", "b", None], ["a", "a", "a"], {"accuracy": 1 / 3}),
        ([1, 0, 1], [1, 1, None], {"accuracy": 0.5}),
        ([1.5, 2.0], [1.0, 3.0], {"mean_absolute_error": 0.75}),
        ([1.5], [None], {}),
    ],
)
def test_quality_is_that_of_what_was_predicted(
    said: list[object], truth: list[object], quality: dict[str, float]
) -> None:
    rows = [{"x": 1.0} for _ in said]
    assert Baseline.fit(rows, said, truth=truth).quality == quality
