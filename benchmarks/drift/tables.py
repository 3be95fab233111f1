"""Real tables out of wheels: installed beside all else, read as files and never imported."""

from __future__ import annotations

import csv
import gzip
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from serinus_sdk.columns import Columns, typed

LOCK = Path(__file__).with_name("data.txt")
NO_FEATURES = {"id", "timestamp", "y_pred", "y_pred_proba", "clf_target", "repaid", "PassengerId"}
NO_FEATURES |= {"Name", "Ticket", "Cabin", "boat", "body", "home.dest", "date"}


@dataclass(frozen=True)
class Table:
    name: str
    columns: Columns

    @property
    def rows(self) -> list[tuple[object, ...]]:
        return list(zip(*self.columns.values(), strict=True))


SOURCES = {
    "breast cancer": "sklearn/datasets/data/breast_cancer.csv",
    "wine": "sklearn/datasets/data/wine_data.csv",
    "phishing": "river/datasets/phishing.csv.gz",
    "shuttle": "river/datasets/shuttle.csv.gz",
    "segment": "river/datasets/segment.csv.zip",
    "solar flare": "river/datasets/solar-flare.csv.zip",
    "S&P 500": "river/datasets/sp500.csv.gz",
    "titanic": "nannyml/datasets/data/titanic_reference.csv",
    "housing": "nannyml/datasets/data/california_housing_reference.csv",
    "car loans": "nannyml/datasets/data/synthetic_car_loan_reference.csv",
}


def tables() -> Iterator[Table]:
    folder = _installed()
    for name, path in SOURCES.items():
        lines = list(csv.reader(io.StringIO(_text(folder / path))))
        yield Table(name=name, columns=_columns(lines, has_names=not path.startswith("sklearn")))


def _columns(lines: list[list[str]], *, has_names: bool) -> Columns:
    header, *rows = lines
    names = header if has_names else [f"x{place}" for place in range(len(rows[0]))]
    columns = {name: typed([row[place] for row in rows]) for place, name in enumerate(names)}
    features = {name: column for name, column in columns.items() if name not in NO_FEATURES}
    return {name: column for name, column in features.items() if len(set(column)) > 1}


def _text(path: Path) -> str:
    if path.suffix == ".gz":
        return gzip.decompress(path.read_bytes()).decode()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            return archive.read(archive.namelist()[0]).decode()
    return path.read_text()


def _installed() -> Path:
    """The wheels' folder in the cache, by what the lock says."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "serinus"
    folder = cache / f"drift-data-{sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes")
        subprocess.run((*pip, "--target", str(partial), "-r", str(LOCK)), check=True)
        partial.rename(folder)
    return folder
