"""A claim is read again by pods that nobody takes for servers, on nodes that servers may have."""

import re
from typing import Any

import pytest

from serinus.render.claim_reader import claim_reader
from serinus.render.freeze import freeze
from serinus.render.metadata import Owner
from serinus.resource.revision import Revision, identify
from serinus.resource.spec import parse_spec
from serinus.resource.storage import Rereads
from tests.unit.resource.manifests import spec

CONTAINER = {"name": "model", "image": "fraud:1", "ports": [{"containerPort": 8080}]}
CLAIM = "pvc://models/fraud/7"


def revision(uri: str | None = CLAIM, digest: str | None = None, **pod: Any) -> Revision:
    model = {"version": "7", "uri": uri, "digest": digest}
    written = {"metadata": pod.pop("metadata", {}), "spec": {"containers": [CONTAINER], **pod}}
    raw = spec(model={k: v for k, v in model.items() if v}, template=written)
    return freeze("fraud", parse_spec(raw), identify(raw, {}))


def made(
    of: Revision,
    rereads: Rereads = Rereads.HOURLY,
    namespace: str = "prod",
    *,
    is_owner: bool = True,
) -> list[dict[str, Any]]:
    owner = Owner(namespace=namespace, name="fraud", uid="uid-1", is_owner=is_owner)
    return list(claim_reader(owner, of, rereads))


def pod_of(cron_job: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = cron_job["spec"]["jobTemplate"]["spec"]["template"]
    return pod


def test_the_reader_of_a_pods_start_reads_the_same_folder_of_the_claim() -> None:
    of = revision()
    (at_start,) = of.pod_template["spec"]["initContainers"]
    (cron_job,) = made(of)
    pod = pod_of(cron_job)["spec"]
    assert pod["containers"] == [at_start]
    assert at_start["volumeMounts"][0]["subPath"] == "fraud/7"
    (volume,) = pod["volumes"]
    assert volume["persistentVolumeClaim"] == {"claimName": "models", "readOnly": True}


@pytest.mark.parametrize(
    "of",
    [
        revision(uri=None),
        revision(uri="s3://models/fraud/7"),
        revision(uri="oci://registry.example.com/fraud:7"),
        revision(digest="unchecked"),
        revision(volumes=[{"name": "serinus-model", "ephemeral": {"volumeClaimTemplate": {}}}]),
    ],
    ids=["no files", "fetched", "an image", "unchecked", "a disk of the pod's own"],
)
def test_what_changes_with_its_pod_alone_or_nobody_wants_to_know_is_not_read(of: Revision) -> None:
    assert made(of) == []


def test_never_is_never() -> None:
    assert made(revision(), Rereads.NEVER) == []


def test_nothing_that_selects_servers_selects_it_nor_does_its_name_begin_like_theirs() -> None:
    of = revision(
        metadata={"labels": {"app": "fraud"}, "annotations": {"prometheus.io/scrape": "true"}}
    )
    (cron_job,) = made(of)
    metadata = pod_of(cron_job)["metadata"]
    assert not of.pod_template["metadata"]["labels"].keys() & metadata["labels"].keys()
    assert "prometheus.io/scrape" not in metadata["annotations"]
    assert metadata["labels"]["serinus.dev/reads"] == "fraud"
    assert not cron_job["metadata"]["name"].startswith("fraud")
    assert "ports" not in pod_of(cron_job)["spec"]["containers"][0]


def test_it_runs_where_servers_may_as_who_they_are_with_nothing_of_their_containers() -> None:
    on_gpus: dict[str, Any] = {
        "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}
    }
    alike: dict[str, Any] = {
        "serviceAccountName": "fraud",
        "securityContext": {"runAsNonRoot": True},
        "imagePullSecrets": [{"name": "registry"}],
        "nodeSelector": {"pool": "gpu"},
        "tolerations": [{"key": "gpu"}],
    }
    other: dict[str, Any] = {
        "priorityClassName": "high",
        "volumes": [{"name": "cache", "emptyDir": {}}],
    }
    affinity = {"nodeAffinity": on_gpus, "podAntiAffinity": {}}
    (cron_job,) = made(revision(**alike, **other, affinity=affinity))
    pod = pod_of(cron_job)["spec"]
    assert alike.items() <= pod.items()
    assert "priorityClassName" not in pod, "or servers would be driven off their nodes for it"
    assert [each["name"] for each in pod["volumes"]] == ["serinus-model"]
    assert pod["affinity"]["nodeAffinity"] == on_gpus
    assert set(pod["affinity"]) == {"nodeAffinity", "podAffinity"}


def test_limits_that_a_quota_asks_for_hold_for_it_too() -> None:
    limits = {"limits": {"memory": "1Gi", "cpu": "1"}}
    (cron_job,) = made(revision(initContainers=[{"name": "model-content", "resources": limits}]))
    assert pod_of(cron_job)["spec"]["containers"][0]["resources"] == limits


def test_each_claim_has_a_minute_of_its_own_that_stays() -> None:
    of = revision()
    minutes = {made(of, namespace=f"team-{n}")[0]["spec"]["schedule"] for n in range(100)}
    assert len(minutes) > 30
    assert all(
        re.fullmatch(r"[0-9]|[1-5][0-9]", each.removesuffix(" * * * *")) for each in minutes
    )
    assert made(of) == made(of)
    (daily,) = made(of, Rereads.DAILY)
    minute, hour, *rest = daily["spec"]["schedule"].split()
    assert (int(minute) < 60, int(hour) < 24, rest) == (True, True, ["*", "*", "*"])


def test_it_goes_with_the_resource_where_what_serves_stays() -> None:
    (cron_job,) = made(revision(), is_owner=False)
    (owner,) = cron_job["metadata"]["ownerReferences"]
    assert owner["uid"] == "uid-1"


def test_the_longest_name_of_a_model_leaves_a_name_that_a_cron_job_may_have() -> None:
    owner = Owner(namespace="prod", name="m" * 40, uid="uid-1", is_owner=True)
    (cron_job,) = claim_reader(owner, revision(), Rereads.HOURLY)
    assert len(cron_job["metadata"]["name"]) <= 52
