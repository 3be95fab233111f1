"""A server of the V2 inference protocol in plain ASGI: uvicorn v2_server:app (needs uvicorn)."""

import json
import os
from typing import Any

from serinus_sdk import Baseline, Monitor
from serinus_sdk.asgi import MonitoringMiddleware, Receive, Scope, Send

NAME = os.environ.get("MODEL_NAME", "model")
INFER, READY = f"/v2/models/{NAME}/infer", f"/v2/models/{NAME}/ready"
monitor = Monitor(Baseline.load(os.environ.get("BASELINE_PATH", "baseline.json")))


@monitor.watch(batch=True)
def predict(rows: list[list[float]]) -> list[float]:
    """Put the model here; it gets rows in the order of the baseline's features."""
    return [sum(row) / len(row) for row in rows]


def infer(request: dict[str, Any]) -> dict[str, Any]:
    """Answer a request of one input tensor of shape [rows, features]."""
    (tensor,) = request["inputs"]
    count, width = tensor["shape"]
    flat = tensor["data"]
    scores = predict([flat[row * width : (row + 1) * width] for row in range(count)])
    output = {"name": "scores", "datatype": "FP64", "shape": [count], "data": scores}
    return {"model_name": NAME, "id": request.get("id", ""), "outputs": [output]}


async def v2(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    status, answer = 404, {"error": "not found"}
    if scope["path"] in {READY, "/v2/health/ready", "/v2/health/live"}:
        status, answer = 200, {}
    elif scope["path"] == INFER:
        try:
            status, answer = 200, infer(json.loads(await body_of(receive)))
        except (KeyError, TypeError, ValueError) as error:
            status, answer = 400, {"error": repr(error)}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


async def body_of(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


app = MonitoringMiddleware(v2, monitor, {INFER})
