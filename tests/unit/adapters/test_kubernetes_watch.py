"""One list-and-watch, against an API server that misbehaves as real ones do."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from serinus.adapters.kubernetes_kinds import HTTP_ROUTE, POD, SECRET
from serinus.adapters.kubernetes_watch import Collected, Watch
from tests.integration.within import until
from tests.unit.adapters.stub_api_server import (
    StubApiServer,
    answer,
    refuse,
    stream,
    stub_api_server,
)


class Held:
    """What a listener holds after all it was told."""

    def __init__(self) -> None:
        self.versions: dict[str, str] = {}
        self.told = 0

    def saw(self, raw: Mapping[str, Any]) -> None:
        self.versions[raw["metadata"]["name"]] = raw["metadata"]["resourceVersion"]
        self.told += 1

    def gone(self, raw: Mapping[str, Any]) -> None:
        del self.versions[raw["metadata"]["name"]]

    def listed(self, _namespace: str, names: Collection[tuple[str, str]], _version: int) -> None:
        self.versions = {k: v for k, v in self.versions.items() if ("space", k) in names}


def pod(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"namespace": "space", "name": name, "resourceVersion": str(version)}}


def event(kind: str, name: str, version: int) -> dict[str, Any]:
    return {"type": kind, "object": pod(name, version)}


def listing(version: int, *pods: dict[str, Any], token: str = "") -> dict[str, Any]:
    return {"metadata": {"resourceVersion": str(version), "continue": token}, "items": pods}


BOOKMARK = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "50"}}}
EXPIRED = {
    "type": "ERROR",
    "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"},
}


async def for_ever() -> None:
    await asyncio.sleep(60)


@pytest.fixture
async def stub() -> AsyncIterator[StubApiServer]:
    async with stub_api_server() as server:
        yield server


@asynccontextmanager
async def watching(
    stub: StubApiServer, silence_seconds: float = 60.0
) -> AsyncIterator[tuple[Watch, Held]]:
    api, held = stub.connect(), Held()
    watch = Watch(
        api, Collected(kind=POD, namespace="space"), held, silence_seconds=silence_seconds
    )
    task = asyncio.create_task(watch.run())
    try:
        yield watch, held
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await api.close()


async def test_changes_are_told_after_a_list_of_several_pages(stub: StubApiServer) -> None:
    stub.answers = [
        answer(listing(9, pod("a", 1), token="more")),
        answer(listing(9, pod("b", 2))),
        stream(event("ADDED", "c", 10), event("MODIFIED", "a", 11), event("DELETED", "b", 12),
               then=for_ever),
    ]  # fmt: skip
    async with watching(stub) as (watch, held):
        await until(lambda: held.versions == {"a": "11", "c": "10"})
        assert watch.is_filled
    assert stub.requests[1].query["continue"] == "more"
    assert stub.requests[2].query["resourceVersion"] == "9"


async def test_a_stream_that_ends_is_taken_up_where_it_stopped(stub: StubApiServer) -> None:
    stub.answers = [
        answer(listing(9)),
        stream(event("ADDED", "a", 10), BOOKMARK),
        stream(event("ADDED", "b", 51), then=for_ever),
    ]
    async with watching(stub) as (_, held):
        await until(lambda: held.versions == {"a": "10", "b": "51"})
    assert [request.query.get("resourceVersion") for request in stub.requests] == [
        None,
        "9",
        "50",
    ]


async def test_a_silent_stream_is_taken_up_anew(stub: StubApiServer) -> None:
    stub.answers = [
        answer(listing(9)),
        stream(event("ADDED", "a", 10), then=for_ever),
        stream(event("ADDED", "b", 11), then=for_ever),
    ]
    async with watching(stub, silence_seconds=1.5) as (_, held):
        await until(lambda: held.versions == {"a": "10", "b": "11"})
    assert stub.requests[2].query["resourceVersion"] == "10"


async def test_an_api_server_that_never_begins_to_answer_is_left(stub: StubApiServer) -> None:
    async def never(_request: Any) -> Any:
        await asyncio.sleep(60)

    stub.answers = [answer(listing(9)), never, stream(event("ADDED", "a", 10), then=for_ever)]
    async with watching(stub, silence_seconds=1.5) as (_, held):
        await until(lambda: held.versions == {"a": "10"})


async def test_a_forgotten_version_is_listed_anew_and_what_is_gone_is_told(
    stub: StubApiServer,
) -> None:
    stub.answers = [
        answer(listing(9, pod("a", 1), pod("b", 2))),
        stream(EXPIRED),
        answer(listing(90, pod("b", 80))),
        stream(then=for_ever),
    ]
    async with watching(stub) as (_, held):
        await until(lambda: held.versions == {"b": "80"})


async def test_a_right_that_is_missing_is_told_and_not_taken_for_emptiness(
    stub: StubApiServer,
) -> None:
    stub.answers = [refuse(403, "Forbidden", "pods is forbidden")]
    async with watching(stub) as (watch, _):
        await until(lambda: watch.trouble)
        assert watch.trouble == (
            "403 Forbidden: pods is forbidden; a Role in namespace space has to let the "
            "operator's service account list and watch pods, as the chart of this version does"
        )
        assert not watch.is_filled


async def test_a_kind_that_is_not_there_is_an_empty_one(stub: StubApiServer) -> None:
    stub.answers = [refuse(404, "NotFound", "the server could not find the requested resource")]
    async with watching(stub) as (watch, _):
        await until(lambda: watch.is_filled)
        assert watch.is_absent


async def test_trouble_that_passes_is_forgotten(stub: StubApiServer) -> None:
    stub.answers = [
        answer(listing(9)),
        refuse(503, "ServiceUnavailable", "restarting"),
        stream(then=for_ever),
    ]
    async with watching(stub) as (watch, _):
        await until(lambda: watch.trouble)
        await until(lambda: not watch.trouble)
    assert len(stub.requests) == 3


async def test_an_object_that_can_not_be_read_does_not_end_the_watch(stub: StubApiServer) -> None:
    broken = {"type": "ADDED", "object": {"kind": "Pod"}}
    stub.answers = [
        answer(listing(9)),
        stream(broken, then=for_ever),
        answer(listing(20, pod("a", 15))),
        stream(then=for_ever),
    ]
    async with watching(stub) as (watch, held):
        await until(lambda: held.versions == {"a": "15"})
        assert watch.idle_seconds() < 5


def test_a_right_in_all_namespaces_is_that_of_a_cluster_role() -> None:
    routes = Collected(kind=HTTP_ROUTE)
    assert routes.right.startswith("a ClusterRole has to let the operator's")
    assert "list and watch httproutes.gateway.networking.k8s.io" in routes.right
    assert "watch secrets of trackSecrets.names, as" in Collected(kind=SECRET).right
