"""A model on BentoML."""

import bentoml


@bentoml.service
class Fraud:
    @bentoml.api
    def predict(self, value: float) -> float:
        if value < 0:
            raise RuntimeError("no such thing")
        return 1.0
