"""The examples: the V2 server answers and is counted; `make servers` has run others."""

import importlib.util
import json
from collections.abc import MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from prometheus_client import REGISTRY

from tests.architecture.sources import ROOT
from tests.servers.examples import RESULTS, digest
from tests.unit.sdk.shown import Shown, baseline

EXAMPLES = ROOT / "sdk" / "examples"


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def v2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    path = tmp_path / "baseline.json"
    baseline().save(path)
    monkeypatch.setenv("BASELINE_PATH", str(path))
    known = set(REGISTRY._collector_to_names)
    yield loaded("v2_server")
    for collector in set(REGISTRY._collector_to_names) - known:
        REGISTRY.unregister(collector)


async def asked(app: Any, path: str, request: object = None) -> tuple[int, bytes]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": json.dumps(request).encode()}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app({"type": "http", "path": path}, receive, send)
    return sent[0]["status"], sent[1]["body"]


async def test_the_v2_server_answers_and_tells_of_its_rows(v2: Any) -> None:
    tensor = {"name": "x", "datatype": "FP64", "shape": [2, 2], "data": [30.0, 1.0, 40.0, 2.0]}
    status, answer = await asked(v2.app, "/v2/models/model/infer", {"inputs": [tensor]})
    assert status == 200
    assert json.loads(answer)["outputs"][0]["data"] == [15.5, 21.0]
    assert (await asked(v2.app, "/v2/models/model/ready"))[0] == 200
    assert (await asked(v2.app, "/v2/models/model/infer", {"inputs": []}))[0] == 400
    told = Shown.of((await asked(v2.app, "/metrics"))[1])
    assert told.value("model_predictions_total") == 2
    assert told.value("model_requests_total", code="200") == 1
    assert told.value("model_requests_total", code="400") == 1
    assert told.sum("model_feature_values_total", feature="age") == 2


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_compiles(path: Path) -> None:
    compile(path.read_text(), str(path), "exec")


def test_what_was_run_is_what_is_there_and_the_page_tells_it() -> None:
    """An example that changed has to be run again: `make servers ARGS=<name>`."""
    results = json.loads(RESULTS.read_text())
    assert {name: each["of"] for name, each in results.items()} == {
        name: digest(name) for name in results
    }
    page = (ROOT / "docs" / "sdk.md").read_text()
    rows = [line for line in page.splitlines() if line.startswith("| `") and ".py`" in line]
    told = {row.split("`")[1].removesuffix(".py") for row in rows if "`make servers`" in row}
    assert told == set(results)
