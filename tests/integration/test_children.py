"""What is seen of a model's children comes from the watches, at once and without a request."""

from typing import Any

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.observe.snapshot import PodSeen
from tests.integration.admin import Admin
from tests.integration.controllers import (
    CRASH_LOOPING,
    READY,
    STARTING,
    UNSCHEDULABLE,
    Controllers,
)
from tests.integration.manifests import (
    config_map,
    controller_revision,
    deployment,
    evidence,
    http_route,
    service,
)
from tests.integration.within import until

LABELS = {"serinus.dev/model": "fraud", "serinus.dev/revision": "r1"}


@pytest.fixture
def woken(cluster: Cluster) -> list[tuple[str, str]]:
    calls: list[tuple[str, str]] = []
    cluster.on_change = lambda namespace, model: calls.append((namespace, model))
    return calls


def only_pod(cluster: Cluster, namespace: str) -> PodSeen:
    (pod,) = cluster.store.children(namespace, "fraud").pods
    return pod


async def test_a_model_without_children_has_none(cluster: Cluster, namespace: str) -> None:
    children = cluster.store.children(namespace, "fraud")
    assert (children.objects, children.pods, children.route) == ({}, (), None)


async def test_a_pod_is_seen_as_it_starts_gets_ready_and_goes(
    cluster: Cluster, controllers: Controllers, admin: Admin, namespace: str
) -> None:
    name = await controllers.make_pod(LABELS, STARTING)
    await until(lambda: cluster.store.children(namespace, "fraud").pods)
    assert (only_pod(cluster, namespace).revision, only_pod(cluster, namespace).is_ready) == (
        "r1",
        False,
    )
    await controllers.set_pod(name, READY)
    await until(lambda: only_pod(cluster, namespace).is_ready)
    await admin.delete("Pod", namespace, name)
    await until(lambda: not cluster.store.children(namespace, "fraud").pods)


async def test_a_crash_loop_is_told_with_how_it_ended(
    cluster: Cluster, controllers: Controllers, namespace: str
) -> None:
    await controllers.make_pod(LABELS, CRASH_LOOPING)
    await until(
        lambda: any(p.is_crash_looping for p in cluster.store.children(namespace, "fraud").pods)
    )
    assert only_pod(cluster, namespace).trouble == (
        "model: CrashLoopBackOff after Error (exit code 1): ValueError: the model is cut short"
    )


async def test_a_pod_that_finds_no_node_is_told_in_the_schedulers_words(
    cluster: Cluster, controllers: Controllers, namespace: str
) -> None:
    await controllers.make_pod(LABELS, UNSCHEDULABLE)
    await until(
        lambda: any(
            "Insufficient nvidia.com/gpu" in pod.trouble
            for pod in cluster.store.children(namespace, "fraud").pods
        )
    )
    assert not only_pod(cluster, namespace).is_crash_looping


async def test_a_deployment_whose_pods_are_refused_is_told_in_the_quotas_words(
    cluster: Cluster, admin: Admin, namespace: str, woken: list[Any]
) -> None:
    await cluster.writer.apply(deployment(namespace), is_ours=False)
    woken.clear()
    refused = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": 'pods "fraud-r1-1" is forbidden: exceeded quota: gpus',
    }
    await admin.set_status("Deployment", namespace, "fraud-r1", {"conditions": [refused]})
    await until(lambda: (namespace, "fraud") in woken)
    assert cluster.store.children(namespace, "fraud").workload_troubles == {
        "r1": 'FailedCreate: pods "fraud-r1-1" is forbidden: exceeded quota: gpus'
    }


async def test_a_pod_of_nobody_is_not_seen(
    cluster: Cluster, controllers: Controllers, namespace: str, woken: list[Any]
) -> None:
    await controllers.make_pod({"app": "other"}, READY)
    await controllers.make_pod({**LABELS, "serinus.dev/model": "other"}, READY)
    await until(lambda: cluster.store.children(namespace, "other").pods)
    assert cluster.store.children(namespace, "fraud").pods == ()
    assert set(woken) == {(namespace, "other")}


async def test_what_no_decision_rests_on_wakes_nobody(
    cluster: Cluster, admin: Admin, namespace: str, woken: list[Any]
) -> None:
    await cluster.writer.apply(deployment(namespace), is_ours=False)
    woken.clear()
    status = {"replicas": 1, "readyReplicas": 1, "observedGeneration": 1}
    await admin.set_status("Deployment", namespace, "fraud-r1", status)
    await admin.create(config_map(namespace, "signal", model="other"))
    await until(lambda: (namespace, "other") in woken)
    assert (namespace, "fraud") not in woken


async def test_a_stored_revision_is_read_back(cluster: Cluster, namespace: str) -> None:
    template = {"spec": {"containers": [{"name": "model", "image": "fraud:1"}]}}
    manifest = controller_revision(
        namespace, template=template, config_names=["fraud-r1-settings"]
    )
    await cluster.writer.apply(manifest, is_ours=False)
    revision = cluster.store.children(namespace, "fraud").revisions["r1"]
    assert (revision.digest, revision.version) == ("r1", "1")
    assert revision.pod_template == template
    assert revision.config_names == ("fraud-r1-settings",)


async def test_evidence_and_sizes_are_read_back(cluster: Cluster, namespace: str) -> None:
    await cluster.writer.apply(evidence(namespace, "the ledger", "the spec"), is_ours=False)
    await cluster.writer.apply(deployment(namespace, replicas=3), is_ours=False)
    children = cluster.store.children(namespace, "fraud")
    assert (children.evidence, children.last_asked) == ("the ledger", "the spec")
    assert children.workload_sizes == {"r1": 3}


async def test_a_written_ledger_wakes_nobody(
    cluster: Cluster, namespace: str, woken: list[Any]
) -> None:
    """Or every closed block would cause one more look."""
    await cluster.writer.apply(evidence(namespace, "one block"), is_ours=False)
    await cluster.writer.apply(evidence(namespace, "two blocks"), is_ours=True)
    await cluster.writer.apply(config_map(namespace, "signal", model="other"), is_ours=False)
    await until(lambda: (namespace, "other") in woken)
    assert (namespace, "fraud") not in woken


async def test_the_pods_behind_a_service_are_those_that_may_get_traffic(
    cluster: Cluster, controllers: Controllers, admin: Admin, namespace: str
) -> None:
    made = await admin.create(service(namespace, "fraud-stable"))
    await controllers.set_endpoints(made, ["a", "b", "c"])
    await until(lambda: cluster.store.children(namespace, "fraud").endpoints)
    assert cluster.store.children(namespace, "fraud").endpoints == {
        "fraud-stable": frozenset("abc")
    }
    found = await admin.get("EndpointSlice", namespace, "fraud-stable-slice")
    a, b, c = found["endpoints"]
    b["conditions"] = {"ready": False}
    c["conditions"] = {"ready": False, "serving": True, "terminating": True}
    await admin.edit("EndpointSlice", namespace, "fraud-stable-slice", {"endpoints": [a, b, c]})
    await until(
        lambda: (
            cluster.store.children(namespace, "fraud").endpoints
            == {"fraud-stable": frozenset({"a", "c"})}
        )
    )


async def test_a_route_is_programmed_once_the_router_took_its_newest_generation(
    cluster: Cluster, controllers: Controllers, admin: Admin, namespace: str
) -> None:
    def route() -> Any:
        return cluster.store.children(namespace, "fraud").route

    await cluster.writer.apply(http_route(namespace, stable=90, canary=10), is_ours=False)
    assert route().weights == {"fraud-r1": 90, "fraud-r2": 10}
    assert not route().is_programmed
    await controllers.program_routes()
    await until(lambda: route().is_programmed)
    await cluster.writer.apply(http_route(namespace, stable=100, canary=0), is_ours=True)
    assert not route().is_programmed
    made = await admin.get("HTTPRoute", namespace, "fraud")
    await controllers.program(made, ResolvedRefs="False")
    await until(lambda: "ResolvedRefs" in route().trouble)
    assert not route().is_programmed


async def test_somebody_elses_change_of_a_field_of_ours_is_seen_and_undone(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    def is_edited() -> bool:
        return (
            cluster.store.children(namespace, "fraud").objects["Deployment", "fraud-r1"].is_edited
        )

    await cluster.writer.apply(deployment(namespace, replicas=2), is_ours=False)
    assert not is_edited()
    await admin.edit("Deployment", namespace, "fraud-r1", {"spec": {"replicas": 5}})
    await until(is_edited)
    await cluster.writer.apply(deployment(namespace, replicas=2), is_ours=True)
    assert not is_edited()
    assert cluster.store.children(namespace, "fraud").workload_sizes == {"r1": 2}


async def test_a_removed_field_is_seen_too(cluster: Cluster, admin: Admin, namespace: str) -> None:
    """Who removes a field owns nothing afterwards, and still has changed what is ours."""
    await cluster.writer.apply(service(namespace, "fraud", selector=LABELS), is_ours=False)
    await admin.edit("Service", namespace, "fraud", {"spec": {"selector": None}})
    await until(
        lambda: cluster.store.children(namespace, "fraud").objects["Service", "fraud"].is_edited
    )


async def test_a_change_that_can_not_be_undone_is_fought_once(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    """A field we have no opinion on stays theirs, however often we apply ours."""

    def is_edited() -> bool:
        return (
            cluster.store.children(namespace, "fraud").objects["Deployment", "fraud-r1"].is_edited
        )

    await cluster.writer.apply(deployment(namespace), is_ours=False)
    await admin.edit("Deployment", namespace, "fraud-r1", {"spec": {"minReadySeconds": 7}})
    await until(is_edited)
    await cluster.writer.apply(deployment(namespace), is_ours=True)
    assert not is_edited()
    found = await admin.get("Deployment", namespace, "fraud-r1")
    assert found["spec"]["minReadySeconds"] == 7


async def test_who_writes_status_or_annotations_of_their_own_has_edited_nothing(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    await cluster.writer.apply(deployment(namespace), is_ours=False)
    await admin.set_status("Deployment", namespace, "fraud-r1", {"replicas": 1})
    note = {"metadata": {"annotations": {"deployment.kubernetes.io/revision": "1"}}}
    await admin.edit("Deployment", namespace, "fraud-r1", note)
    await admin.edit("Deployment", namespace, "fraud-r1", {"metadata": {"labels": {"a": "b"}}})
    # A change that does count comes after those on the same stream.
    await admin.create(deployment(namespace, name="fraud-r2", revision="r2"))
    await until(
        lambda: ("Deployment", "fraud-r2") in cluster.store.children(namespace, "fraud").objects
    )
    objects = cluster.store.children(namespace, "fraud").objects
    assert not objects["Deployment", "fraud-r1"].is_edited
    assert objects["Deployment", "fraud-r2"].is_edited
