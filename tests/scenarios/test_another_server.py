"""A model moves to another model server: the canary there is judged against stable here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from serinus.signals.series import Series
from tests.fakes.models import GOOD, Behaviour
from tests.fakes.world import FakeWorld, serving, spec_of

ERRORS = {"preset": "error-rate", "limit": "60%", "worseThanStable": {"by": "1%"}}


@dataclass
class MovingWorld(FakeWorld):
    """Version 2 is on FastAPI, whose requests have another name."""

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        asked = selector.replace("http_requests_total", "model_requests_total")
        found = await super().raw(asked, window_seconds, at)
        of_pods = {pod.name: pod.version for pod in self.cluster.pods.values()}
        moved = (as_fastapi(s) if of_pods.get(s.labels["pod"]) == "2" else s for s in found)
        return tuple(each for each in moved if each.labels["__name__"] in selector)


def as_fastapi(series: Series) -> Series:
    labels = series.labels
    if labels["__name__"] != "model_requests_total":
        return series
    renamed = {
        "__name__": "http_requests_total",
        "handler": "/predict",
        "status": f"{labels['code'][0]}xx",
    }
    return replace(series, labels={**labels, **renamed})


async def moving(behaviour: Behaviour, objective: dict[str, Any]) -> MovingWorld:
    world = await serving(spec_of(objectives=[objective]))
    moved = MovingWorld(**{name: getattr(world, name) for name in vars(world)})
    moved.deploy("2", behaviour)
    moved.edit(model={"version": "2", "server": "fastapi"})
    return moved


async def test_a_good_model_moves_and_what_was_compared_is_told() -> None:
    world = await moving(GOOD, ERRORS)
    await world.run(600)
    assert world.status["stable"]["version"] == "2"
    (told,) = [h for _, h in world.happenings if h.reason == "ModelServerChanges"]
    assert told.message.startswith("error-rate: stable is on standard and the canary on fastapi")
    assert not told.is_warning


async def test_a_bad_model_that_moves_is_found_against_stable() -> None:
    world = await moving(Behaviour(error_share=0.3), ERRORS)
    await world.run(120)
    assert world.status["phase"] == "RolledBack"


async def test_what_stables_server_never_showed_holds_from_the_start_with_the_way_out() -> None:
    first = {"preset": "time-to-first-token", "worseThanStable": {"by": "10%"}}
    world = await serving(spec_of(objectives=[ERRORS]))
    world.deploy("2", GOOD)
    world.edit(model={"version": "2", "server": "vllm"}, objectives=[first])
    await world.run(120)
    (told,) = [h for _, h in world.happenings if h.reason == "ModelServerChanges"]
    assert told.is_warning
    assert "or promote by hand" in told.message
    assert world.status["weight"] == 10
    (verdict,) = world.status["verdicts"]
    assert verdict["verdict"] == "undecided"
    assert "stable is on standard, which shows nothing to tell time-to-first-token" in str(
        world.status["message"]
    ) + str(verdict["message"])
