"""How a request's body becomes the model's inputs."""

import json
import math

import pytest

from demo.model.artefact import Model
from demo.model.scoring import MalformedRequestError, predict, read_inputs

NAMES = ("size", "weight")


class Fixed:
    """A model that always says the same."""

    def __init__(self, probability: float) -> None:
        self.probability = probability

    def predict_proba(self, rows: list[list[float]]) -> list[list[float]]:
        return [[1 - self.probability, self.probability] for _ in rows]


def body(**features: object) -> bytes:
    return json.dumps({"id": "a", "features": features}).encode()


def test_values_come_in_the_models_order_whatever_the_callers() -> None:
    inputs = read_inputs(body(weight=2, size=1.5), NAMES)
    assert inputs.values == [1.5, 2.0]
    assert inputs.request_id == "a"


def test_a_feature_the_model_does_not_know_is_left_out() -> None:
    assert read_inputs(body(size=1, weight=2, colour=3), NAMES).values == [1.0, 2.0]


@pytest.mark.parametrize("features", [{"size": 1}, {"size": 1, "weight": None}])
def test_absent_and_null_are_missing_alike(features: dict[str, object]) -> None:
    inputs = read_inputs(body(**features), NAMES)
    assert inputs.missing == 1
    assert math.isnan(inputs.values[1])


@pytest.mark.parametrize(
    "malformed",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"features": 1}',
        b'{"id": {}, "features": {}}',
        body(size="big"),
        body(size=True),
        body(size=[1]),
        b'{"features": {"size": 1e999}}',
        b'{"features": {"size": 1' + b"0" * 400 + b"}}",
        b"[" * 100_000,
    ],
)
def test_what_is_no_row_is_malformed(malformed: bytes) -> None:
    with pytest.raises(MalformedRequestError):
        read_inputs(malformed, NAMES)


@pytest.mark.parametrize("nothing", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_null(nothing: float) -> None:
    inputs = read_inputs(body(size=1, weight=2), NAMES)
    assert predict(Model("v1", NAMES, Fixed(0.75)), inputs) == 0.75
    assert predict(Model("v1", NAMES, Fixed(nothing)), inputs) is None
