"""Argo Rollouts' figures are read from what it asked, and from what it wrote."""

import asyncio
import time
from functools import partial
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from benchmarks.scale.fleet import STEPS
from benchmarks.scale.peers.rollouts import (
    Stables,
    VirtualServices,
    analysis_template,
    rollout,
    steps,
    virtual_service,
)
from benchmarks.scale.prometheus import BAD_VERSION, Exposed, Pages, Pod, application

MODEL = "model-0001"


def told(
    version: str, *, stable: str, newest: str, seen: int, generation: int = 2
) -> dict[str, Any]:
    """Return a Rollout of some version as a watch brings it."""
    raw = rollout(MODEL)
    raw["spec"]["template"]["spec"]["containers"][0]["image"] = f"model:{version}"
    raw["metadata"]["generation"] = generation
    # Argo Rollouts keeps it as text.
    status = {"stableRS": stable, "currentPodHash": newest, "observedGeneration": str(seen)}
    return raw | {"status": status}


def split(stable: int) -> dict[str, Any]:
    """Return a route of which so many percent go to stable."""
    raw = virtual_service(MODEL)
    (http,) = raw["spec"]["http"]
    http["route"][0]["weight"], http["route"][1]["weight"] = stable, 100 - stable
    return raw


def test_a_route_is_split_by_what_its_canary_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = VirtualServices()
    for at, stable in ((1.0, 100), (2.0, 90), (3.0, 90), (4.0, 0), (5.0, 100)):
        monkeypatch.setattr(time, "time", partial(float, at))
        routes.saw(split(stable))
    assert routes.changes == {MODEL: [(1.0, 0), (2.0, 10), (4.0, 0)]}
    assert routes.to_program.empty()


def test_a_version_is_stable_once_it_is_said_of_it_and_no_request_is_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    routes = VirtualServices()
    stables = Stables(routes)
    routes.changes[MODEL] = [(1.0, 0)]
    monkeypatch.setattr(time, "time", lambda: 8.0)
    stables.saw(told("1", stable="6f", newest="6f", seen=2))
    assert stables.stable_at(MODEL, "1") == 8.0
    stables.saw(told("2", stable="6f", newest="6f", seen=2, generation=3))  # not looked at yet
    stables.saw(told("2", stable="6f", newest="7c", seen=3, generation=3))
    assert stables.stable_at(MODEL, "2") == 0.0
    routes.changes[MODEL] += [(10.0, 10), (50.0, 50)]
    monkeypatch.setattr(time, "time", lambda: 60.0)
    stables.saw(told("2", stable="7c", newest="7c", seen=3, generation=3))
    assert stables.stable_at(MODEL, "2") == 0.0
    routes.changes[MODEL].append((61.0, 0))
    assert stables.stable_at(MODEL, "2") == 61.0


def test_steps_are_those_of_all_and_one_that_holds_waits_on_the_first() -> None:
    assert [step["setWeight"] for step in steps()[::2]] == list(STEPS)
    assert steps(holds=True) == [{"setWeight": STEPS[0]}, {"pause": {}}]


def test_the_stub_tells_a_canarys_share_of_errors_without_stables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is asked by POST, as the client of Prometheus does."""
    monkeypatch.setattr(time, "time", lambda: 1_800_000_060.0)
    stub = Exposed(scrape_seconds=5.0, bad_since={MODEL: 1_800_000_000.0})
    for name, version in ((f"{MODEL}-7c-x1", BAD_VERSION), (f"{MODEL}-6f-x2", "2")):
        stub.pods[name] = Pod({"pod": name}, MODEL, version, 1_800_000_000.0, 0.5)
    (metric,) = analysis_template("")["spec"]["metrics"]
    query = metric["provider"]["prometheus"]["query"].replace("{{args.model}}", MODEL)

    async def ask(pod_hash: str) -> float:
        async with TestClient(TestServer(application(Pages(stub)))) as client:
            form = {"query": query.replace("{{args.hash}}", pod_hash), "time": "1800000060"}
            answer = await (await client.post("/api/v1/query", data=form)).json()
        (result,) = answer["data"]["result"]
        return float(result["value"][1])

    assert asyncio.run(ask("7c")) == pytest.approx(0.5)
    assert asyncio.run(ask("6f")) == 0.0
    assert stub.first_bad_answers == {MODEL: 1_800_000_060.0}
