"""The operator as a process of its own, under the chart's rights, on a real API server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from serinus.adapters.kubernetes_api import ApiRefusal
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.controllers import CRASH_LOOPING, Controllers, Object
from tests.integration.manifests import config_map, model_deployment, objective_template
from tests.integration.operator_process import OperatorProcess, running


@pytest.fixture
async def operator(
    control_plane: ControlPlane,
    admin: Admin,
    controllers: Controllers,
    namespace: str,
    tmp_path: Path,
) -> AsyncIterator[OperatorProcess]:
    async with (
        controllers.playing(),
        running(control_plane, admin, namespace, tmp_path) as process,
    ):
        yield process
        assert await process.metric("serinus_kubernetes_requests_total", code="403") == 0
        assert await process.metric("serinus_bugs_total") == 0


LOOKS = 600
"""So often, a tenth of a second apart, is looked for what should come: machines may be slow."""


async def status_until(admin: Admin, namespace: str, **wanted: Any) -> Object:
    """Wait until the resource's status has these fields; return the resource."""
    found: Object = {}
    for _ in range(LOOKS):
        found = await admin.get("MLModelDeployment", namespace, "fraud")
        if wanted.items() <= found.get("status", {}).items():
            return found
        await asyncio.sleep(0.1)
    raise AssertionError(f"never {wanted}, but {found.get('status')}")


async def ready_until(admin: Admin, namespace: str, reason: str) -> Object:
    """Wait until the condition Ready has a reason; return the condition."""
    ready: Object = {}
    for _ in range(LOOKS):
        found = await admin.get("MLModelDeployment", namespace, "fraud")
        conditions = found.get("status", {}).get("conditions", ())
        ready = next((each for each in conditions if each["type"] == "Ready"), {})
        if ready.get("reason") == reason:
            return ready
        await asyncio.sleep(0.1)
    raise AssertionError(f"never {reason}, but {ready}")


async def deploy(admin: Admin, namespace: str, version: str, **spec: Any) -> None:
    change = {"spec": {"model": {"version": version}, **spec}}
    await admin.edit("MLModelDeployment", namespace, "fraud", change)


async def test_a_model_is_installed_promoted_and_removed(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace, skipAnalysis=True))
    await status_until(admin, namespace, phase="Healthy", stableVersion="1")
    await deploy(admin, namespace, "2")
    found = await status_until(admin, namespace, phase="Healthy", stableVersion="2")
    (route,) = await admin.list("HTTPRoute", namespace)
    (backend,) = route["spec"]["rules"][0]["backendRefs"]
    assert backend["name"] == f"fraud-{found['status']['stable']['revision']}"
    await admin.delete("MLModelDeployment", namespace, "fraud")
    await until_gone(admin, namespace)


async def test_a_record_that_somebody_deletes_is_written_again_from_what_runs(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace))
    found = await status_until(admin, namespace, phase="Healthy")
    name = f"fraud-{found['status']['stable']['revision']}"
    before = await admin.get("ControllerRevision", namespace, name)
    running = await admin.get("Deployment", namespace, name)
    await admin.delete("ControllerRevision", namespace, name)

    after = await again(admin, namespace, name, before)

    assert after["data"]["version"] == before["data"]["version"]
    assert after["data"]["podTemplate"] == running["spec"]["template"]
    still = await admin.get("Deployment", namespace, name)
    assert still["spec"]["template"] == running["spec"]["template"], "no pod is made anew"


async def again(admin: Admin, namespace: str, name: str, before: Object) -> Object:
    for _ in range(LOOKS):
        try:
            found = await admin.get("ControllerRevision", namespace, name)
        except ApiRefusal:
            await asyncio.sleep(0.1)
            continue
        if found["metadata"]["uid"] != before["metadata"]["uid"]:
            return found
    raise AssertionError("it was never written again")


async def until_gone(admin: Admin, namespace: str) -> None:
    for _ in range(LOOKS):
        try:
            await admin.get("MLModelDeployment", namespace, "fraud")
        except ApiRefusal:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the finalizer was never taken off")


async def test_nothing_but_the_finalizer_is_written_on_the_resource(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    before = await admin.create(model_deployment(namespace))
    found = await status_until(admin, namespace, phase="Healthy")
    assert found["metadata"]["finalizers"] == ["serinus.dev/finalizer"]
    assert "annotations" not in found["metadata"]
    assert (found["spec"], found["metadata"]["generation"]) == (before["spec"], 1)


async def test_a_steady_model_costs_no_request(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace))
    await status_until(admin, namespace, phase="Healthy")
    await event_until(admin, namespace, "Installed")
    requests = await settled_requests_of(operator)
    looks = await operator.metric("serinus_ticks_total")
    note = {"metadata": {"annotations": {"serinus.dev/look": "now"}}}
    await admin.edit("MLModelDeployment", namespace, "fraud", note)
    for _ in range(LOOKS):
        if await operator.metric("serinus_ticks_total") > looks:
            break
        await asyncio.sleep(0.1)
    assert await operator.metric("serinus_ticks_total") > looks
    await asyncio.sleep(1)
    assert await requests_of(operator) == requests


async def settled_requests_of(operator: OperatorProcess) -> float:
    """How many there were once there are no more for a while."""
    before = -1.0
    for _ in range(LOOKS // 20):
        requests = await requests_of(operator)
        if requests == before:
            return requests
        before = requests
        await asyncio.sleep(2)
    raise AssertionError("requests go on and on")


async def requests_of(operator: OperatorProcess) -> float:
    """How many there were but for the Lease, which is renewed whatever happens."""
    leases = ("resource", "leases.coordination.k8s.io")
    return await operator.metric("serinus_kubernetes_requests_total", but=leases)


async def event_until(admin: Admin, namespace: str, reason: str) -> None:
    """Wait for an event; they come after everything else."""
    for _ in range(LOOKS):
        if reason in [each["reason"] for each in await admin.list("Event", namespace)]:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"no event {reason}")


async def test_a_prometheus_that_nobody_listed_is_told_and_the_model_serves(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace, metrics={"prometheus": {"name": "mimir"}}))
    await status_until(admin, namespace, phase="Healthy", stableVersion="1")
    ready = await ready_until(admin, namespace, "PrometheusNotListed")
    assert ready["status"] == "False"
    assert "spec.metrics.prometheus.name: 'mimir'" in ready["message"]


async def test_a_model_comes_by_its_uri_and_is_warmed_up(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    model = {
        "version": "1",
        "uri": "oci://registry.example.com/models/fraud:1",
        "warmup": {"requests": [{"path": "/predict"}]},
    }
    await admin.create(model_deployment(namespace, model=model))
    await status_until(admin, namespace, phase="Healthy", stableVersion="1")
    (workload,) = await admin.list("Deployment", namespace)
    pod = workload["spec"]["template"]["spec"]
    (volume,) = pod["volumes"]
    assert volume["image"]["reference"] == "registry.example.com/models/fraud:1"
    assert [each["name"] for each in pod["initContainers"]] == ["model-content", "model-warmup"]


async def test_files_on_a_claim_that_are_replaced_while_pods_run_are_told(
    operator: OperatorProcess, controllers: Controllers, admin: Admin, namespace: str
) -> None:
    model = {"version": "1", "uri": "pvc://models/fraud"}
    rollout = {"scaleDownDelay": "1s"}
    await admin.create(
        model_deployment(namespace, model=model, skipAnalysis=True, rollout=rollout)
    )
    found = await status_until(admin, namespace, phase="Healthy", stableVersion="1")
    (cron_job,) = await admin.list("CronJob", namespace)
    labels = cron_job["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
    before, after = (f"sha256:{letter * 64}" for letter in "ab")
    await controllers.make_pod(labels, has_read(before))
    first = found["status"]["stable"]["revision"]
    await status_until(admin, namespace, contents={first: [before]})
    await controllers.make_pod(labels, has_read(after))
    await status_until(admin, namespace, contents={first: [before, after]}, phase="Healthy")
    await event_until(admin, namespace, "ModelContentChanged")
    await deploy(admin, namespace, "2", model={"version": "2", "uri": None})
    await status_until(admin, namespace, phase="Healthy", stableVersion="2")
    await until_none(admin, namespace, "CronJob")


def has_read(digest: str) -> Object:
    """What the kubelet says of a pod that has read a claim."""
    ended = {"terminated": {"exitCode": 0, "message": digest}}
    container = {"name": "model-content", "image": "model", "imageID": "", "restartCount": 0}
    return {
        "phase": "Succeeded",
        "containerStatuses": [{**container, "ready": False, "state": ended}],
    }


async def until_none(admin: Admin, namespace: str, kind: str) -> None:
    for _ in range(LOOKS):
        if not await admin.list(kind, namespace):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{kind} is never removed")


async def test_a_template_is_missed_found_and_felt_when_it_changes_at_no_request_of_its_own(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    asked = model_deployment(namespace, objectiveTemplates=[{"name": "serving"}])
    await admin.create(asked)
    await status_until(admin, namespace, phase="Healthy")
    # The look before this one says "Installed", and no more: it may be what was read.
    ready = await ready_until(admin, namespace, "ObjectiveTemplateMissing")
    assert ready["status"] == "False"
    assert "spec.objectiveTemplates[0]: ObjectiveTemplate 'serving'" in ready["message"]

    reads = await operator.metric("serinus_kubernetes_requests_total", verb="get")
    await admin.create(objective_template(namespace, "1%"))
    await status_until(admin, namespace, objectives=[in_force("≤ 1 %")])
    change = {"spec": objective_template(namespace, "2%")["spec"]}
    await admin.edit("ObjectiveTemplate", namespace, "serving", change)
    found = await status_until(admin, namespace, objectives=[in_force("≤ 2 %")])
    assert found["status"]["stable"]["version"] == "1"
    assert "rollout" not in found["status"], "other objectives are no new revision"
    assert await operator.metric("serinus_kubernetes_requests_total", verb="get") == reads


def in_force(limit: str) -> dict[str, Any]:
    source = "ObjectiveTemplate/serving"
    return {"name": "error-rate", "source": source, "limit": limit, "advisory": False}


async def test_a_crash_looping_canary_is_rolled_back_by_watch_event(
    operator: OperatorProcess, controllers: Controllers, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace))
    await status_until(admin, namespace, phase="Healthy")
    ready = controllers.status_of
    controllers.status_of = lambda _: CRASH_LOOPING
    await deploy(admin, namespace, "2")
    found = await status_until(admin, namespace, phase="RolledBack", stableVersion="1")
    controllers.status_of = ready
    assert "CrashLoopBackOff" in found["status"]["message"]
    await event_until(admin, namespace, "RolledBack")


async def test_a_canary_whose_template_has_a_slip_is_given_up_in_the_api_servers_words(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    quick = {"interval": "1s", "progressDeadline": "1s"}
    resource = model_deployment(namespace, rollout=quick)
    await admin.create(resource)
    await status_until(admin, namespace, phase="Healthy")
    (container,) = resource["spec"]["template"]["spec"]["containers"]
    wrong = {"spec": {"containers": [{**container, "imagePullPolcy": "Always"}]}}
    await deploy(admin, namespace, "2", template=wrong)

    found = await status_until(admin, namespace, phase="RolledBack", stableVersion="1")

    words = ".imagePullPolcy: field not declared in schema"
    assert words in found["status"]["history"][0]["message"]
    assert words in found["status"]["message"]
    await event_until(admin, namespace, "WriteRefused")
    await event_until(admin, namespace, "CanaryCannotStart")


async def test_a_changed_config_map_is_a_new_revision(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(config_map(namespace, "features", data={"threshold": "1"}))
    volume = {"name": "features", "configMap": {"name": "features"}}
    resource = model_deployment(namespace, skipAnalysis=True)
    resource["spec"]["template"]["spec"]["volumes"] = [volume]
    await admin.create(resource)
    found = await status_until(admin, namespace, phase="Healthy")
    first = found["status"]["stable"]["revision"]
    await admin.edit("ConfigMap", namespace, "features", {"data": {"threshold": "2"}})
    for _ in range(LOOKS):
        found = await status_until(admin, namespace, phase="Healthy")
        if found["status"]["stable"]["revision"] != first:
            break
        await asyncio.sleep(0.1)
    assert found["status"]["stable"]["revision"] != first


async def test_a_killed_operator_goes_on_where_it_was(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace, skipAnalysis=True))
    await status_until(admin, namespace, phase="Healthy")
    operator.kill()
    await deploy(admin, namespace, "2")
    await operator.start()
    await status_until(admin, namespace, phase="Healthy", stableVersion="2")


async def test_with_orphan_the_stable_version_outlives_its_resource(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace, deletionPolicy="Orphan"))
    await status_until(admin, namespace, phase="Healthy")
    await admin.delete("MLModelDeployment", namespace, "fraud")
    await until_gone(admin, namespace)
    (workload,) = await admin.list("Deployment", namespace)
    (route,) = await admin.list("HTTPRoute", namespace)
    assert not workload["metadata"].get("ownerReferences")
    assert not route["metadata"].get("ownerReferences")


async def test_a_deletion_that_came_while_nobody_was_there_is_tidied_up_after(
    operator: OperatorProcess, controllers: Controllers, admin: Admin, namespace: str
) -> None:
    """The canary has no place in what is left behind, operator or no operator."""
    await admin.create(model_deployment(namespace, deletionPolicy="Orphan"))
    await status_until(admin, namespace, phase="Healthy")
    controllers.status_of = lambda _: {"phase": "Pending"}
    await deploy(admin, namespace, "2")
    await status_until(admin, namespace, phase="Progressing")
    operator.kill()
    await admin.delete("MLModelDeployment", namespace, "fraud")
    assert len(await admin.list("Deployment", namespace)) == 2
    await operator.start()
    await until_gone(admin, namespace)
    assert len(await admin.list("Deployment", namespace)) == 1


async def test_it_ends_in_order_when_told_to(
    operator: OperatorProcess, admin: Admin, namespace: str
) -> None:
    await admin.create(model_deployment(namespace))
    await status_until(admin, namespace, phase="Healthy")
    assert (await operator.get("/healthz"))[0] == 200
    assert await operator.metric("serinus_resources", phase="Healthy") == 1
    assert operator.stop() == 0
    log = operator.log.read_text()
    assert "Traceback" not in log
    assert "WARNING" not in log
    await operator.start()
