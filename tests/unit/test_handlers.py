"""What one resource is like can't end kopf, in which all of them are looked after.

kopf has no place for a reader of one's own, so an upgrade may take ours out; these tests tell.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import kopf
import pytest
from aiohttp import web
from kopf._cogs.clients import api, auth, fetching, patching, watching
from kopf._cogs.structs.credentials import Vault
from kopf._cogs.structs.patches import Patch
from kopf._cogs.structs.references import Resource

from serinus.adapters.kubernetes_json import read_json
from serinus.handlers import read_with
from serinus.resource.names import GROUP, PLURAL, VERSION
from tests.unit.adapters.stub_api_server import Answer, StubApiServer, stub_api_server

DEEP = '{"a":' * 5_000 + "1" + "}" * 5_000
METADATA = '"metadata": {"namespace": "prod", "name": "fraud", "resourceVersion": "7"}'
BODY = f'{{{METADATA}, "spec": {DEEP}}}'
KIND = Resource(group=GROUP, version=VERSION, plural=PLURAL, namespaced=True)
CALL: dict[str, Any] = {
    "settings": kopf.OperatorSettings(),
    "resource": KIND,
    "namespace": "prod",
}


@pytest.fixture
async def stub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StubApiServer]:
    for name in ("get", "patch", "json"):  # so that what is replaced is put back
        monkeypatch.setattr(api, name, getattr(api, name))
    async with stub_api_server() as server:
        vault = Vault({"us": kopf.ConnectionInfo(server=server.url)})
        token = auth.vault_var.set(vault)
        read_with(read_json)
        yield server
        await vault.close()
        auth.vault_var.reset(token)


def saying(text: str) -> Answer:
    async def send(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="application/json")

    return send


async def test_kopf_lists_a_resource_that_is_nested_without_end(stub: StubApiServer) -> None:
    stub.answers = [saying(f'{{"items": [{BODY}, {BODY}], {METADATA}}}')]
    listed = [
        item["metadata"]["name"]
        async for items, _ in fetching.fetch_objs(logger=logging.getLogger(), **CALL)
        for item in items
    ]
    assert listed == ["fraud", "fraud"]


async def test_kopf_watches_a_resource_that_is_nested_without_end(stub: StubApiServer) -> None:
    stub.answers = [saying(f'{{"type": "ADDED", "object": {BODY}}}\n' * 2)]
    call = {**CALL, "since": "1", "operator_pause_waiter": asyncio.Future()}
    seen = [event["type"] async for event in watching.watch_objs(**call)]
    assert seen == ["ADDED", "ADDED"]


async def test_kopf_puts_its_finalizer_on_a_resource_that_is_nested_without_end(
    stub: StubApiServer,
) -> None:
    stub.answers = [saying(BODY)]
    asked = Patch({"metadata": {"finalizers": ["serinus.dev/finalizer"]}})
    answered = await patching.patch_obj(
        name="fraud", patch=asked, logger=logging.getLogger(), **CALL
    )
    assert (answered[0] or {})["metadata"]["name"] == "fraud"
    assert [each.method for each in stub.requests] == ["PATCH"]
