"""Watches go on, whatever happens to the API server behind them."""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_resources import StoredBody
from serinus.adapters.kubernetes_watch import Watch
from serinus.errors import OutsideUnavailable
from serinus.resource.names import MODEL_LABEL
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane, running_plane
from tests.integration.controllers import READY, STARTING, Controllers
from tests.integration.manifests import deployment, model_deployment
from tests.integration.within import until, within

LABELS = {"serinus.dev/model": "fraud", "serinus.dev/revision": "r1"}
NUMBERS = itertools.count(1)
DEFINITIONS = sorted((Path(__file__).parents[2] / "crds").glob("*.yaml"))
ROUTES = Path(__file__).parent / "crds" / "httproutes.yaml"


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """One of its own, that may be stopped; it knows no HTTPRoute."""
    with running_plane(tmp_path_factory.mktemp("plane"), DEFINITIONS) as plane:
        yield plane


@pytest.fixture
async def space(plane: ControlPlane) -> str:
    """A namespace of the test's own on that API server."""
    name = f"space-{next(NUMBERS)}"
    async with await Admin.of(plane) as admin:
        await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


async def test_what_happened_while_the_api_server_was_away_is_seen_after(
    plane: ControlPlane, space: str
) -> None:
    """A new API server has forgotten the versions before its start: all is listed again."""
    async with (
        await Admin.of(plane) as admin,
        Cluster(await plane.connect(), namespaces=[space]) as cluster,
    ):
        controllers = Controllers(admin, space)
        await within(60, cluster.filled())
        stays = await controllers.make_pod(LABELS, STARTING)
        goes = await controllers.make_pod(LABELS, READY)
        await until(lambda: len(pods_of(cluster, space)) == 2)
        plane.api_server.stop()
        (watch,) = [each for each in cluster.watches if is_of_servers(each)]
        await until(lambda: watch.trouble)

        cluster._tasks[cluster.watches.index(watch)].cancel()  # so that it misses both changes
        await plane.restart_api_server()
        await admin.delete("Pod", space, goes)
        await controllers.set_pod(stays, READY)
        cluster._tasks.append(asyncio.create_task(watch.run()))

        await until(lambda: pods_of(cluster, space) == {stays: True})
        comes = await controllers.make_pod(LABELS, READY)
        await until(lambda: pods_of(cluster, space) == {stays: True, comes: True})


def is_of_servers(watch: Watch) -> bool:
    """Whether it tells of pods that serve; others read claims."""
    kind, selector = watch.collected.kind.name, watch.collected.selector or {}
    return kind == "Pod" and selector.get("labelSelector") == MODEL_LABEL


def pods_of(cluster: Cluster, space: str) -> dict[str, bool]:
    return {pod.name: pod.is_ready for pod in cluster.store.children(space, "fraud").pods}


async def test_streams_are_taken_up_again_by_themselves(plane: ControlPlane, space: str) -> None:
    async with (
        await Admin.of(plane) as admin,
        Cluster(await plane.connect(), namespaces=[space]) as cluster,
    ):
        await within(60, cluster.filled())
        plane.api_server.stop()
        await until(lambda: len(cluster.troubles()) == len(cluster.watches))
        await plane.restart_api_server()
        name = await Controllers(admin, space).make_pod(LABELS, READY)
        await until(lambda: pods_of(cluster, space).get(name))
        await until(lambda: not [w for w in cluster.troubles() if "httproutes" not in w])


async def test_writes_fail_while_nobody_answers_and_succeed_after(
    plane: ControlPlane, space: str
) -> None:
    async with Cluster(await plane.connect(), namespaces=[space]) as cluster:
        plane.api_server.stop()
        with pytest.raises(OutsideUnavailable, match="Cannot connect"):
            await cluster.writer.apply(deployment(space), is_ours=True)
        await plane.restart_api_server()
        await cluster.writer.apply(deployment(space), is_ours=True)
        assert cluster.store.children(space, "fraud").workload_sizes == {"r1": 1}


async def test_a_kind_without_its_definition_is_told_and_found_when_it_comes(
    plane: ControlPlane, space: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("serinus.adapters.kubernetes_watch.REFUSED_PAUSE_SECONDS", 0.2)
    async with Cluster(await plane.connect(), namespaces=[space]) as cluster:
        await within(60, cluster.filled())
        (trouble,) = [words for words in cluster.troubles() if "httproutes" in words]
        assert "404" in trouble
        await asyncio.to_thread(plane.define, [ROUTES])
        await until(lambda: not [w for w in cluster.troubles() if "httproutes" in w])


async def test_a_body_is_as_new_as_the_last_who_told_of_it(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    old = await admin.create(model_deployment(namespace))
    new = await admin.edit("MLModelDeployment", namespace, "fraud", {"spec": {"replicas": 2}})
    kept = StoredBody(new)
    cluster.resources.learn(new)
    cluster.resources.deliver(old)
    assert cluster.resources.newest(namespace, "fraud") == kept
    await cluster.refresh(namespace, "fraud")
    assert cluster.resources.newest(namespace, "fraud") == kept


async def test_a_change_that_kopf_does_not_deliver_is_noticed(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    old = await admin.create(model_deployment(namespace))
    cluster.resources.deliver(old)
    new = await admin.edit("MLModelDeployment", namespace, "fraud", {"spec": {"replicas": 2}})
    cluster.resources.learn(new)  # that we know it ourselves is no delivery
    cluster.resources.expect_delivery()
    await until(lambda: cluster.resources.undelivered_seconds() > 0.05)
    cluster.resources.deliver(new)
    assert cluster.resources.undelivered_seconds() == 0
    await admin.delete("MLModelDeployment", namespace, "fraud")
    await until(lambda: cluster.resources.undelivered_seconds() == 0)
