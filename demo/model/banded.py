"""Version 3's bug, as it happens: a look-up table narrower than the life it is used in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.float64]


class Transformer(Protocol):
    """A fitted preprocessing step of scikit-learn."""

    def transform(self, rows: Numbers, /) -> Numbers: ...


@dataclass(frozen=True)
class SizeTable:
    """The area to be expected at a radius, read off a table of measured cases."""

    radii: Numbers
    areas: Numbers

    @classmethod
    def measured(cls, radii: Numbers, areas: Numbers) -> SizeTable:
        order = np.argsort(radii)
        return cls(radii[order], areas[order])

    def expected_area(self, radii: Numbers) -> Numbers:
        # Outside of the table nothing is known. NaN says so, and nobody downstream listens.
        return np.interp(radii, self.radii, self.areas, left=np.nan, right=np.nan)


@dataclass(frozen=True)
class BandedLogistic:
    """A logistic regression on exported weights, with area relative to the expected area.

    scikit-learn's own regression refuses NaN with an error. These are its weights in bare numpy,
    as one writes them for speed, and there NaN passes through to the score without a sound.
    """

    imputer: Transformer
    table: SizeTable
    radius_column: int
    area_column: int
    scaler: Transformer
    weights: Numbers
    intercept: float

    def predict_proba(self, rows: list[list[float]] | Numbers) -> Numbers:
        prepared = self.scaler.transform(self.prepare(np.asarray(rows, dtype=float)))
        malignant = 1.0 / (1.0 + np.exp(-(prepared @ self.weights + self.intercept)))
        return np.column_stack([1.0 - malignant, malignant])

    def prepare(self, rows: Numbers) -> Numbers:
        return relative_to_size(
            self.imputer.transform(rows), self.table, self.radius_column, self.area_column
        )


def relative_to_size(rows: Numbers, table: SizeTable, radius: int, area: int) -> Numbers:
    """Rows with one more column: the area in proportion to what the radius lets expect."""
    return np.column_stack([rows, rows[:, area] / table.expected_area(rows[:, radius])])
