"""A Triton Python backend: model.py of a model repository, with metrics on a port of their own.

Each instance of the model is a process: PROMETHEUS_MULTIPROC_DIR must name an empty folder.
Triton's own port 8002 goes on showing its own metrics.
"""

import json
from pathlib import Path
from typing import Any

import joblib
import triton_python_backend_utils as pb

from serinus_sdk import Baseline, Monitor


class TritonPythonModel:
    def initialize(self, args: dict[str, str]) -> None:
        folder = Path(args["model_repository"]) / args["model_version"]
        port = json.loads(args["model_config"])["parameters"]["metrics_port"]["string_value"]
        self.model = joblib.load(folder / "model.joblib")
        baseline = Baseline.load(folder / "baseline.json")
        self.monitor = Monitor(baseline, version=args["model_version"])
        self.monitor.serve(int(port))  # the first instance to come serves for all
        self.predict = self.monitor.watch(batch=True)(self.model.predict)

    def execute(self, requests: list[Any]) -> list[Any]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Any) -> Any:
        rows = pb.get_input_tensor_by_name(request, "features").as_numpy()
        try:
            scores = self.predict(rows)
        except ValueError as error:
            # Triton counts such an answer as good, the monitor as failed.
            return pb.InferenceResponse(error=pb.TritonError(str(error)))
        return pb.InferenceResponse([pb.Tensor("scores", scores)])
