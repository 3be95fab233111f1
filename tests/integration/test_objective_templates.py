"""Templates on a real API server: read from watches alone, and told to those who refer to them."""

from typing import Any

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.resource.objective_template import TemplateKind, TemplateReference
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.manifests import objective_template
from tests.integration.within import until, within

Woken = list[tuple[str, str]]
BESIDE = TemplateReference(name="serving")
CLUSTERS = TemplateReference(kind=TemplateKind.CLUSTER, name="serving")


@pytest.fixture
def woken(cluster: Cluster) -> Woken:
    calls: Woken = []
    cluster.on_change = lambda namespace, model: calls.append((namespace, model))
    return calls


def limit(cluster: Cluster, namespace: str, reference: TemplateReference = BESIDE) -> Any:
    """The limit that a model finds in a template, None while there is none."""
    found = cluster.templates.read(namespace, [reference], "fraud").specs
    spec = found.get((reference.kind, reference.name))
    return spec and spec["objectives"][0]["limit"]


async def test_a_template_wakes_who_refers_to_it_when_it_comes_changes_and_goes(
    cluster: Cluster, admin: Admin, namespace: str, woken: Woken
) -> None:
    asked: list[str] = []
    cluster.api._count = lambda verb, _resource, _code: asked.append(verb)
    assert limit(cluster, namespace) is None

    await admin.create(objective_template(namespace))
    await until(lambda: limit(cluster, namespace) == "1%")
    change = {"spec": objective_template(namespace, "2%")["spec"]}
    await admin.edit("ObjectiveTemplate", namespace, "serving", change)
    await until(lambda: limit(cluster, namespace) == "2%")
    await admin.edit(
        "ObjectiveTemplate", namespace, "serving", {"metadata": {"labels": {"a": "b"}}}
    )
    await admin.delete("ObjectiveTemplate", namespace, "serving")
    await until(lambda: limit(cluster, namespace) is None)

    assert woken == [(namespace, "fraud")] * 3, "a label is nothing new"
    assert "get" not in asked


async def test_in_listed_namespaces_those_of_the_cluster_are_out_of_reach(
    cluster: Cluster, namespace: str
) -> None:
    watched = {watch.collected.kind.name for watch in cluster.watches}
    assert "ObjectiveTemplate" in watched
    assert "ClusterObjectiveTemplate" not in watched
    assert not cluster.templates.read(namespace, [CLUSTERS], "fraud").reads_cluster


async def test_watching_everything_finds_both_kinds_and_keeps_them_apart(
    control_plane: ControlPlane, admin: Admin, namespace: str
) -> None:
    await admin.create(objective_template("", "3%"))
    await admin.create(objective_template(namespace, "4%"))
    try:
        async with Cluster(await control_plane.connect(), own_namespace=namespace) as cluster:
            await within(60, cluster.filled())
            assert limit(cluster, namespace, CLUSTERS) == "3%"
            assert limit(cluster, namespace) == "4%"
            assert limit(cluster, "elsewhere") is None
            assert limit(cluster, "elsewhere", CLUSTERS) == "3%"
    finally:
        await admin.delete("ClusterObjectiveTemplate", "", "serving")
