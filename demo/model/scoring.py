"""From a request's body to a score: what is malformed, what is missing, what is null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from demo.model.artefact import Model


class MalformedRequestError(ValueError):
    """The caller must fix this; the model never saw it."""


@dataclass(frozen=True)
class Inputs:
    """One row in the model's order of features; a missing value is NaN."""

    request_id: str | int | None
    values: list[float]

    @property
    def missing(self) -> int:
        return sum(math.isnan(value) for value in self.values)


def read_inputs(body: bytes, feature_names: tuple[str, ...]) -> Inputs:
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedRequestError(f"the body is no JSON: {error}") from error
    if not isinstance(request, dict) or not isinstance(request.get("features"), dict):
        raise MalformedRequestError('the body is no {"id": ..., "features": {...}}')
    request_id = request.get("id")
    if not isinstance(request_id, str | int | None):
        raise MalformedRequestError("id is neither a string nor a whole number")
    features = request["features"]
    return Inputs(request_id, [_value(features, name) for name in feature_names])


def _value(features: Mapping[str, object], name: str) -> float:
    """Absent, null and NaN are all the same to a model: not there."""
    value = features.get(name)
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float) or _endless(value):
        raise MalformedRequestError(f"feature {name} is no number")
    return float(value)


def _endless(value: float) -> bool:
    try:
        return math.isinf(value)
    except OverflowError:  # an int of hundreds of digits
        return True


def predict(model: Model, inputs: Inputs) -> float | None:
    """The probability of class 1, or None where the model had nothing to say."""
    probability = float(model.pipeline.predict_proba([inputs.values])[0][1])
    return probability if math.isfinite(probability) else None
