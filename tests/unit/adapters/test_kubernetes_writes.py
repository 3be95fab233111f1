"""Writes that the API server takes one by one wait for each other here, and hold up no others."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from serinus.adapters.kubernetes_children import ChildrenStore
from serinus.adapters.kubernetes_turns import ADDRESSES_AT_ONCE
from serinus.adapters.kubernetes_writes import ClusterWriter
from tests.integration.manifests import deployment, service
from tests.integration.within import until
from tests.unit.adapters.stub_api_server import StubApiServer, stub_api_server

NAMESPACE = "prod"


@pytest.fixture
async def stub() -> AsyncIterator[StubApiServer]:
    async with stub_api_server() as server:
        yield server


async def test_new_services_that_wait_for_an_address_hold_up_nothing_else(
    stub: StubApiServer,
) -> None:
    """The API server gives out one cluster IP after the other, whoever else has to wait."""
    released = asyncio.Event()

    async def when_released(request: web.Request) -> web.StreamResponse:
        await released.wait()
        manifest = await request.json()
        manifest["metadata"] |= {"uid": "uid-1", "resourceVersion": "7", "generation": 1}
        return web.json_response(manifest)

    stub.answers = [when_released]
    api = stub.connect()
    writer = ClusterWriter(api, ChildrenStore(lambda *_: None), "operator-1")
    new = [service(NAMESPACE, f"model-{number}") for number in range(50)]
    tasks = [asyncio.create_task(writer.apply(each, is_ours=False)) for each in new]
    tasks.append(asyncio.create_task(writer.apply(deployment(NAMESPACE), is_ours=False)))
    tasks.append(asyncio.create_task(writer.apply(service(NAMESPACE, "old"), is_ours=True)))
    await until(lambda: len(stub.requests) == ADDRESSES_AT_ONCE + 2)
    names = {request.path.rpartition("/")[2] for request in stub.requests}
    assert {"fraud-r1", "old"} < names
    released.set()
    await asyncio.gather(*tasks)
    assert len(stub.requests) == len(tasks)
    await api.close()
