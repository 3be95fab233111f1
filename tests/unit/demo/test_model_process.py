"""How the process of a model server begins and ends."""

import asyncio
import pickle
import socket
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from demo.environment import SettingError
from demo.model import artefact
from demo.model.__main__ import serve
from demo.model.artefact import Model
from demo.model.settings import ServerSettings
from serinus_sdk import Baseline


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def settings(tmp_path: Path) -> ServerSettings:
    artefact.save(Model("v1", ("size",), None), tmp_path / "v1.pkl")  # type: ignore[arg-type]
    Baseline.fit({"size": [1.0, 2.0]}).save(artefact.baseline_path_of("v1", tmp_path))
    variables = {
        "MODEL_VERSION": "1",
        "MODEL_FOLDER": str(tmp_path),
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "DRAIN_SECONDS": "0.3",
    }
    return ServerSettings.read(variables)


async def readiness(settings: ServerSettings) -> tuple[int, str]:
    url = f"http://127.0.0.1:{settings.port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, response.headers.get("Connection", "")


async def until_ready(settings: ServerSettings) -> None:
    for _ in range(100):
        await asyncio.sleep(0.02)
        try:
            if (await readiness(settings))[0] == 200:
                return
        except aiohttp.ClientConnectorError:
            continue
    pytest.fail("the server did not become ready")


def test_v1_and_1_are_the_same_model(tmp_path: Path) -> None:
    assert artefact.path_of("1", tmp_path) == artefact.path_of("v1", tmp_path)


def test_a_test_can_serve_a_known_model_under_any_version() -> None:
    settings = ServerSettings.read({"MODEL_VERSION": "2026-a", "MODEL_TRAINED_AS": "2"})
    assert settings.version == "2026-a"
    assert settings.model_path == Path("/models/v2.pkl")


def test_all_faults_are_off_by_default() -> None:
    faults = ServerSettings.read({"MODEL_VERSION": "1"}).faults
    assert not any(vars(faults).values())


def test_a_server_without_a_version_does_not_start() -> None:
    with pytest.raises(SettingError, match="MODEL_VERSION"):
        ServerSettings.read({})


async def test_a_model_file_cut_short_ends_the_process(settings: ServerSettings) -> None:
    cut = settings.model_path.with_name("v4.pkl")
    artefact.truncate(settings.model_path, cut)
    with pytest.raises((pickle.UnpicklingError, EOFError)):
        await serve(replace(settings, model_path=cut), asyncio.Event())


async def test_a_file_that_holds_something_else_ends_the_process(settings: ServerSettings) -> None:
    settings.model_path.write_bytes(pickle.dumps({"weights": []}))
    with pytest.raises(TypeError, match="not a model"):
        await serve(settings, asyncio.Event())


async def test_a_stopped_server_drains_before_its_port_closes(settings: ServerSettings) -> None:
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop))
    await until_ready(settings)
    stop.set()
    await asyncio.sleep(0.05)
    assert await readiness(settings) == (503, "close")
    await serving
    with pytest.raises(aiohttp.ClientConnectorError):
        await readiness(settings)


async def test_a_slow_model_is_up_but_not_ready(settings: ServerSettings) -> None:
    slow = replace(settings, faults=replace(settings.faults, load_seconds=30.0))
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(slow, stop))
    await asyncio.sleep(0.1)
    assert (await readiness(slow))[0] == 503
    stop.set()
    await serving
