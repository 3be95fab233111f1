"""A model file: one pickled pipeline with the version and the features that belong to it."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol


class Pipeline(Protocol):
    """What the server asks of a model; every scikit-learn classifier answers it."""

    def predict_proba(self, rows: list[list[float]], /) -> Any:  # a 2-D array of any library
        ...


@dataclass(frozen=True)
class Model:
    """A pipeline that knows the names and the order of its features."""

    trained_as: str
    feature_names: tuple[str, ...]
    pipeline: Pipeline


def path_of(version: str, folder: Path) -> Path:
    """People say 2 or v2 for the same model."""
    return folder / f"v{version.removeprefix('v')}.pkl"


def baseline_path_of(version: str, folder: Path) -> Path:
    """What its training data looked like lies next to the model."""
    return path_of(version, folder).with_suffix(".baseline.json")


def save(model: Model, path: Path) -> None:
    path.write_bytes(pickle.dumps(model, protocol=5))


def truncate(path: Path, target: Path) -> None:
    """What an upload leaves behind that was cut off half way."""
    whole = path.read_bytes()
    target.write_bytes(whole[: len(whole) // 2])


def load(path: Path) -> Model:
    with path.open("rb") as file:
        model = pickle.load(file)  # noqa: S301  # our own image wrote it
    if not isinstance(model, Model):
        raise TypeError(f"{path} holds a {type(model).__name__}, not a model")
    return model
