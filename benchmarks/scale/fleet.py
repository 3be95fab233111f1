"""The models of the benchmark: made, given new versions, and waited for."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from benchmarks.scale.objective import LIMIT, WINDOW_SECONDS
from benchmarks.scale.programs import NODE
from serinus.resource.names import API_VERSION, KIND
from tests.integration.admin import Admin

NAMESPACE = "fleet"
INTERVAL = f"{WINDOW_SECONDS:g}s"
STEPS = (10, 20, 30, 40, 50)
AT_ONCE = 16
"""Requests of ours under way: `kubectl apply` of a large folder, not a flood."""


def names_of(count: int) -> list[str]:
    return [f"model-{number:04}" for number in range(count)]


def pod_spec(version: str) -> dict[str, Any]:
    """Return what a pod of a version is; given its node, it needs no scheduler."""
    container = {
        "name": "model",
        "image": f"model:{version}",
        "ports": [{"name": "http", "containerPort": 8080}],
    }
    return {"nodeName": NODE, "containers": [container]}


def spec(version: str, advance: str, *, holds: bool = False) -> dict[str, Any]:
    """Return a model's spec; one that holds stands on its first step for long."""
    return {
        "replicas": 1,
        "model": {"version": version},
        "template": {"spec": pod_spec(version)},
        "objectives": [
            {
                "preset": "error-rate",
                "limit": f"{LIMIT:.0%}",
                "minSamples": 20,
                "failureLimit": {"failed": 1, "of": 1},
            }
        ],
        "rollout": {
            "advance": advance,
            "steps": [{"weight": weight} for weight in STEPS],
            "interval": INTERVAL,
            "minTime": "1h" if holds else INTERVAL,
            "scaleDownDelay": INTERVAL,
        },
        "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
    }


class Fleet:
    """So many models in one namespace."""

    def __init__(self, admin: Admin, count: int, advance: str) -> None:
        self._admin, self.names, self._advance = admin, names_of(count), advance

    async def make(self) -> None:
        """Create all of them, at version 1."""
        await self._admin.create(
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        )
        await self._make_first()
        await self._each(self._make_one, self.names)

    async def deploy(self, version: str, *, holds: bool = False) -> None:
        """Ask for another version of all of them."""

        async def edit_one(name: str) -> None:
            await self._edit_one(name, version, holds=holds)

        await self._each(edit_one, self.names)

    async def _make_first(self) -> None:
        """Make what all of them share."""

    async def _make_one(self, name: str) -> None:
        await self._admin.create(
            {
                "apiVersion": API_VERSION,
                "kind": KIND,
                "metadata": {"namespace": NAMESPACE, "name": name},
                "spec": spec("1", self._advance),
            }
        )

    async def _edit_one(self, name: str, version: str, *, holds: bool) -> None:
        change = {"spec": spec(version, self._advance, holds=holds)}
        await self._admin.edit(KIND, NAMESPACE, name, change)

    @staticmethod
    async def _each(act: Callable[[str], Awaitable[None]], names: Collection[str]) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> None:
            async with gate:
                await act(name)

        await asyncio.gather(*(one(name) for name in names))
