"""The chart on a real API server: accepted to the last field, with just the rights it says."""

import json
import re
import time
from typing import Any

import pytest

from tests.chart.cases import CASES
from tests.chart.rendering import CHART, NAMESPACE, Manifest, render, the
from tests.chart.test_permissions import USED, USED_ON_THE_CLUSTER
from tests.integration.install.target import ACCOUNT, DEFINITION, Refused, Target, model

pytestmark = pytest.mark.integration

MONITORS = {"PodMonitor", "ServiceMonitor"}


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_every_object_is_accepted_field_by_field(values: dict[str, Any], target: Target) -> None:
    target.apply(each for each in render(values) if each["kind"] not in MONITORS)


def pod_of(manifests: list[Manifest]) -> Manifest:
    template = the(manifests, "Deployment")["spec"]["template"]
    metadata = {"name": "operator", "namespace": "restricted"}
    # No controller is there to give the pod its account.
    spec = {key: value for key, value in template["spec"].items() if key != "priorityClassName"}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.fixture
def restricted(bare: Target) -> str:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": "restricted", "labels": labels}
    bare.apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}])
    return "restricted"


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_the_pod_may_run_where_only_restricted_ones_may(
    values: dict[str, Any], target: Target, restricted: str
) -> None:
    pod = pod_of(render(values))
    target.apply([pod], "--dry-run=server")
    pod["spec"]["containers"][0]["securityContext"]["allowPrivilegeEscalation"] = True
    with pytest.raises(Refused, match="restricted"):
        target.apply([pod], "--dry-run=server")


FORBIDDEN = [
    ("get", "secrets", "fraud"),
    ("list", "secrets", NAMESPACE),
    ("create", "pods", "fraud"),
    ("delete", "pods", "fraud"),
    ("create", "pods/exec", "fraud"),
    ("list", "namespaces", ""),
    ("list", "customresourcedefinitions.apiextensions.k8s.io", ""),
    ("create", "mlmodeldeployments.serinus.dev", "fraud"),
    ("delete", "mlmodeldeployments.serinus.dev", "fraud"),
    ("get", "objectivetemplates.serinus.dev", "fraud"),
    ("update", "objectivetemplates.serinus.dev", "fraud"),
    ("patch", "clusterobjectivetemplates.serinus.dev", ""),
    ("create", "rolebindings.rbac.authorization.k8s.io", "fraud"),
]


def test_the_operator_may_do_what_it_does_and_not_what_others_do(target: Target) -> None:
    target.apply(render())
    needed = [
        (verb, f"{resource}.{group}" if group else resource, "")
        for (group, resource), verbs in (USED | USED_ON_THE_CLUSTER).items()
        for verb in verbs
    ]
    answers = dict(zip(needed, target.allowed(needed), strict=True))
    assert [question for question, answer in answers.items() if not answer] == []
    assert target.allowed(FORBIDDEN) == [False] * len(FORBIDDEN)


def test_in_listed_namespaces_it_reaches_no_other(target: Target) -> None:
    target.apply(render({"watchNamespaces": ["fraud", "search"]}))
    namespaces = ("fraud", "search", "elsewhere", NAMESPACE, "")
    reached = target.allowed([("patch", "deployments.apps", each) for each in namespaces])
    assert reached == [True, True, False, False, False]
    beside, clusters = "objectivetemplates.serinus.dev", "clusterobjectivetemplates.serinus.dev"
    assert target.allowed([("watch", beside, each) for each in namespaces]) == reached
    assert target.allowed([("watch", clusters, "")]) == [False]


def test_only_the_secrets_that_are_named_can_be_read(target: Target) -> None:
    target.apply(render({"trackSecrets": {"enabled": True, "names": ["features"]}}))
    questions = [
        ("watch", "secrets", "fraud", "features"),
        ("watch", "secrets", "fraud", "others"),
        ("watch", "secrets", "fraud"),
        ("get", "secrets", NAMESPACE, "serinus-digest-key"),
        ("get", "secrets", NAMESPACE, "prometheus-login"),
    ]
    assert target.allowed(questions) == [True, False, False, True, False]


LEASE = {
    "apiVersion": "coordination.k8s.io/v1",
    "kind": "Lease",
    "metadata": {"name": "serinus", "namespace": NAMESPACE},
    "spec": {"holderIdentity": "operator-1", "leaseDurationSeconds": 15},
}
UNDERSTOOD_WITHIN_SECONDS = 60
"""The API server reads its FlowSchemas by a watch."""


def flows(target: Target, *command: str, given: str = "") -> list[tuple[str, str]]:
    """FlowSchema and priority level of each request of a command of the operator's account."""
    told = ("--as", ACCOUNT, "-v=8", "--namespace", NAMESPACE)
    script = '"$@" 2>&1 >/dev/null'
    said = target.run("bash", "-c", script, "-", "kubectl", *command, *told, given=given)
    headers = (
        re.findall(rf"X-Kubernetes-Pf-{what}-Uid: (\S+)", said, re.IGNORECASE)
        for what in ("Flowschema", "Prioritylevel")
    )
    return list(zip(*headers, strict=True))


def uid(target: Target, kind: str, name: str) -> str:
    return target.kubectl("get", kind, name, "--output", "jsonpath={.metadata.uid}")


def test_a_busy_api_server_answers_the_lease_before_routine_work(target: Target) -> None:
    target.apply(render())
    target.kubectl("apply", "--filename", "-", given=json.dumps(LEASE))
    schema = uid(target, "flowschema", "serinus-lease")
    level = uid(target, "prioritylevelconfiguration", "leader-election")
    update = ("replace", "--validate=false", "--filename", "-")
    seen: list[tuple[str, str]] = []
    deadline = time.monotonic() + UNDERSTOOD_WITHIN_SECONDS
    while set(seen) != {(schema, level)} and time.monotonic() < deadline:
        seen = flows(target, *update, given=json.dumps(LEASE))
    assert len(seen) > 1, "a get and an update"
    assert set(seen) == {(schema, level)}
    routine = flows(target, "get", "configmaps,deployments", "--ignore-not-found")
    assert routine
    assert schema not in {each for each, _ in routine}


def test_uninstalling_leaves_the_models_and_installing_again_takes_them_up(
    blank: Target,
) -> None:
    blank.helm("install", "serinus", str(CHART))
    blank.apply([model("fraud")], "--namespace", "fraud")
    blank.helm("uninstall", "serinus")
    assert blank.names("deployments", "--all-namespaces") == set()
    assert blank.names("mlmd", "--namespace", "fraud") == {"mlmodeldeployment.serinus.dev/fraud"}
    blank.helm("install", "serinus", str(CHART))
    assert blank.names("mlmd", "--namespace", "fraud") == {"mlmodeldeployment.serinus.dev/fraud"}


def test_an_upgrade_renews_the_definition(blank: Target) -> None:
    """Helm never touches again what it installs from a chart's crds/ folder."""
    blank.helm("install", "serinus", str(CHART))
    older = '[{"op": "remove", "path": "/spec/versions/0/additionalPrinterColumns"}]'
    blank.kubectl("patch", DEFINITION, "--type", "json", "--patch", older)
    blank.helm("upgrade", "serinus", str(CHART), "--set", "log.level=debug", "--force-conflicts")
    columns = "jsonpath={.spec.versions[0].additionalPrinterColumns[*].name}"
    assert "Verdict" in blank.kubectl("get", DEFINITION, "--output", columns)


def test_a_release_of_another_name_takes_the_definition_over_when_told(blank: Target) -> None:
    blank.helm("install", "serinus", str(CHART))
    blank.helm("uninstall", "serinus")
    with pytest.raises(Refused, match="ownership"):
        blank.helm("install", "second", str(CHART))
    blank.helm("install", "second", str(CHART), "--take-ownership")
    owner = r"jsonpath={.metadata.annotations.meta\.helm\.sh/release-name}"
    assert blank.kubectl("get", DEFINITION, "--output", owner) == "second"
