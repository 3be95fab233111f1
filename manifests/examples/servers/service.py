"""A scikit-learn model behind BentoML: bentoml serve service:Tumour."""

import math
import os

import bentoml
import joblib

VERSION = os.environ.get("MODEL_VERSION", "")


@bentoml.service
class Tumour:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ.get("MODEL_PATH", "model.joblib"))

    @bentoml.api
    def predict(
        self,
        features: dict[str, float | None],
        id: str = "",  # noqa: A002 - what its callers call it
    ) -> dict[str, str | float]:
        row = [math.nan if value is None else value for value in features.values()]
        malignant = float(self.model.predict_proba([row])[0][1])
        return {"id": id, "version": VERSION, "prediction": malignant}
