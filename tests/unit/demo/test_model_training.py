"""What the versions in the image can do, and what is wrong with the bad ones."""

import json
import math
import pickle
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="the demo's models are trained where scikit-learn is")

from demo.load.rows import read_rows
from demo.model import artefact
from demo.model.dataset import load_dataset
from demo.model.scoring import predict, read_inputs
from demo.model.train import Score, train_all
from serinus_sdk import Baseline


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    train_all(folder)
    return folder


@pytest.fixture(scope="module")
def scores(folder: Path) -> dict[str, Score]:
    written = json.loads((folder / "scores.json").read_text())
    return {each["version"]: Score(**each) for each in written}


def test_the_second_version_is_better_than_the_first(scores: dict[str, Score]) -> None:
    assert scores["v2"].accuracy > scores["v1"].accuracy > 0.9


def test_the_good_versions_always_answer(scores: dict[str, Score]) -> None:
    assert scores["v1"].null_share == scores["v2"].null_share == 0


def test_the_fifth_version_answers_always_and_worse_than_the_second(
    scores: dict[str, Score],
) -> None:
    assert scores["v5"].null_share == 0
    assert scores["v5"].accuracy < scores["v2"].accuracy


def test_the_fifth_version_misses_one_feature_in_every_row(folder: Path) -> None:
    model = artefact.load(folder / "v5.pkl")
    for row in read_rows(folder / "rows.jsonl"):
        inputs = read_inputs(row.body, model.feature_names)
        missing = [name for name in json.loads(row.body)["features"].values() if name is None]
        assert inputs.missing in (len(missing), len(missing) + 1)
        assert math.isnan(inputs.values[model.feature_names.index("perimeter_worst")])


@pytest.mark.parametrize("version", ["v1", "v2", "v3", "v4", "v5"])
def test_a_baseline_lies_next_to_every_model(folder: Path, version: str) -> None:
    baseline = Baseline.load(artefact.baseline_path_of(version, folder))
    assert baseline.rows == len(load_dataset().train_rows)
    assert baseline.prediction is not None
    if version != "v4":
        model = artefact.load(artefact.path_of(version, folder))
        assert tuple(baseline.features) == model.feature_names


def test_the_third_version_answers_null_where_its_table_ends(scores: dict[str, Score]) -> None:
    assert 0.05 <= scores["v3"].null_share <= 0.12


def test_the_third_version_is_as_good_as_the_first_where_it_answers(
    scores: dict[str, Score],
) -> None:
    third = scores["v3"]
    assert third.accuracy / (1 - third.null_share) > scores["v1"].accuracy


def test_every_null_is_a_radius_outside_of_the_table(folder: Path) -> None:
    model = artefact.load(folder / "v3.pkl")
    lines = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    for line in lines:
        inputs = read_inputs(json.dumps(line).encode(), model.feature_names)
        if predict(model, inputs) is None:
            assert not 7.0 < line["features"]["mean_radius"] < 19.0


def test_the_fourth_version_can_not_be_loaded(folder: Path) -> None:
    with pytest.raises(pickle.UnpicklingError, match="truncated"):
        artefact.load(folder / "v4.pkl")


def test_only_held_out_rows_are_exported(folder: Path) -> None:
    data = load_dataset()
    trained_on = {tuple(row) for row in data.train_rows}
    lines = [json.loads(line) for line in (folder / "rows.jsonl").read_text().splitlines()]
    exported = [tuple(line["features"].values()) for line in lines]
    assert len(exported) == len(data.held_out_rows)
    assert not trained_on.intersection(exported)


def test_a_small_share_of_values_is_missing(folder: Path) -> None:
    rows = [json.loads(row.body)["features"] for row in read_rows(folder / "rows.jsonl")]
    values = [value for row in rows for value in row.values()]
    assert 0 < sum(value is None for value in values) / len(values) < 0.01
    assert not any(isinstance(value, float) and math.isnan(value) for value in values)


def test_training_twice_gives_the_same_scores(folder: Path, tmp_path: Path) -> None:
    train_all(tmp_path)
    assert (tmp_path / "scores.json").read_text() == (folder / "scores.json").read_text()
    assert (tmp_path / "rows.jsonl").read_text() == (folder / "rows.jsonl").read_text()
