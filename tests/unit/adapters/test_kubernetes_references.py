"""What a spec refers to and we may not read is told, and at once."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from serinus.adapters import kubernetes_secrets
from serinus.adapters.kubernetes_config_maps import ConfigMaps
from serinus.adapters.kubernetes_secrets import Secrets
from serinus.errors import ReferenceUnreadable
from tests.unit.adapters.stub_api_server import StubApiServer, answer, refuse, stub_api_server

FORBIDDEN = refuse(403, "Forbidden", "user serinus cannot do that")
KEY = answer({"data": {"key": "c2VjcmV0"}})


@pytest.fixture
async def stub() -> AsyncIterator[StubApiServer]:
    async with stub_api_server() as server:
        yield server


async def test_a_config_map_that_we_may_not_read_is_named(stub: StubApiServer) -> None:
    stub.answers = [FORBIDDEN]
    api = stub.connect()
    config_maps = ConfigMaps(api, lambda *_: None)
    for _ in range(2):  # nobody tells of a right that was granted
        with pytest.raises(ReferenceUnreadable, match=r"'thresholds': 403 .* cannot do that"):
            await config_maps.read("prod", ["thresholds"], "fraud")
    assert len(stub.requests) == 2
    await api.close()


async def only_the_key(request: web.Request) -> web.StreamResponse:
    is_key = request.path.endswith("/serinus-digest-key")
    return await (KEY if is_key else FORBIDDEN)(request)


@pytest.mark.parametrize("may_read_key", [True, False])
async def test_a_secret_that_we_may_not_watch_is_named_and_not_waited_for(
    stub: StubApiServer, may_read_key: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A canary with traffic is to be looked at meanwhile."""
    stub.answers = [only_the_key if may_read_key else FORBIDDEN]
    api = stub.connect()
    secrets = Secrets(api, "serinus-system", lambda *_: None)
    name = "'token'" if may_read_key else "'serinus-digest-key'"
    monkeypatch.setattr(kubernetes_secrets, "FIRST_LOOK_SECONDS", 3600.0)
    with pytest.raises(ReferenceUnreadable, match=f"Secret {name}: .*cannot do that"):
        await secrets.digests("prod", ["token"], "fraud")
    await secrets.close()
    await api.close()
