"""A model on Triton's Python backend; what it raises fails the request."""

from typing import Any

import triton_python_backend_utils as pb


class TritonPythonModel:
    def execute(self, requests: list[Any]) -> list[Any]:
        return [self.answer(request) for request in requests]

    def answer(self, request: Any) -> Any:
        value = pb.get_input_tensor_by_name(request, "x").as_numpy()
        if (value < 0).any():
            raise RuntimeError("no such thing")
        return pb.InferenceResponse([pb.Tensor("y", value)])
