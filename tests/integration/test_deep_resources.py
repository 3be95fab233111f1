"""A resource that is nested without end is told so, and the others go on, also after a restart."""

import asyncio
import json
from typing import Any

import aiohttp

from tests.integration.admin import KINDS, Admin
from tests.integration.control_plane import ADMIN, ControlPlane
from tests.integration.manifests import model_deployment
from tests.integration.operator_process import OperatorProcess
from tests.integration.test_operator import deploy, operator, status_until

LEVELS = (450, 1_500, 5_000)
"""Too many for a copy, for json.loads of Python 3.11, and for that of any but the newest."""

__all__ = ["operator"]  # the fixture


async def create_deep(
    plane: ControlPlane, admin: Admin, manifest: dict[str, Any], levels: int
) -> None:
    """Create an object with so many levels where it says "deep": no JSON encoder writes them."""
    deep = '{"a":' * levels + "1" + "}" * levels
    url = admin.api.configuration.host + KINDS[manifest["kind"]].path(
        manifest["metadata"]["namespace"]
    )
    headers = {
        "Authorization": f"Bearer {plane.tokens[ADMIN]}",
        "Content-Type": "application/json",
    }
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session,
        session.post(
            url, data=json.dumps(manifest).replace('"deep"', deep), headers=headers
        ) as answer,
    ):
        assert answer.status == 201, await answer.text()


def model(namespace: str, levels: int) -> dict[str, Any]:
    made = model_deployment(namespace, name=f"deep-{levels}")
    made["spec"]["template"]["spec"]["surplus"] = "deep"
    return made


def revision(namespace: str) -> dict[str, Any]:
    """One that the operator watches: what is in it is for its writer to say."""
    labels = {"serinus.dev/model": "other", "serinus.dev/revision": "r1"}
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": {"namespace": namespace, "name": "other-r1", "labels": labels},
        "revision": 1,
        "data": {"version": "1", "podTemplate": "deep"},
    }


async def refused_until(admin: Admin, namespace: str, name: str, generation: int = 1) -> None:
    """Wait until the status and an event say that a resource is nested too deeply."""
    told: list[str] = []
    for _ in range(600):
        found = await admin.get("MLModelDeployment", namespace, name)
        status = found.get("status", {})
        told = [
            each["message"]
            for each in await admin.list("Event", namespace)
            if each["involvedObject"]["name"] == name and each["reason"] == "InvalidSpec"
        ]
        if told and status.get("observedGeneration") == generation:
            assert "nested too deeply" in status["message"]
            assert all("nested too deeply" in each for each in told)
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"never told of {name}: {told}")


async def gone(admin: Admin, namespace: str, name: str) -> None:
    for _ in range(600):
        left = await admin.list("MLModelDeployment", namespace)
        if name not in [each["metadata"]["name"] for each in left]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the finalizer was never taken off")


async def test_a_model_that_is_nested_without_end_is_told_so_and_stops_no_other(
    operator: OperatorProcess, control_plane: ControlPlane, admin: Admin, namespace: str
) -> None:
    await create_deep(control_plane, admin, revision(namespace), 5_000)
    for levels in LEVELS:
        await create_deep(control_plane, admin, model(namespace, levels), levels)
    await admin.create(model_deployment(namespace, skipAnalysis=True))
    await status_until(admin, namespace, phase="Healthy", stableVersion="1")
    for levels in LEVELS:
        await refused_until(admin, namespace, f"deep-{levels}")
    operator.kill()
    await deploy(admin, namespace, "2")
    await operator.start()
    await status_until(admin, namespace, phase="Healthy", stableVersion="2")
    for levels in LEVELS:
        change = {"spec": {"replicas": 2}}
        await admin.edit("MLModelDeployment", namespace, f"deep-{levels}", change)
        await refused_until(admin, namespace, f"deep-{levels}", generation=2)
        await admin.delete("MLModelDeployment", namespace, f"deep-{levels}")
        await gone(admin, namespace, f"deep-{levels}")
    await deploy(admin, namespace, "3")
    await status_until(admin, namespace, phase="Healthy", stableVersion="3")
