"""Writes: repaired by force what is ours, refused what is somebody else's, seen at once."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.decide.decision import Happening
from serinus.errors import Conflict, NameTaken, WriteRefused
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.manifests import (
    Manifest,
    config_map,
    deployment,
    evidence,
    http_route,
    model_deployment,
    service,
)
from tests.integration.within import until


def every_kind(namespace: str) -> list[Manifest]:
    return [
        deployment(namespace, "fraud"),
        service(namespace, "fraud"),
        config_map(namespace, "fraud", model="fraud"),
        http_route(namespace, stable=100, canary=0),
    ]


KINDS = ("Deployment", "Service", "ConfigMap", "HTTPRoute")


async def test_what_was_written_is_seen_before_any_watch_tells(
    cluster: Cluster, namespace: str
) -> None:
    await cluster.writer.apply(deployment(namespace, replicas=2), is_ours=False)
    assert cluster.store.children(namespace, "fraud").workload_sizes == {"r1": 2}
    await cluster.writer.apply(deployment(namespace, replicas=3), is_ours=True)
    assert cluster.store.children(namespace, "fraud").workload_sizes == {"r1": 3}
    await cluster.writer.delete("Deployment", namespace, "fraud-r1")
    assert cluster.store.children(namespace, "fraud").objects == {}


async def test_a_field_that_is_wanted_no_more_is_taken_away(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    await cluster.writer.apply(
        config_map(namespace, "fraud", model="fraud", data={"a": "1", "b": "2"}), is_ours=False
    )
    await cluster.writer.apply(
        config_map(namespace, "fraud", model="fraud", data={"b": "2"}), is_ours=True
    )
    assert (await admin.get("ConfigMap", namespace, "fraud"))["data"] == {"b": "2"}


@pytest.mark.parametrize("kind", KINDS)
async def test_an_object_of_somebody_else_is_left_alone(
    cluster: Cluster, admin: Admin, namespace: str, kind: str
) -> None:
    """Even where no field of ours would meet one of theirs."""
    (ours,) = [manifest for manifest in every_kind(namespace) if manifest["kind"] == kind]
    theirs = {**ours, "metadata": {"namespace": namespace, "name": "fraud"}}
    if kind == "ConfigMap":
        theirs["data"] = {"other": "key"}
    before = await admin.create(theirs)
    with pytest.raises(NameTaken, match="belongs to 'kubectl-create'"):
        await cluster.writer.apply(ours, is_ours=False)
    assert await admin.get(kind, namespace, "fraud") == before


async def test_an_object_of_another_model_is_left_alone(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    """The model `fraud` with revision `r1-x` and the model `fraud-r1` with `x` share a name."""
    await cluster.writer.apply(service(namespace, "fraud-r1", model="fraud-r1"), is_ours=False)
    before = await admin.get("Service", namespace, "fraud-r1")
    with pytest.raises(NameTaken, match="model 'fraud-r1'"):
        await cluster.writer.apply(service(namespace, "fraud-r1"), is_ours=False)
    assert await admin.get("Service", namespace, "fraud-r1") == before


async def test_an_object_of_ours_that_no_watch_has_told_of_is_taken_up(
    control_plane: ControlPlane, cluster: Cluster, namespace: str
) -> None:
    """As after a restart in the middle of a write."""
    await cluster.writer.apply(deployment(namespace, replicas=1), is_ours=False)
    blind = Cluster(await control_plane.connect(), namespaces=[namespace])
    await blind.writer.apply(deployment(namespace, replicas=2), is_ours=False)
    assert blind.store.children(namespace, "fraud").workload_sizes == {"r1": 2}
    await blind.api.close()


async def test_what_the_api_server_refuses_is_told_in_its_words(
    cluster: Cluster, namespace: str
) -> None:
    wrong = deployment(namespace)
    wrong["spec"]["template"]["spec"]["containers"][0]["image"] = ""
    with pytest.raises(WriteRefused, match=r"Deployment 'fraud-r1'.* 422: .*image: Required"):
        await cluster.writer.apply(wrong, is_ours=False)


async def test_an_object_that_is_gone_already_is_deleted(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    await cluster.writer.delete("Service", namespace, "never-there")
    await cluster.writer.apply(service(namespace, "fraud"), is_ours=False)
    await admin.delete("Service", namespace, "fraud")
    await cluster.writer.delete("Service", namespace, "fraud")
    assert cluster.store.children(namespace, "fraud").objects == {}


async def test_only_the_object_that_was_seen_is_deleted(
    cluster: Cluster, admin: Admin, control_plane: ControlPlane, namespace: str
) -> None:
    """A name may be somebody else's by the time the deletion arrives."""
    blind = Cluster(await control_plane.connect(), namespaces=[namespace])
    await blind.writer.apply(service(namespace, "fraud"), is_ours=False)
    await admin.delete("Service", namespace, "fraud")
    theirs = await admin.create(service(namespace, "fraud"))
    with pytest.raises(Conflict):
        await blind.writer.delete("Service", namespace, "fraud")
    assert await admin.get("Service", namespace, "fraud") == theirs
    await blind.api.close()


async def test_old_news_of_a_deleted_object_do_not_bring_it_back(
    control_plane: ControlPlane, admin: Admin, namespace: str
) -> None:
    """The watch may be behind: it tells of a change from before the deletion."""
    blind = Cluster(await control_plane.connect(), namespaces=[namespace])
    await blind.writer.apply(service(namespace, "fraud"), is_ours=False)
    note = {"metadata": {"annotations": {"a": "b"}}}
    late = await admin.edit("Service", namespace, "fraud", note)
    await blind.writer.delete("Service", namespace, "fraud")
    blind.store.saw("Service", late)
    assert blind.store.children(namespace, "fraud").objects == {}
    await blind.api.close()


STATUS = {"phase": "Healthy", "observedGeneration": 1, "message": "all is well"}


async def test_a_status_is_replaced_whole(cluster: Cluster, admin: Admin, namespace: str) -> None:
    made = await admin.create(model_deployment(namespace))
    version = made["metadata"]["resourceVersion"]
    first = {**STATUS, "canaryVersion": "2"}
    answer = await cluster.writer.write_status(namespace, "fraud", version, first)
    version = answer["metadata"]["resourceVersion"]
    await cluster.writer.write_status(namespace, "fraud", version, STATUS)
    found = await admin.get("MLModelDeployment", namespace, "fraud")
    assert "canaryVersion" not in found["status"]
    assert found["status"]["message"] == "all is well"
    assert found["spec"] == made["spec"]
    assert found["metadata"]["generation"] == made["metadata"]["generation"]


async def test_a_status_that_rests_on_an_old_version_is_a_conflict(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    made = await admin.create(model_deployment(namespace))
    await admin.edit("MLModelDeployment", namespace, "fraud", {"spec": {"replicas": 2}})
    with pytest.raises(Conflict):
        await cluster.writer.write_status(
            namespace, "fraud", made["metadata"]["resourceVersion"], STATUS
        )
    assert "status" not in await admin.get("MLModelDeployment", namespace, "fraud")


async def test_a_status_that_came_through_without_an_answer_is_no_conflict(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    """The second attempt meets what the first one has written."""
    made = await admin.create(model_deployment(namespace))
    version = made["metadata"]["resourceVersion"]
    first = await cluster.writer.write_status(namespace, "fraud", version, STATUS)
    second = await cluster.writer.write_status(namespace, "fraud", version, STATUS)
    assert second == first


async def test_a_status_of_what_is_gone_is_a_conflict(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    made = await admin.create(model_deployment(namespace))
    await admin.delete("MLModelDeployment", namespace, "fraud")
    with pytest.raises(Conflict):
        await cluster.writer.write_status(
            namespace, "fraud", made["metadata"]["resourceVersion"], STATUS
        )


async def test_an_event_is_where_kubectl_describe_looks(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    made = await admin.create(model_deployment(namespace))
    long = Happening(reason="RolledBack", message="é" * 2000, is_warning=True)
    for happening in (Happening(reason="Promoted", message="2 is stable"), long):
        await cluster.writer.tell(namespace, "fraud", made["metadata"]["uid"], happening)
    events: dict[str, Any] = {e["reason"]: e for e in await admin.list("Event", namespace)}
    promoted = events["Promoted"]
    assert promoted["involvedObject"]["uid"] == made["metadata"]["uid"]
    assert (promoted["type"], promoted["message"]) == ("Normal", "2 is stable")
    assert promoted["reportingComponent"] == "serinus.dev/operator"
    age = datetime.now(UTC) - datetime.fromisoformat(promoted["eventTime"])
    assert age.total_seconds() < 60
    assert events["RolledBack"]["type"] == "Warning"
    assert events["RolledBack"]["message"] == "é" * 512


async def test_the_ledger_is_written_and_read_in_one_piece(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    await cluster.writer.apply(evidence(namespace, "blocks"), is_ours=False)
    found = await admin.get("ConfigMap", namespace, "fraud-evidence")
    assert found["data"] == {"ledger": "blocks"}
    await until(lambda: cluster.store.children(namespace, "fraud").evidence == "blocks")
