"""Pods of models with a uri and a warm-up, as a real API server takes them."""

import json
from typing import Any

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.render.claim_reader import claim_reader
from serinus.render.freeze import freeze
from serinus.render.metadata import Owner
from serinus.resource.revision import identify
from serinus.resource.spec import parse_spec
from serinus.resource.storage import Rereads
from serinus.servers.preset import preset_of, server_names
from tests.integration.admin import Admin
from tests.integration.within import until
from tests.unit.resource.manifests import spec

URIS = (
    "oci://registry.example.com/models/fraud:7",
    "s3://models/fraud/7",
    "azure://account/container/fraud/7",
    "hf://organisation/model:main",
    "pvc://models/fraud/7",
)
CONFINED: dict[str, Any] = {
    "name": "model",
    "image": "registry.example.com/server:3",
    "ports": [{"containerPort": 8080}],
    "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
}
POD_SPEC: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [CONFINED],
}
WARMUP = {"requests": [{"path": "/predict", "body": '{"a": "$(B)"}'}]}
RESTRICTED = {"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}


def pod(namespace: str, uri: str, server: str = "standard") -> dict[str, Any]:
    """The pod a Deployment's controller would make of a revision."""
    model = {"version": "7", "uri": uri, "warmup": WARMUP, "server": server}
    raw = spec(model=model, template={"spec": POD_SPEC})
    template = freeze("fraud", parse_spec(raw), identify(raw, {})).pod_template
    metadata = {**template["metadata"], "namespace": namespace, "name": "fraud-1"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}


@pytest.mark.parametrize("uri", URIS, ids=lambda uri: uri.partition(":")[0])
async def test_the_pod_of_a_uri_is_taken_where_pods_are_restricted(
    admin: Admin, namespace: str, uri: str
) -> None:
    await admin.edit("Namespace", "", namespace, RESTRICTED)
    asked = pod(namespace, uri)
    made = (await admin.create(asked))["spec"]
    (volume,) = [each for each in made["volumes"] if each["name"] == "serinus-model"]
    (wanted,) = asked["spec"]["volumes"]
    assert set(volume) == set(wanted), "no volume whose source this API server does not know"
    (model,) = made["containers"]
    assert model["volumeMounts"][0]["mountPath"] == "/mnt/models"
    assert model["volumeMounts"][0]["readOnly"] is True
    warmer = made["initContainers"][-1]
    assert (warmer["name"], warmer["restartPolicy"]) == ("model-warmup", "Always")
    assert warmer["readinessProbe"]["tcpSocket"]["port"] == 9466
    assert json.loads(warmer["env"][0]["value"].replace("$$(", "$("))["port"] == 8080


@pytest.mark.parametrize("server", [n for n in server_names() if preset_of(n).pod.image])
async def test_the_pod_that_a_preset_makes_is_taken_where_pods_are_restricted(
    admin: Admin, namespace: str, server: str
) -> None:
    await admin.edit("Namespace", "", namespace, RESTRICTED)
    asked = pod(namespace, "s3://models/fraud/7", server)
    made = (await admin.create(asked))["spec"]
    names = {each["name"] for each in made["volumes"]}
    assert ("serinus-server-config" in names) == (preset_of(server).pod.config is not None)


def has_read(digest: str) -> dict[str, Any]:
    """Status of the container that reads the files, once it has."""
    ended = {"exitCode": 0, "message": digest, "containerID": "containerd://1"}
    return {
        "name": "model-content",
        "image": "i",
        "imageID": "i",
        "ready": True,
        "restartCount": 0,
        "state": {"terminated": ended},
    }


async def test_what_a_pod_holds_is_seen_by_the_watch(
    admin: Admin, cluster: Cluster, namespace: str
) -> None:
    made = await admin.create(pod(namespace, "s3://models/fraud/7"))
    digest = f"sha256:{'a' * 64}"
    told = {"initContainerStatuses": [has_read(digest)]}
    await admin.set_status("Pod", namespace, "fraud-1", told)

    def contents() -> set[str]:
        return {each.content for each in cluster.store.children(namespace, "fraud").pods}

    await until(lambda: contents() == {digest})
    assert made["metadata"]["labels"]["serinus.dev/model"] == "fraud"


def reader(namespace: str) -> dict[str, Any]:
    """The CronJob that reads a claim again."""
    raw = spec(model={"version": "7", "uri": "pvc://models/fraud/7"}, template={"spec": POD_SPEC})
    revision = freeze("fraud", parse_spec(raw), identify(raw, {}))
    owner = Owner(namespace=namespace, name="fraud", uid="uid-1", is_owner=True)
    (cron_job,) = claim_reader(owner, revision, Rereads.HOURLY)
    return cron_job


async def test_a_claim_is_read_again_where_pods_are_restricted_and_no_pod_of_the_model_s_is_seen(
    admin: Admin, cluster: Cluster, namespace: str
) -> None:
    await admin.edit("Namespace", "", namespace, RESTRICTED)
    asked = reader(namespace)
    await cluster.writer.apply(asked, is_ours=False)
    made = await admin.get("CronJob", namespace, asked["metadata"]["name"])
    job = made["spec"]["jobTemplate"]["spec"]
    metadata = {**job["template"]["metadata"], "namespace": namespace, "name": "reader"}
    await admin.create(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": job["template"]["spec"]}
    )
    digest = f"sha256:{'b' * 64}"
    told = {"phase": "Succeeded", "containerStatuses": [has_read(digest)]}
    await admin.set_status("Pod", namespace, "reader", told)

    await until(lambda: cluster.store.children(namespace, "fraud").readings)
    seen = cluster.store.children(namespace, "fraud")
    (reading,) = seen.readings
    revision = made["metadata"]["labels"]["serinus.dev/revision"]
    assert (reading.revision, reading.content) == (revision, digest)
    assert seen.pods == ()
    found = seen.objects["CronJob", asked["metadata"]["name"]]
    assert found.applied == asked["metadata"]["annotations"]["serinus.dev/applied"]
    assert not found.is_edited, "or each look would write it again"
