"""A model on KServe's Python server."""

from typing import Any

from kserve import Model, ModelServer


class Fraud(Model):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.ready = True

    def predict(self, payload: Any, headers: Any = None, response_headers: Any = None) -> Any:
        if payload["instances"][0] < 0:
            raise RuntimeError("no such thing")
        return {"predictions": [1.0]}


if __name__ == "__main__":
    ModelServer().start([Fraud("fraud")])
