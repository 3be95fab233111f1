"""A model behind LitServe: python litserve_server.py (needs litserve); metrics on port 9100.

LitServe runs the model in worker processes: PROMETHEUS_MULTIPROC_DIR must name an empty folder.
"""

import os
from typing import Any

import joblib
import litserve

from serinus_sdk import Baseline, Monitor


class Model(litserve.LitAPI):
    def setup(self, device: str) -> None:  # noqa: ARG002 - LitServe gives it
        """In each worker."""
        self.model = joblib.load(os.environ.get("MODEL_PATH", "model.joblib"))
        self.monitor = Monitor(Baseline.load(os.environ.get("BASELINE_PATH", "baseline.json")))
        self.monitor.serve(
            int(os.environ.get("METRICS_PORT", "9100"))
        )  # the first worker to come serves for all
        self.answer = self.monitor.watch()(self.model_says)

    def decode_request(self, request: dict[str, Any]) -> list[float]:
        row: list[float] = request["features"]
        return row

    def predict(self, row: list[float]) -> float:
        return float(self.answer(row))

    def model_says(self, row: list[float]) -> float:
        return float(self.model.predict([row])[0])

    def encode_response(self, score: float) -> dict[str, float]:
        return {"score": score}


if __name__ == "__main__":
    server = litserve.LitServer(Model(), accelerator="cpu", workers_per_device=2)
    server.run(port=int(os.environ.get("PORT", "8080")))
