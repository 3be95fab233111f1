"""A model on LitServe, which has no metrics: it shows the standard ones itself."""

import sys
import time
from typing import Any

import litserve
from fastapi import Request
from prometheus_client import Counter, Histogram, make_asgi_app

REQUESTS = Counter("model_requests", "Predictions asked for", ["code"])
SECONDS = Histogram("model_request_duration_seconds", "Time to answer")
PATH = "/predict"


class Fraud(litserve.LitAPI):
    def setup(self, device: str) -> None:
        """There is nothing to load."""

    def decode_request(self, request: Request) -> float:
        return float(request["value"])

    def predict(self, x: float) -> float:
        if x < 0:
            raise RuntimeError("no such thing")
        return 1.0

    def encode_response(self, output: float) -> dict[str, float]:
        return {"score": output}


async def count(request: Any, call_next: Any) -> Any:
    began = time.perf_counter()
    response = await call_next(request)
    if request.url.path == PATH:
        REQUESTS.labels(str(response.status_code)).inc()
        SECONDS.observe(time.perf_counter() - began)
    return response


if __name__ == "__main__":
    server = litserve.LitServer(Fraud(), accelerator="cpu")
    server.app.middleware("http")(count)
    server.app.mount("/metrics", make_asgi_app())
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False)
