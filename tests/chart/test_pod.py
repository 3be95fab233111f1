"""The operator's pod: no more rights than it needs, one at work, probed, told its settings."""

import re
from typing import Any

import pytest

from tests.chart.cases import CASES
from tests.chart.rendering import ROOT, Manifest, of_kind, render, the

EVERY_CASE = pytest.mark.parametrize("values", CASES.values(), ids=CASES)


def pod(values: dict[str, Any]) -> Manifest:
    template: Manifest = the(render(values), "Deployment")["spec"]["template"]
    return template


def container(values: dict[str, Any]) -> Manifest:
    (only,) = pod(values)["spec"]["containers"]
    return dict(only)


@EVERY_CASE
def test_the_pod_satisfies_the_restricted_standard(values: dict[str, Any]) -> None:
    """Field by field; tests/integration asks the API server's own admission."""
    spec = pod(values)["spec"]
    assert spec["securityContext"]["runAsNonRoot"]
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container(values)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert {next(iter(set(each) - {"name"})) for each in spec.get("volumes", ())} <= {"secret"}


def test_the_user_is_the_images_own() -> None:
    containerfile = (ROOT / "Containerfile").read_text()
    context = pod({})["spec"]["securityContext"]
    assert f"USER {context['runAsUser']}:{context['runAsGroup']}" in containerfile


@pytest.mark.parametrize("user", [None, 1000700000])
def test_the_user_may_be_the_clusters_choice(user: int | None) -> None:
    """OpenShift refuses a pod with a user that is none of its namespace's."""
    keys = ("runAsUser", "runAsGroup", "fsGroup")
    context = pod({"podSecurityContext": dict.fromkeys(keys, user)})["spec"]["securityContext"]
    assert [context.pop(key, None) for key in keys] == [user] * 3
    assert context == {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}


@EVERY_CASE
def test_a_new_pod_is_ready_to_take_over_before_the_old_one_goes(values: dict[str, Any]) -> None:
    strategy = the(render(values), "Deployment")["spec"]["strategy"]
    assert strategy["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_each_pod_has_a_name_of_its_own_for_the_lease() -> None:
    """Not the host's: it is cut after 63 characters, which may be what tells two pods apart."""
    (name,) = [each for each in container({})["env"] if each["name"] == "SERINUS_INSTANCE"]
    assert name["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_nothing_but_probes_and_scrapes_comes_in_where_that_is_asked_for() -> None:
    assert of_kind(render(), "NetworkPolicy") == []
    prometheus = {"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}
    manifests = render({"networkPolicy": {"create": True, "metricsFrom": [prometheus]}})
    policy = the(manifests, "NetworkPolicy")["spec"]
    labels = the(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"].items() <= labels.items()
    probes, metrics = policy["ingress"]
    assert [each["port"] for each in probes["ports"]] == ["probes"]
    assert "from" not in probes
    assert [each["port"] for each in metrics["ports"]] == ["metrics"]
    assert metrics["from"] == [prometheus]
    assert policy["policyTypes"] == ["Ingress"]


def test_what_goes_out_is_confined_by_rules_of_ones_own_alone() -> None:
    rules = [{"ports": [{"port": 443}]}]
    manifests = render({"networkPolicy": {"create": True, "egress": rules}})
    policy = the(manifests, "NetworkPolicy")["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["egress"] == rules


def test_one_replica_holds_up_no_drain() -> None:
    assert of_kind(render(), "PodDisruptionBudget") == []


def test_of_two_replicas_one_is_left_and_they_keep_apart_where_they_can() -> None:
    manifests = render({"replicas": 2})
    labels = the(manifests, "Deployment")["spec"]["template"]["metadata"]["labels"]
    budget = the(manifests, "PodDisruptionBudget")["spec"]
    assert budget["maxUnavailable"] == 1
    assert budget["selector"]["matchLabels"].items() <= labels.items()
    apart = pod({"replicas": 2})["spec"]["affinity"]["podAntiAffinity"]
    (term,) = apart["preferredDuringSchedulingIgnoredDuringExecution"]
    assert term["podAffinityTerm"]["labelSelector"]["matchLabels"].items() <= labels.items()


def test_where_the_pods_go_is_for_people_to_say() -> None:
    affinity: dict[str, Any] = {"nodeAffinity": {}}
    assert pod({"replicas": 2, "affinity": affinity})["spec"]["affinity"] == affinity


@EVERY_CASE
def test_probes_and_metrics_go_to_ports_the_container_has(values: dict[str, Any]) -> None:
    manifests, ours = render(values), container(values)
    ports = {each["name"]: each["containerPort"] for each in ours["ports"]}
    assert ours["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "probes"}
    assert ours["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "probes"}
    told = {each["name"]: each.get("value") for each in ours["env"]}
    assert told["SERINUS_PROBES_PORT"] == str(ports["probes"])
    assert told["SERINUS_METRICS_PORT"] == str(ports["metrics"])
    for service in (each for each in manifests if each["kind"] == "Service"):
        assert service["spec"]["ports"][0]["targetPort"] in ports
        labels = pod(values)["metadata"]["labels"]
        assert service["spec"]["selector"].items() <= labels.items()


@EVERY_CASE
def test_the_operator_is_scraped_once(values: dict[str, Any]) -> None:
    by_annotation = "prometheus.io/scrape" in pod(values)["metadata"].get("annotations", {})
    kinds = [each["kind"] for each in render(values)]
    monitors = kinds.count("PodMonitor") + kinds.count("ServiceMonitor")
    assert by_annotation + monitors == 1


@EVERY_CASE
def test_every_file_it_is_told_of_is_mounted(values: dict[str, Any]) -> None:
    ours, volumes = container(values), pod(values)["spec"].get("volumes", [])
    mounts = {each["mountPath"]: each["name"] for each in ours.get("volumeMounts", [])}
    told = " ".join(each.get("value", "") for each in ours["env"])
    folders = set(re.findall(r"(/etc/serinus/[^\"]+)/[^/\"]+", told))
    assert {mounts[folder] for folder in folders} == {volume["name"] for volume in volumes}


def test_nothing_secret_is_in_the_environment() -> None:
    """Variables are inherited, printed and dumped, and can't be renewed."""
    for values in CASES.values():
        assert "secretKeyRef" not in str(container(values)["env"])
