"""A model behind BentoML: bentoml serve bentoml_service:Model; its /metrics shows ours, too.

BentoML sets PROMETHEUS_MULTIPROC_DIR by itself and shows what all workers wrote there.
"""

import os

import bentoml
import joblib

from serinus_sdk import Baseline, Monitor

monitor = Monitor(Baseline.load(os.environ.get("BASELINE_PATH", "baseline.json")))


@bentoml.service(workers=2)
class Model:
    def __init__(self) -> None:
        self.model = joblib.load(os.environ.get("MODEL_PATH", "model.joblib"))

    @bentoml.api(batchable=True)
    @monitor.watch(batch=True)
    def predict(self, rows: list[list[float]]) -> list[float]:
        return [float(each) for each in self.model.predict(rows)]
