"""Requests to the API server: tried again where that helps, told apart where it does not."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import pytest
from aiohttp import web
from kubernetes.aio.client import Configuration

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.errors import OutsideUnavailable
from tests.integration.within import until
from tests.unit.adapters.stub_api_server import (
    Answer,
    StubApiServer,
    answer,
    refuse,
    stub_api_server,
)

CALL = Call(verb="get", resource="configmaps", method="GET", path="/api/v1/configmaps/x")


@pytest.fixture
async def stub() -> AsyncIterator[StubApiServer]:
    async with stub_api_server() as server:
        yield server


@pytest.fixture
async def api(stub: StubApiServer) -> AsyncIterator[ApiServer]:
    server = stub.connect()
    yield server
    await server.close()


async def test_an_answer_is_given_as_plain_json(stub: StubApiServer, api: ApiServer) -> None:
    stub.answers = [answer({"data": {"a": "1"}})]
    assert await api.call(CALL) == {"data": {"a": "1"}}


DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000


def saying(text: str) -> Answer:
    async def send(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text)

    return send


async def test_an_answer_in_which_one_object_is_nested_without_end_is_read(
    stub: StubApiServer, api: ApiServer
) -> None:
    stub.answers = [saying(f'{{"items": [{DEEP}, {{"b": 1}}]}}')]
    assert (await api.call(CALL))["items"][1] == {"b": 1}


async def test_a_watch_goes_on_after_an_object_that_is_nested_without_end(
    stub: StubApiServer, api: ApiServer
) -> None:
    stub.answers = [saying(f'{{"object": {DEEP}}}\n{{"object": {{"b": 1}}}}\n')]
    async with api.stream(CALL, 5) as events:
        _, last = [event async for event in events]
    assert last == {"object": {"b": 1}}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 401])
async def test_a_passing_failure_is_tried_again(
    stub: StubApiServer, api: ApiServer, status: int
) -> None:
    stub.answers = [refuse(status, "Passing"), answer({"ok": True})]
    assert await api.call(CALL) == {"ok": True}


async def test_a_failure_that_stays_is_told_after_three_attempts(
    stub: StubApiServer, api: ApiServer
) -> None:
    stub.answers = [refuse(503, "ServiceUnavailable", "no etcd")]
    with pytest.raises(OutsideUnavailable, match=r"get configmaps: .* 503: no etcd"):
        await api.call(CALL)
    assert len(stub.requests) == 3


async def test_who_is_told_to_wait_waits(stub: StubApiServer, api: ApiServer) -> None:
    stub.answers = [
        refuse(429, "TooManyRequests", **{"Retry-After": "1"}),
        answer({"ok": True}),
    ]
    started = asyncio.get_running_loop().time()
    await api.call(CALL)
    assert asyncio.get_running_loop().time() - started >= 1


async def test_who_is_told_to_wait_for_long_gives_up_and_says_how_long(
    stub: StubApiServer, api: ApiServer
) -> None:
    stub.answers = [refuse(429, "TooManyRequests", **{"Retry-After": "60"})]
    with pytest.raises(OutsideUnavailable) as raised:
        await api.call(CALL)
    assert raised.value.retry_after_seconds == 60
    assert len(stub.requests) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422])
async def test_a_no_is_final_and_keeps_its_words(
    stub: StubApiServer, api: ApiServer, status: int
) -> None:
    stub.answers = [refuse(status, "Because", "of this")]
    with pytest.raises(ApiRefusal) as raised:
        await api.call(CALL)
    refusal = raised.value
    assert (refusal.status_code, refusal.reason, refusal.message) == (status, "Because", "of this")
    assert len(stub.requests) == 1


@pytest.mark.parametrize(
    "words",
    [
        "failed to create typed patch object (prod/a; apps/v1, Kind=Deployment): .spec.a: not it",
        "failed to convert new object (prod/a; apps/v1, Kind=Deployment) to proper version",
        "etcdserver: request is too large",
        "rpc error: code = ResourceExhausted desc = trying to send message larger than max (9)",
    ],
)
async def test_a_no_that_is_said_as_a_fault_is_final_as_well(
    stub: StubApiServer, api: ApiServer, words: str
) -> None:
    stub.answers = [refuse(500, "InternalError", words)]
    with pytest.raises(ApiRefusal) as raised:
        await api.call(CALL)
    assert (raised.value.status_code, raised.value.message) == (500, words)
    assert len(stub.requests) == 1


async def test_a_no_in_no_language_of_kubernetes_is_kept_too(
    stub: StubApiServer, api: ApiServer
) -> None:
    async def proxy(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=404, text="404 page not found\n")

    stub.answers = [proxy]
    with pytest.raises(ApiRefusal, match="404 Not Found: 404 page not found"):
        await api.call(CALL)


async def test_an_answer_that_does_not_come_is_given_up_and_not_waited_for_thrice(
    stub: StubApiServer,
) -> None:
    async def never(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(60)
        return web.Response()

    stub.answers = [never]
    api = stub.connect(timeout_seconds=0.5)
    with pytest.raises(OutsideUnavailable, match="get configmaps: "):
        await api.call(CALL)
    await api.close()
    assert len(stub.requests) == 1


async def test_an_answer_that_is_no_json_is_no_answer(stub: StubApiServer, api: ApiServer) -> None:
    async def half(_request: web.Request) -> web.StreamResponse:
        return web.Response(text='{"data": {"a"')

    stub.answers = [half, answer({"ok": True})]
    assert await api.call(CALL) == {"ok": True}


async def test_requests_are_counted_by_what_became_of_them(stub: StubApiServer) -> None:
    counted: list[tuple[str, str, str]] = []
    api = stub.connect()
    api._count = lambda *request: counted.append(request)
    stub.answers = [refuse(503, "Passing"), answer({})]
    await api.call(CALL)
    api.configuration.host = "http://127.0.0.1:1"
    with pytest.raises(OutsideUnavailable):
        await api.call(CALL)
    await api.close()
    get = ("get", "configmaps")
    assert counted == [(*get, "503"), (*get, "200"), *[(*get, "error")] * 3]


WRITE = Call(verb="patch", resource="services", method="PATCH", path="/api/v1/services/x", body={})


async def test_out_of_time_nothing_is_written_and_reading_goes_on(stub: StubApiServer) -> None:
    left = 1.0
    api = ApiServer(Configuration(host=stub.url), write_seconds=lambda: left)
    stub.answers = [answer({"ok": True})]
    assert await api.call(WRITE) == {"ok": True}
    left = 0.0
    with pytest.raises(OutsideUnavailable, match="held back"):
        await api.call(WRITE)
    assert await api.call(CALL) == {"ok": True}
    assert [request.method for request in stub.requests] == ["PATCH", "GET"]
    await api.close()


async def test_an_attempt_that_comes_too_late_is_not_made(stub: StubApiServer) -> None:
    left = 1.0

    async def fail(request: web.Request) -> web.StreamResponse:
        nonlocal left
        left = 0.0
        return await refuse(503, "ServiceUnavailable")(request)

    api = ApiServer(Configuration(host=stub.url), write_seconds=lambda: left)
    stub.answers = [fail, answer({"ok": True})]
    with pytest.raises(OutsideUnavailable, match="held back"):
        await api.call(WRITE)
    assert len(stub.requests) == 1
    await api.close()


async def test_a_write_does_not_wait_for_a_connection_beyond_its_time(
    stub: StubApiServer,
) -> None:
    """It would leave as soon as there is one, however long that took."""
    released = asyncio.Event()

    async def when_released(request: web.Request) -> web.StreamResponse:
        await released.wait()
        return await answer({"ok": True})(request)

    stub.answers = [when_released]
    ends_at = monotonic() + 0.2
    api = ApiServer(
        Configuration(host=stub.url),
        routine_requests=1,
        write_seconds=lambda: ends_at - monotonic(),
    )
    reading = asyncio.create_task(api.call(CALL))
    await until(lambda: stub.requests)
    writing = asyncio.create_task(api.call(WRITE))
    await until(lambda: monotonic() > ends_at)
    released.set()
    with pytest.raises(OutsideUnavailable, match="held back"):
        await writing
    await reading
    assert [request.method for request in stub.requests] == ["GET"]
    await api.close()
