"""Plays the gateway's controller, and notes when each route and each model became what."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

from benchmarks.scale.fleet import NAMESPACE
from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer
from serinus.adapters.kubernetes_kinds import HTTP_ROUTE, MODEL_DEPLOYMENT
from serinus.adapters.kubernetes_watch import Collected, Watch
from serinus.errors import OutsideUnavailable
from serinus.traffic import gateway_api
from tests.integration.admin import Admin
from tests.integration.controllers import Controllers
from tests.integration.faults.surroundings import observed_generation

HANDS = 8
"""Routes that are answered for at once."""


class Notes:
    """Who is told of one kind and keeps the newest of each name."""

    def __init__(self) -> None:
        self.newest: dict[str, Mapping[str, Any]] = {}

    def saw(self, raw: Mapping[str, Any]) -> None:
        self.newest[raw["metadata"]["name"]] = raw

    def gone(self, raw: Mapping[str, Any]) -> None:
        self.newest.pop(raw["metadata"]["name"], None)

    def listed(
        self, _namespace: str, _names: Collection[tuple[str, str]], _version: int, /
    ) -> None:
        """The watch of a benchmark is never taken up anew."""


class Routes(Notes):
    """When the split of each route became what it is."""

    collected = Collected(kind=HTTP_ROUTE)
    """What is a route."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: dict[str, list[tuple[float, int]]] = {}
        """By model: (Unix seconds, share of what is not the largest's in percent)."""
        self.to_program: asyncio.Queue[str] = asyncio.Queue()

    def saw(self, raw: Mapping[str, Any]) -> None:
        super().saw(raw)
        name, weights = raw["metadata"]["name"], self.weights_of(raw)
        shared = sum(1 for weight in weights.values() if weight)
        lesser = min((weight for weight in weights.values() if weight), default=0)
        split = lesser if shared > 1 else 0
        known = self.changes.setdefault(name, [])
        if not known or known[-1][1] != split:
            known.append((time.time(), split))
        if not self.is_programmed(raw):
            self.to_program.put_nowait(name)

    @staticmethod
    def weights_of(raw: Mapping[str, Any]) -> dict[str, int]:
        """Return the weight of each Service."""
        return gateway_api.read(raw)

    @staticmethod
    def is_programmed(raw: Mapping[str, Any]) -> bool:
        """Return whether the gateway's controller has said that it took over this one."""
        generation: int = raw["metadata"]["generation"]
        return observed_generation(dict(raw)) == generation


class Models(Notes):
    """When each version became stable."""

    collected = Collected(kind=MODEL_DEPLOYMENT)
    """Who says so."""

    def __init__(self) -> None:
        super().__init__()
        self.said_at: dict[tuple[str, str], float] = {}
        """By model and version (Unix seconds)."""

    def stable_at(self, model: str, version: str) -> float:
        """Return when (Unix seconds); 0 if it is not yet."""
        return self.said_at.get((model, version), 0.0)

    def saw(self, raw: Mapping[str, Any]) -> None:
        super().saw(raw)
        status = raw.get("status") or {}
        if status.get("stable") and not status.get("decision"):
            place = raw["metadata"]["name"], status["stable"]["version"]
            self.said_at.setdefault(place, time.time())


class Router:
    """Takes routes over as they come, and keeps the notes."""

    def __init__(self, admin: Admin, routes: Routes, models: Models) -> None:
        self._hands = Controllers(admin, NAMESPACE)
        self.routes, self.models = routes, models

    @asynccontextmanager
    async def playing(self, api: ApiServer) -> AsyncIterator[None]:
        """Play for as long as this lasts."""
        works = [
            _follow(api, self.routes.collected, self.routes),
            _follow(api, self.models.collected, self.models),
        ]
        works += [self._program() for _ in range(HANDS)]
        tasks = [asyncio.create_task(work) for work in works]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _program(self) -> None:
        while True:
            route = self.routes.newest.get(await self.routes.to_program.get())
            if route and not self.routes.is_programmed(route):
                try:
                    await self._hands.program(dict(route))
                except (ApiRefusal, OutsideUnavailable):
                    self.routes.to_program.put_nowait(route["metadata"]["name"])


async def _follow(api: ApiServer, collected: Collected, notes: Notes) -> None:
    await Watch(api, collected, notes, silence_seconds=600.0).run()
