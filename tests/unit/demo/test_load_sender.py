"""Whose fault a failed request is, on real sockets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from demo.load.outcome import Kind, Outcome
from demo.load.rows import Row
from demo.load.sender import Sender, open_session
from demo.load.settings import LoadSettings

ROW = Row(b'{"id": "a", "features": {}}', label=1)
MODEL = {"x-model-version": "7"}


V2_OUTPUT = {"name": "predict", "shape": [1, 1], "datatype": "INT64", "data": [1]}
ANSWERS: dict[str, object] = {
    "/said-by-itself": {"prediction": 0.2, "version": "7"},
    "/v2": {"outputs": [V2_OUTPUT], "model_version": "7"},
    "/nobody": {"prediction": 0.2},
}


async def reply(request: web.Request) -> web.StreamResponse:
    match request.path:
        case "/good":
            return web.json_response({"prediction": 0.75}, headers=MODEL)
        case "/null":
            return web.json_response({"prediction": None}, headers=MODEL)
        case "/model-error":
            return web.json_response({"error": ""}, status=500, headers=MODEL)
        case "/garbage":
            return web.Response(text="<html>", headers=MODEL)
        case "/proxy-error":
            return web.Response(text="no healthy upstream", status=503)
        case "/slow":
            await asyncio.sleep(5)
        case "/host":
            return web.json_response({"prediction": 1}, headers={"x-model-version": request.host})
        case path if path in ANSWERS:
            return web.json_response(ANSWERS[path])
        case _:
            hang_up(request)
    return web.Response()


def hang_up(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.close()


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    application = web.Application()
    application.router.add_post("/{path}", reply)
    server = TestServer(application)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
def settings(server: TestServer) -> LoadSettings:
    variables = {"TARGET_URL": str(server.make_url("/good")), "TIMEOUT_SECONDS": "0.3"}
    return LoadSettings.read({**variables, "HOST_HEADER": "fraud.example"})


async def outcome_at(settings: LoadSettings, path: str) -> Outcome:
    url = settings.target_url.replace("/good", path)
    async with open_session(settings) as session:
        return await Sender(session, url, wall_clock=lambda: 42.0).send(ROW)


async def test_an_answer_is_the_versions(settings: LoadSettings) -> None:
    outcome = await outcome_at(settings, "/good")
    assert (outcome.kind, outcome.status, outcome.version) == (Kind.ANSWERED, 200, "7")
    assert (outcome.at, outcome.null, outcome.correct) == (42.0, False, True)


@pytest.mark.parametrize(("path", "correct"), [("/said-by-itself", False), ("/v2", True)])
async def test_a_server_that_sets_no_header_may_say_its_version_in_the_answer(
    settings: LoadSettings, path: str, correct: bool
) -> None:
    outcome = await outcome_at(settings, path)
    assert (outcome.kind, outcome.version, outcome.correct) == (Kind.ANSWERED, "7", correct)


async def test_a_null_is_an_answer(settings: LoadSettings) -> None:
    outcome = await outcome_at(settings, "/null")
    assert outcome.kind is Kind.ANSWERED
    assert outcome.null


@pytest.mark.parametrize(
    ("path", "cause"), [("/model-error", "status-500"), ("/garbage", "unreadable-answer")]
)
async def test_an_error_with_a_version_is_the_models(
    settings: LoadSettings, path: str, cause: str
) -> None:
    outcome = await outcome_at(settings, path)
    assert (outcome.kind, outcome.version) == (Kind.MODEL_ERROR, "7")
    assert (outcome.cause, outcome.null) == (cause, False)


@pytest.mark.parametrize(
    ("path", "cause", "status"),
    [
        ("/proxy-error", "status-503", 503),
        ("/nobody", "status-200", 200),
        ("/slow", "timeout", None),
        ("/hang-up", "disconnected", None),
    ],
)
async def test_an_error_without_a_version_is_the_traffics(
    settings: LoadSettings, path: str, cause: str, status: int | None
) -> None:
    outcome = await outcome_at(settings, path)
    assert (outcome.kind, outcome.version) == (Kind.TRAFFIC_FAILURE, None)
    assert (outcome.cause, outcome.status) == (cause, status)


async def test_a_refused_connection_is_the_traffics(settings: LoadSettings) -> None:
    nowhere = replace(settings, target_url=f"http://127.0.0.1:{unused_port()}/good")
    outcome = await outcome_at(nowhere, "/good")
    assert (outcome.kind, outcome.cause) == (Kind.TRAFFIC_FAILURE, "refused")


async def test_the_gateway_is_asked_for_the_host_it_routes(settings: LoadSettings) -> None:
    assert (await outcome_at(settings, "/host")).version == "fraud.example"


@pytest.mark.parametrize(("each_new", "connections"), [(False, 1), (True, 3)])
async def test_connections_are_kept_unless_told_otherwise(
    settings: LoadSettings, each_new: bool, connections: int
) -> None:
    opened = 0

    async def count(*_: object) -> None:
        nonlocal opened
        opened += 1

    async with open_session(replace(settings, new_connection_per_request=each_new)) as session:
        trace = aiohttp.TraceConfig()
        trace.on_connection_create_end.append(count)
        trace.freeze()
        session.trace_configs.append(trace)
        for _ in range(3):
            await Sender(session, settings.target_url).send(ROW)
    assert opened == connections
