"""What templates refer to: read once, watched, and told to those who refer to it."""

from collections.abc import AsyncIterator

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.errors import ReferenceUnreadable
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.manifests import Manifest, config_map
from tests.integration.within import until, within

Woken = list[tuple[str, str]]


class Requests:
    """Counts what a Cluster asks of the API server."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def count(self, verb: str, resource: str, _code: str) -> None:
        if verb == "get":
            self.sent.append((verb, resource))


@pytest.fixture
def requests(cluster: Cluster) -> Requests:
    requests = Requests()
    cluster.api._count = requests.count
    return requests


@pytest.fixture
def woken(cluster: Cluster) -> Woken:
    calls: Woken = []
    cluster.on_change = lambda namespace, model: calls.append((namespace, model))
    return calls


async def test_a_config_map_is_read_once_for_all_who_refer_to_it(
    cluster: Cluster, admin: Admin, namespace: str, requests: Requests
) -> None:
    await admin.create(config_map(namespace, "features", data={"a": "1"}))
    for _ in range(3):
        for model in ("fraud", "churn"):
            found = await cluster.config_maps.read(namespace, ["features"], model)
            assert found == {"features": {"data": {"a": "1"}}}
    assert requests.sent == [("get", "configmaps")]


async def test_a_changed_config_map_wakes_those_who_refer_to_it_and_is_read_again(
    cluster: Cluster, admin: Admin, namespace: str, woken: Woken
) -> None:
    await admin.create(config_map(namespace, "features", data={"a": "1"}))
    await admin.create(config_map(namespace, "other"))
    await cluster.config_maps.read(namespace, ["features"], "fraud")
    await cluster.config_maps.read(namespace, ["other"], "churn")
    await admin.edit("ConfigMap", namespace, "features", {"data": {"a": "2"}})
    await until(lambda: (namespace, "fraud") in woken)
    found = await cluster.config_maps.read(namespace, ["features"], "fraud")
    assert found == {"features": {"data": {"a": "2"}}}
    assert (namespace, "churn") not in woken


async def test_a_config_map_that_comes_or_goes_is_told(
    cluster: Cluster, admin: Admin, namespace: str, woken: Woken, requests: Requests
) -> None:
    for _ in range(2):
        assert await cluster.config_maps.read(namespace, ["features"], "fraud") == {}
    assert requests.sent == [("get", "configmaps")]
    await admin.create(config_map(namespace, "features", data={"a": "1"}))
    await until(lambda: woken)
    assert await cluster.config_maps.read(namespace, ["features"], "fraud")
    woken.clear()
    await admin.delete("ConfigMap", namespace, "features")
    await until(lambda: woken)
    assert await cluster.config_maps.read(namespace, ["features"], "fraud") == {}


async def test_who_refers_to_it_no_more_is_not_woken(
    cluster: Cluster, admin: Admin, namespace: str, woken: Woken
) -> None:
    await admin.create(config_map(namespace, "features"))
    await admin.create(config_map(namespace, "other"))
    for model in ("fraud", "churn"):
        await cluster.config_maps.read(namespace, ["features", "other"], model)
    await cluster.config_maps.read(namespace, ["other"], "fraud")
    await admin.edit("ConfigMap", namespace, "features", {"data": {"a": "2"}})
    await until(lambda: (namespace, "churn") in woken)
    assert (namespace, "fraud") not in woken


def secret(namespace: str, value: str) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"namespace": namespace, "name": "token"},
        "stringData": {"token": value},
    }


async def digest(cluster: Cluster, namespace: str) -> str | None:
    found = await within(60, cluster.secrets.digests(namespace, ["token"], "fraud"))
    return found.get("token")


async def test_a_secret_is_known_by_a_digest_that_changes_with_its_content(
    cluster: Cluster, admin: Admin, namespace: str, woken: Woken
) -> None:
    assert await digest(cluster, namespace) is None
    await admin.create(secret(namespace, "one"))
    await until(lambda: (namespace, "fraud") in woken)
    first = await digest(cluster, namespace)
    woken.clear()
    await admin.edit("Secret", namespace, "token", {"stringData": {"token": "two"}})
    await until(lambda: woken)
    second = await digest(cluster, namespace)
    woken.clear()
    await admin.edit("Secret", namespace, "token", {"stringData": {"token": "one"}})
    await until(lambda: woken)
    assert first
    assert second
    assert second != first
    assert await digest(cluster, namespace) == first


@pytest.fixture
async def restarted(control_plane: ControlPlane, namespace: str) -> AsyncIterator[Cluster]:
    api = await control_plane.connect()
    async with Cluster(api, namespaces=[namespace], own_namespace=namespace) as cluster:
        yield cluster


async def test_the_digest_outlives_a_restart(
    cluster: Cluster, restarted: Cluster, admin: Admin, namespace: str
) -> None:
    """Or every restart of the operator would be a new revision of every model."""
    await admin.create(secret(namespace, "one"))
    assert await digest(cluster, namespace)
    assert await digest(cluster, namespace) == await digest(restarted, namespace)


async def test_another_installation_has_other_digests(
    cluster: Cluster, control_plane: ControlPlane, admin: Admin, namespace: str
) -> None:
    """A digest tells nobody without the key whether two secrets are the same."""
    name = f"{namespace}-too"
    await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    await admin.create(secret(namespace, "one"))
    other_api = await control_plane.connect()
    async with Cluster(other_api, namespaces=[namespace], own_namespace=name) as other:
        theirs = await digest(other, namespace)
        assert theirs
        assert theirs != await digest(cluster, namespace)


async def test_without_the_right_to_read_secrets_that_is_what_is_told(
    control_plane: ControlPlane, namespace: str
) -> None:
    api = await control_plane.connect()
    async with Cluster(api, namespaces=[namespace], tracks_secrets=False) as cluster:
        with pytest.raises(ReferenceUnreadable, match="may not read Secrets"):
            await cluster.secrets.digests(namespace, ["token"], "fraud")
        assert await cluster.secrets.digests(namespace, [], "fraud") == {}
