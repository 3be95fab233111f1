"""The middleware: prediction requests are counted once, by the status the caller saw."""

from asyncio import CancelledError
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import pytest

from serinus_sdk.asgi import MonitoringMiddleware, Receive, Scope, Send
from tests.unit.sdk.shown import ROWS, baseline, monitor, shown

SEEN = baseline()


async def answered(
    app: MonitoringMiddleware, path: str, kind: str = "http", **scope: str
) -> tuple[int, bytes]:
    """The status and the body of one request."""
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app({"type": kind, "path": path, **scope}, receive, send)
    return (sent[0]["status"], sent[1]["body"]) if sent else (0, b"")


async def test_predictions_are_counted_by_status_and_probes_are_not() -> None:
    seen = monitor(SEEN)

    @seen.watch()
    def predict(row: dict[str, Any]) -> float:
        return 0.5

    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/predict":
            predict(ROWS[0])
        if scope["path"] == "/v2/models/m/infer":
            raise RuntimeError("the model is broken")
        status = 400 if scope["path"] == "/v2/models/x/infer" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    app = MonitoringMiddleware(model, seen, {"/predict", "/v2/models/"})
    assert await answered(app, "/predict") == (200, b"{}")
    assert await answered(app, "/readyz") == (200, b"{}")
    assert (await answered(app, "/v2/models/x/infer"))[0] == 400
    with pytest.raises(RuntimeError):
        await answered(app, "/v2/models/m/infer")
    told = shown(seen)
    assert told.value("model_requests_total", code="200") == 1
    assert told.value("model_requests_total", code="400") == 1
    assert told.value("model_requests_total", code="500") == 1
    assert told.value("model_request_duration_seconds_count") == 3
    assert told.value("model_predictions_total") == 1


@pytest.mark.parametrize(
    ("is_whole", "is_caller_there", "counted"),
    [(False, True, "500"), (True, True, "200"), (False, False, "200")],
)
async def test_a_stream_that_breaks_has_failed_though_it_began_well(
    is_whole: bool, is_caller_there: bool, counted: str
) -> None:
    """What raises behind a whole answer, or since the caller went away, has not."""
    seen = monitor(SEEN)

    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        more = not is_whole
        await send({"type": "http.response.body", "body": b"The capital", "more_body": more})
        raise RuntimeError("out of memory")

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.body" and not is_caller_there:
            raise OSError("the connection is closed")

    app = MonitoringMiddleware(model, seen, {"/predict"})
    with pytest.raises((RuntimeError, OSError)):
        await app({"type": "http", "path": "/predict"}, receive, send)
    assert shown(seen).value("model_requests_total", code=counted) == 1
    assert shown(seen).sum("model_requests_total") == 1


async def _cancelled() -> None:
    raise CancelledError


async def _failed() -> None:
    raise RuntimeError("the body is not whole")


async def _returned() -> None: ...


@pytest.mark.parametrize(
    ("begins", "hears", "ends", "counted"),
    [
        (False, False, _cancelled, "499"),
        (False, True, _failed, "499"),
        (False, True, _returned, "499"),
        (True, True, _failed, "200"),
        (True, False, _cancelled, "200"),
        (False, False, _failed, "500"),
    ],
)
async def test_a_caller_that_leaves_before_the_answer_is_no_error_of_the_models(
    begins: bool, hears: bool, ends: Callable[[], Awaitable[None]], counted: str
) -> None:
    """The server is told of it, or cancels the task; what began before counts as it began."""
    seen = monitor(SEEN)

    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        if hears:
            assert await receive() == {"type": "http.disconnect"}
        await ends()

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None: ...

    with suppress(CancelledError, RuntimeError):
        await MonitoringMiddleware(model, seen, {"/predict"})(
            {"type": "http", "path": "/predict"}, receive, send
        )
    assert shown(seen).value("model_requests_total", code=counted) == 1
    assert shown(seen).sum("model_requests_total") == 1


async def test_what_is_answered_to_nobody_counts_as_a_caller_that_left() -> None:
    """A web framework makes a 500 of the body that did not come."""
    seen = monitor(SEEN)

    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None: ...

    app = MonitoringMiddleware(model, seen, {"/predict"})
    await app({"type": "http", "path": "/predict"}, receive, send)
    assert shown(seen).value("model_requests_total", code="499") == 1


async def fine(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})


@pytest.mark.parametrize("path", ["/predict", "/fraud/predict"])
async def test_a_server_behind_a_prefix_is_watched_as_any(path: str) -> None:
    """As `uvicorn --root-path /fraud` tells of it, which has the prefix in the path, or not."""
    seen = monitor(SEEN)
    app = MonitoringMiddleware(fine, seen, {"/predict"})
    await answered(app, path, root_path="/fraud")
    await answered(app, "/fraudulent", root_path="/fraud")
    assert shown(seen).sum("model_requests_total") == 1
    _, body = await answered(app, path.replace("predict", "metrics"), root_path="/fraud")
    assert b"model_inputs_total" in body


async def test_one_path_is_one_and_not_its_letters() -> None:
    seen = monitor(SEEN)
    app = MonitoringMiddleware(fine, seen, "/predict")
    for path in ("/predict", "/healthz", "/"):
        await answered(app, path)
    assert shown(seen).sum("model_requests_total") == 1
    with pytest.raises(ValueError, match="begin with /: predict"):
        MonitoringMiddleware(fine, seen, {"predict"})


async def test_the_metrics_are_shown_where_they_are_asked_for() -> None:
    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("the model is not asked for metrics")

    app = MonitoringMiddleware(model, monitor(SEEN), {"/predict"})
    status, body = await answered(app, "/metrics")
    assert status == 200
    assert b"model_inputs_total 0.0" in body


async def test_what_is_no_request_passes_by() -> None:
    passed = []

    async def model(scope: Scope, receive: Receive, send: Send) -> None:
        passed.append(scope["type"])

    await answered(MonitoringMiddleware(model, monitor(SEEN), {"/predict"}), "", "lifespan")
    assert passed == ["lifespan"]
