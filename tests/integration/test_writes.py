"""Writes: repaired by force what is ours, refused what is somebody else's, seen at once."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.decide.decision import Happening
from serinus.errors import Conflict, NamespaceGoes, NameTaken, WriteRefused
from serinus.observe.snapshot import ObjectSeen
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.controllers import Controllers
from tests.integration.manifests import (
    Manifest,
    applied,
    config_map,
    controller_revision,
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


def known(cluster: Cluster, namespace: str) -> Mapping[tuple[str, str], ObjectSeen]:
    return cluster.store.children(namespace, "fraud").objects


@pytest.mark.parametrize("kind", KINDS)
async def test_a_models_label_makes_no_object_ours(
    cluster: Cluster, admin: Admin, namespace: str, kind: str
) -> None:
    """People may label their own, to select them with the model's."""
    (ours,) = [manifest for manifest in every_kind(namespace) if manifest["kind"] == kind]
    before = await admin.create({**ours, "metadata": {**ours["metadata"], "annotations": {}}})
    await admin.create({**ours, "metadata": {**ours["metadata"], "name": "seen-later"}})
    await until(lambda: (kind, "seen-later") in known(cluster, namespace))
    is_ours = (kind, "fraud") in known(cluster, namespace)
    with pytest.raises(NameTaken, match="belongs to 'kubectl-create'"):
        await cluster.writer.apply(ours, is_ours=is_ours)
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


@pytest.fixture
async def blind(control_plane: ControlPlane, namespace: str) -> AsyncIterator[Cluster]:
    """An operator whose watches bring nothing: it knows what its own requests answered."""
    blind = Cluster(await control_plane.connect(), namespaces=[namespace])
    yield blind
    await blind.api.close()


async def test_an_object_of_ours_that_no_watch_has_told_of_is_seen_before_it_is_written(
    cluster: Cluster, blind: Cluster, namespace: str
) -> None:
    """As when another operator has made it."""
    await cluster.writer.apply(applied(deployment(namespace, replicas=1), "1"), is_ours=False)
    two = applied(deployment(namespace, replicas=2), "2")
    with pytest.raises(Conflict, match="somebody wrote in between"):
        await blind.writer.apply(two, is_ours=False)
    assert blind.store.children(namespace, "fraud").workload_sizes == {"r1": 1}
    await blind.writer.apply(two, is_ours=True)
    assert blind.store.children(namespace, "fraud").workload_sizes == {"r1": 2}


def step(namespace: str, canary: int) -> Manifest:
    return applied(http_route(namespace, stable=100 - canary, canary=canary), f"{canary} %")


def seen(cluster: Cluster, namespace: str) -> ObjectSeen:
    return cluster.store.children(namespace, "fraud").objects["HTTPRoute", "fraud"]


def weights(cluster: Cluster, namespace: str) -> dict[str, int]:
    route = cluster.store.children(namespace, "fraud").route
    return dict(route.weights) if route else {}


async def test_a_step_that_comes_late_does_not_undo_a_rollback(
    cluster: Cluster, blind: Cluster, admin: Admin, namespace: str
) -> None:
    """The rollback is another operator's; this one still sees the step before."""
    await blind.writer.apply(step(namespace, 10), is_ours=False)
    late = seen(blind, namespace)
    await until(lambda: weights(cluster, namespace))
    await cluster.writer.apply(step(namespace, 0), is_ours=True, expected=seen(cluster, namespace))
    rolled_back = await admin.get("HTTPRoute", namespace, "fraud")
    with pytest.raises(Conflict, match="HTTPRoute 'fraud': somebody wrote in between"):
        await blind.writer.apply(step(namespace, 25), is_ours=True, expected=late)
    assert await admin.get("HTTPRoute", namespace, "fraud") == rolled_back
    assert weights(blind, namespace) == {"fraud-r1": 100}


async def test_a_route_that_was_made_meanwhile_is_not_overwritten(
    cluster: Cluster, blind: Cluster, admin: Admin, namespace: str
) -> None:
    await cluster.writer.apply(step(namespace, 10), is_ours=False)
    made = await admin.get("HTTPRoute", namespace, "fraud")
    with pytest.raises(Conflict):
        await blind.writer.apply(step(namespace, 0), is_ours=False)
    assert await admin.get("HTTPRoute", namespace, "fraud") == made


async def test_a_routers_report_is_no_reason_to_look_again(
    blind: Cluster, controllers: Controllers, namespace: str
) -> None:
    """It makes a new version of the route; a rollback must not wait for the reports to end."""
    await blind.writer.apply(step(namespace, 10), is_ours=False)
    before_the_report = seen(blind, namespace)
    await controllers.program_routes()
    await blind.writer.apply(step(namespace, 0), is_ours=True, expected=before_the_report)
    assert weights(blind, namespace) == {"fraud-r1": 100}


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_route_that_came_through_without_an_answer_is_no_conflict(
    blind: Cluster, admin: Admin, namespace: str, is_there: bool
) -> None:
    """The second attempt meets what the first one has written."""
    if is_there:
        await blind.writer.apply(step(namespace, 10), is_ours=False)
    before = seen(blind, namespace) if is_there else None
    await blind.writer.apply(step(namespace, 25), is_ours=is_there, expected=before)
    written = await admin.get("HTTPRoute", namespace, "fraud")
    await blind.writer.apply(step(namespace, 25), is_ours=is_there, expected=before)
    assert await admin.get("HTTPRoute", namespace, "fraud") == written


async def test_a_route_that_is_gone_is_made_anew(
    blind: Cluster, admin: Admin, namespace: str
) -> None:
    await blind.writer.apply(step(namespace, 10), is_ours=False)
    await admin.delete("HTTPRoute", namespace, "fraud")
    await blind.writer.apply(step(namespace, 0), is_ours=True, expected=seen(blind, namespace))
    assert (await admin.get("HTTPRoute", namespace, "fraud"))["spec"]


async def test_what_was_deleted_meanwhile_is_not_made_anew_by_what_comes_late(
    blind: Cluster, admin: Admin, namespace: str
) -> None:
    await blind.writer.apply(deployment(namespace, replicas=2), is_ours=False)
    await admin.delete("Deployment", namespace, "fraud-r1")
    with pytest.raises(Conflict):
        await blind.writer.apply(deployment(namespace, replicas=0), is_ours=True)
    assert await admin.list("Deployment", namespace) == []


async def test_what_the_api_server_refuses_is_told_in_its_words(
    cluster: Cluster, namespace: str
) -> None:
    wrong = deployment(namespace)
    wrong["spec"]["template"]["spec"]["containers"][0]["image"] = ""
    with pytest.raises(WriteRefused, match=r"Deployment 'fraud-r1'.* 422: .*image: Required"):
        await cluster.writer.apply(wrong, is_ours=False)


TWICE = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        ({"imagePullPolcy": "Always"}, r"\.imagePullPolcy: field not declared in schema"),
        ({"env": TWICE}, r'\.env: duplicate entries for key \[name="A"\]'),
        ({"env": [{"name": "A", "value": 1}]}, r"\.value: expected string"),
        ({"resources": {"limits": {"cpu": "two"}}}, "quantities must match"),
    ],
    ids=["an unknown field", "a key twice", "another type", "no quantity"],
)
async def test_a_slip_in_a_template_is_no_fault_of_the_api_servers(
    cluster: Cluster, namespace: str, slip: dict[str, Any], words: str
) -> None:
    """It answers with a 500, which else passes by itself."""
    wrong = deployment(namespace)
    wrong["spec"]["template"]["spec"]["containers"][0] |= slip
    with pytest.raises(WriteRefused, match=f"Deployment 'fraud-r1'.*{words}"):
        await cluster.writer.apply(wrong, is_ours=False)


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
@pytest.mark.parametrize("mebibytes", [1.6, 2.5], ids=["for etcd", "for the way there"])
async def test_nor_is_what_is_too_large_to_be_stored(
    cluster: Cluster, namespace: str, mebibytes: float
) -> None:
    template = {"metadata": {"annotations": {"a": "x" * int(mebibytes * 2**20)}}}
    record = controller_revision(namespace, template=template, config_names=[])
    with pytest.raises(WriteRefused, match=r"ControllerRevision 'fraud-r1'.* large"):
        await cluster.writer.apply(record, is_ours=False)


async def test_a_namespace_that_was_deleted_takes_nothing_new_and_that_is_told_apart(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    await admin.delete("Namespace", "", namespace)
    with pytest.raises(NamespaceGoes, match=r"Service 'fraud'.* being terminated"):
        await cluster.writer.apply(service(namespace, "fraud"), is_ours=False)


async def test_an_object_that_is_gone_already_is_deleted(
    cluster: Cluster, admin: Admin, namespace: str
) -> None:
    await cluster.writer.delete("Service", namespace, "never-there")
    await cluster.writer.apply(service(namespace, "fraud"), is_ours=False)
    await admin.delete("Service", namespace, "fraud")
    await cluster.writer.delete("Service", namespace, "fraud")
    assert cluster.store.children(namespace, "fraud").objects == {}


async def test_only_the_object_that_was_seen_is_deleted(
    blind: Cluster, admin: Admin, namespace: str
) -> None:
    """A name may be somebody else's by the time the deletion arrives."""
    await blind.writer.apply(service(namespace, "fraud"), is_ours=False)
    await admin.delete("Service", namespace, "fraud")
    theirs = await admin.create(service(namespace, "fraud"))
    with pytest.raises(Conflict):
        await blind.writer.delete("Service", namespace, "fraud")
    assert await admin.get("Service", namespace, "fraud") == theirs


async def test_old_news_of_a_deleted_object_do_not_bring_it_back(
    blind: Cluster, admin: Admin, namespace: str
) -> None:
    """The watch may be behind: it tells of a change from before the deletion."""
    await blind.writer.apply(service(namespace, "fraud"), is_ours=False)
    note = {"metadata": {"annotations": {"a": "b"}}}
    late = await admin.edit("Service", namespace, "fraud", note)
    await blind.writer.delete("Service", namespace, "fraud")
    blind.store.saw("Service", late)
    assert blind.store.children(namespace, "fraud").objects == {}


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
        uid = made["metadata"]["uid"]
        event = cluster.writer.event(namespace, "fraud", uid, happening)
        assert event is not None
        await cluster.writer.post(event)
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
    assert found["data"] == {"ledger": "blocks", "lastAsked": ""}
    await until(lambda: cluster.store.children(namespace, "fraud").evidence == "blocks")
