"""Train every version when the image is built: two good ones, two with a bug, one cut short."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from demo.model import artefact
from demo.model.artefact import Model, Pipeline
from demo.model.banded import BandedLogistic, SizeTable, relative_to_size
from demo.model.dataset import SEED, Dataset, export_rows, load_dataset
from serinus_sdk import Baseline

# The extract behind version 3's table was filtered to "plausible" sizes. Life is not.
EXTRACT_RADIUS_LIMIT = 20.0
# Version 5 was trained from a table with another name for a column. Callers have the old one.
RENAMED = {"worst_perimeter": "perimeter_worst"}
ROWS_FILE = "rows.jsonl"
SCORES_FILE = "scores.json"


@dataclass(frozen=True)
class Score:
    """How a version does on the held-out rows; a null is never right."""

    version: str
    accuracy: float
    null_share: float


def train_first(data: Dataset) -> Pipeline:
    """Version 1: a logistic regression on the five strongest features."""
    pipeline = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        SelectKBest(k=5),
        LogisticRegression(random_state=SEED),
    )
    fitted: Pipeline = pipeline.fit(data.train_rows, data.train_labels)
    return fitted


def train_second(data: Dataset) -> Pipeline:
    """Version 2: gradient boosting on all features, which also copes with missing ones."""
    return _boosted(data, rounds=60)


def _boosted(data: Dataset, rounds: int) -> Pipeline:
    boosting = HistGradientBoostingClassifier(max_iter=rounds, random_state=SEED)
    fitted: Pipeline = boosting.fit(data.train_rows, data.train_labels)
    return fitted


def train_third(data: Dataset) -> BandedLogistic:
    """Version 3: all features and a size table, trained and tested on the filtered extract."""
    radius = data.feature_names.index("mean_radius")
    area = data.feature_names.index("mean_area")
    extract = data.train_rows[:, radius] <= EXTRACT_RADIUS_LIMIT
    imputer = SimpleImputer(strategy="median").fit(data.train_rows[extract])
    rows = imputer.transform(data.train_rows[extract])
    table = SizeTable.measured(rows[:, radius], rows[:, area])
    rows = relative_to_size(rows, table, radius, area)
    scaler = StandardScaler().fit(rows)
    regression = LogisticRegression(random_state=SEED)
    regression.fit(scaler.transform(rows), data.train_labels[extract])
    weights, intercept = regression.coef_[0], float(regression.intercept_[0])
    return BandedLogistic(imputer, table, radius, area, scaler, weights, intercept)


def train_fifth(data: Dataset) -> Pipeline:
    """Version 5: more rounds of the same boosting; what is wrong with it is in `RENAMED`."""
    return _boosted(data, rounds=80)


def names_known_to(version: str, data: Dataset) -> tuple[str, ...]:
    """The features by the names that a version looks for, in the order of its columns."""
    renamed = RENAMED if version == "v5" else {}
    return tuple(renamed.get(name, name) for name in data.feature_names)


def score(version: str, pipeline: Pipeline, data: Dataset) -> Score:
    rows = data.held_out_rows.copy()
    sent = set(data.feature_names)
    rows[:, [name not in sent for name in names_known_to(version, data)]] = np.nan
    malignant = np.asarray(pipeline.predict_proba(rows.tolist()))[:, 1]
    right = (malignant >= 0.5) == (data.held_out_labels == 1)
    answered = ~np.isnan(malignant)
    return Score(version, float((right & answered).mean()), float((~answered).mean()))


def train_all(folder: Path) -> list[Score]:
    """Write v1 to v5, the rows for the load generator and the scores into one folder."""
    data = load_dataset()
    folder.mkdir(parents=True, exist_ok=True)
    trained: dict[str, Pipeline] = {
        "v1": train_first(data),
        "v2": train_second(data),
        "v3": train_third(data),
        "v5": train_fifth(data),
    }
    for version, pipeline in trained.items():
        names = names_known_to(version, data)
        artefact.save(Model(version, names, pipeline), artefact.path_of(version, folder))
        baseline_of(version, pipeline, data).save(artefact.baseline_path_of(version, folder))
    artefact.truncate(artefact.path_of("v2", folder), artefact.path_of("v4", folder))
    shutil.copy(artefact.baseline_path_of("v2", folder), artefact.baseline_path_of("v4", folder))
    export_rows(data, folder / ROWS_FILE)
    scores = [score(version, pipeline, data) for version, pipeline in trained.items()]
    written = json.dumps([asdict(each) for each in scores], indent=2)
    (folder / SCORES_FILE).write_text(written + "\n", encoding="utf-8")
    return scores


def baseline_of(version: str, pipeline: Pipeline, data: Dataset) -> Baseline:
    """What the model's server says of its training data, for drift and for faulty inputs."""
    malignant = np.asarray(pipeline.predict_proba(data.train_rows.tolist()))[:, 1]
    names = names_known_to(version, data)
    return Baseline.fit(data.train_rows, malignant, names=names, version=version)


if __name__ == "__main__":
    for trained_score in train_all(Path(sys.argv[1])):
        print(trained_score)
