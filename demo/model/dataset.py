"""The breast-cancer data that ships with scikit-learn, split once, the same for every version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

Numbers: TypeAlias = npt.NDArray[np.float64]
Labels: TypeAlias = npt.NDArray[np.int64]

HELD_OUT_SHARE = 0.4
INCOMPLETE_ROW_SHARE = 0.04
MOST_MISSING_IN_A_ROW = 3
SEED = 42


@dataclass(frozen=True)
class Dataset:
    """Rows to train on, and held-out rows that only the load generator ever sends."""

    feature_names: tuple[str, ...]
    train_rows: Numbers
    train_labels: Labels
    held_out_rows: Numbers
    held_out_labels: Labels


def load_dataset() -> Dataset:
    bunch = load_breast_cancer()
    malignant = 1 - bunch.target  # shipped as 0 = malignant; a score should mean "malignant"
    split = train_test_split(
        bunch.data, malignant, test_size=HELD_OUT_SHARE, stratify=malignant, random_state=SEED
    )
    train_rows, held_out_rows, train_labels, held_out_labels = split
    names = tuple(str(name).replace(" ", "_") for name in bunch.feature_names)
    held_out_rows = with_missing_values(held_out_rows)
    return Dataset(names, train_rows, train_labels, held_out_rows, held_out_labels)


def with_missing_values(rows: Numbers) -> Numbers:
    """Live inputs have holes; a model or objective that can't stand any is of no use."""
    random = np.random.default_rng(SEED)
    holed = rows.copy()
    count = max(1, round(len(rows) * INCOMPLETE_ROW_SHARE))
    for row in random.choice(len(rows), size=count, replace=False):
        missing = random.integers(1, MOST_MISSING_IN_A_ROW, endpoint=True)
        holed[row, random.choice(rows.shape[1], size=missing, replace=False)] = np.nan
    return holed


def export_rows(dataset: Dataset, path: Path) -> None:
    """JSON lines: what a client would send, and the label that comes later in real life."""
    with path.open("w", encoding="utf-8") as file:
        labelled = zip(dataset.held_out_rows, dataset.held_out_labels, strict=True)
        for number, (row, label) in enumerate(labelled):
            values = [None if np.isnan(value) else float(value) for value in row]
            features = dict(zip(dataset.feature_names, values, strict=True))
            line = {"id": f"row-{number}", "features": features, "label": int(label)}
            file.write(json.dumps(line) + "\n")
