"""Installed as a user installs it: the operator answers, and a first model serves."""

import pytest

from demo.names import OPERATOR_NAMESPACE, OPERATOR_RELEASE
from serinus.resource.names import FINALIZER
from serinus.resource.status import Phase
from tests.e2e.conftest import Models
from tests.e2e.installed import METRICS_PORT, PROBES_PORT
from tests.e2e.model import Model
from tests.e2e.node import Node


def test_operator_runs_under_an_account_of_its_own(node: Node) -> None:
    spec = node.operator.pod()["spec"]
    assert spec["serviceAccountName"] == "serinus"
    answer = node.kubectl.run(
        "auth",
        "whoami",
        f"--as=system:serviceaccount:{OPERATOR_NAMESPACE}:serinus",
        "--output=jsonpath={.status.userInfo.groups}",
    )
    assert "system:masters" not in answer


@pytest.mark.parametrize("path", ["healthz", "readyz"])
def test_probes_answer(node: Node, path: str) -> None:
    assert node.operator.page(PROBES_PORT, path) == "ok"


def test_metrics_tell_of_the_operators_work(node: Node) -> None:
    told = node.operator.page(METRICS_PORT, "metrics")
    assert "serinus_build_info{" in told
    assert ("list", "mlmodeldeployments.serinus.dev") in {
        key[:2] for key in node.operator.requests()
    }


def test_definition_is_established(node: Node) -> None:
    crd = "crd/mlmodeldeployments.serinus.dev"
    node.kubectl.run("wait", crd, "--for=condition=Established", "--timeout=10s")


def test_notes_say_how_to_go_on(node: Node) -> None:
    notes = node.helm("get", "notes", OPERATOR_RELEASE)
    assert "kubectl get mlmd -A" in notes
    assert "helm uninstall serinus" in notes


@pytest.fixture(scope="module")
def first(models: Models) -> Model:
    """A model whose first version was applied, and waited for as people wait."""
    model = models("install")
    model.apply("1")
    model.kubectl("wait", "mlmd/scorer", "--for=condition=Ready", "--timeout=120s")
    return model


def test_waiting_for_ready_ends_when_the_first_version_serves(first: Model) -> None:
    status = first.status
    assert (status.phase, status.stable_version) == (Phase.HEALTHY, "1")
    assert status.ready_replicas == first.replicas


def test_gateway_leads_to_the_first_version(first: Model) -> None:
    first.is_answered()


def test_get_shows_how_a_model_stands(first: Model) -> None:
    header, row = first.kubectl("get", "mlmd").splitlines()
    assert header.split() == ["NAME", "PHASE", "STABLE", "CANARY", "WEIGHT", "VERDICT", "AGE"]
    assert row.split()[:3] == ["scorer", "Healthy", "1"]


def test_describe_tells_what_happened(first: Model) -> None:
    described = first.kubectl("describe", "mlmd", "scorer")
    assert "version 1 is the first revision and serves" in described


def test_scale_counts_the_stable_pods(first: Model) -> None:
    scale = first.kubectl("get", "mlmd", "scorer", "--subresource=scale", "--output=json")
    assert f'"replicas": {first.replicas}' in scale


def test_finalizer_is_ours(first: Model) -> None:
    resource = first.resource() or {}
    assert resource["metadata"]["finalizers"] == [FINALIZER]
