"""A model on MLServer."""

from mlserver import MLModel
from mlserver.types import InferenceRequest, InferenceResponse, ResponseOutput


class Fraud(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        if payload.inputs[0].data[0] < 0:
            raise RuntimeError("no such thing")
        score = ResponseOutput(name="score", shape=[1], datatype="FP32", data=[1.0])
        return InferenceResponse(model_name=self.name, outputs=[score])
