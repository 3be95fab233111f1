"""What people see with the real kubectl: columns, short name, category, explanations, scale."""

from typing import Any

import pytest
import yaml

from serinus.resource.revision import identify
from serinus.resource.status import parse_status
from tests.integration.definition.cases import FULL
from tests.integration.definition.conftest import Kubectl
from tests.integration.definition.front_door import NAMESPACE, FrontDoor, manifest
from tests.unit.resource.manifests import spec
from tests.unit.resource.test_status import FULL as FULL_STATUS


def created(front_door: FrontDoor, name: str, asked: dict[str, Any] | None = None) -> Any:
    answer = front_door.create(asked or spec(), name)
    assert answer.message == ""
    return answer.stored


def with_status(front_door: FrontDoor, name: str) -> Any:
    body = created(front_door, name)
    answer = front_door.replace_status(body | {"status": FULL_STATUS})
    assert answer.message == ""
    return answer.stored


def test_the_columns_say_how_the_rollout_stands(front_door: FrontDoor, kubectl: Kubectl) -> None:
    with_status(front_door, "columns")
    header, row = kubectl("get", "mlmd", "columns", "-n", NAMESPACE).splitlines()
    assert header.split() == ["NAME", "PHASE", "STABLE", "CANARY", "WEIGHT", "VERDICT", "AGE"]
    assert row.split()[:6] == ["columns", "Progressing", "7", "8", "5", "undecided"]


def test_the_wide_columns_add_step_and_message(front_door: FrontDoor, kubectl: Kubectl) -> None:
    with_status(front_door, "wide")
    header, row = kubectl("get", "mlmd", "wide", "-n", NAMESPACE, "-o", "wide").splitlines()
    assert {"STEP", "MESSAGE"} <= set(header.split())
    assert "2/4" in row.split()
    assert row.endswith("step 2 of 4")


def test_get_all_lists_models_too(front_door: FrontDoor, kubectl: Kubectl) -> None:
    created(front_door, "listed")
    assert "mlmodeldeployment.serinus.dev/listed" in kubectl("get", "all", "-n", NAMESPACE)


def test_explain_describes_the_fields(front_door: FrontDoor, kubectl: Kubectl) -> None:
    text = kubectl("explain", "mlmd.spec.rollout")
    assert "The way from canary to stable." in text
    assert "How often the evidence is looked at; 15s by default." in text
    assert "<no description>" not in text


def test_the_status_is_kept_whole(front_door: FrontDoor) -> None:
    """Under strict validation: a field that the definition does not know would be refused."""
    stored = with_status(front_door, "status")["status"]
    assert stored == FULL_STATUS
    assert parse_status(stored) == parse_status(FULL_STATUS)


def test_spec_and_status_are_written_apart(front_door: FrontDoor) -> None:
    body = with_status(front_door, "apart")
    by_status = front_door.replace_status(body | {"spec": body["spec"] | {"replicas": 9}}).stored
    assert by_status["spec"]["replicas"] == 1
    by_spec = front_door.replace(by_status | {"status": {"phase": "Healthy"}})
    assert by_spec["status"]["phase"] == "Progressing"
    assert by_spec["metadata"]["generation"] == 1


def test_the_scale_is_stables_size(front_door: FrontDoor) -> None:
    """What HPA and KEDA read and write."""
    with_status(front_door, "scale")
    scale = front_door.scale("scale")
    assert scale["spec"] == {"replicas": 1}
    assert scale["status"] == {"replicas": 3, "selector": FULL_STATUS["selector"]}
    front_door.replace_scale("scale", scale | {"spec": {"replicas": 7}})
    assert front_door.get("scale")["spec"]["replicas"] == 7


def test_kubectl_scale_works(front_door: FrontDoor, kubectl: Kubectl) -> None:
    created(front_door, "scaled")
    kubectl("scale", "mlmd/scaled", "--replicas=4", "-n", NAMESPACE)
    assert front_door.get("scaled")["spec"]["replicas"] == 4


TEMPLATE_OF_A_CAREFUL_USER: dict[str, Any] = {
    "metadata": {"creationTimestamp": None, "labels": {}, "annotations": {"a": "1"}},
    "spec": {
        "containers": [
            {"name": "model", "image": "i", "resources": {}, "env": [], "ports": None, "x": 0.5}
        ]
    },
}


@pytest.mark.parametrize(
    "asked",
    [spec(), FULL, spec(template=TEMPLATE_OF_A_CAREFUL_USER)],
    ids=["smallest", "full", "with empty fields"],
)
def test_defaults_touch_nothing_that_makes_a_revision(
    front_door: FrontDoor, asked: dict[str, Any]
) -> None:
    stored = front_door.ask(asked).stored["spec"]
    assert (stored["model"], stored["template"]) == (asked["model"], asked["template"])
    assert identify(stored, {}).digest == identify(asked, {}).digest
    assert stored["rollout" if "rollout" in asked else "replicas"]


@pytest.mark.parametrize("how", ["--server-side", "--server-side=false"])
def test_applied_as_yaml_it_is_the_same_revision(
    front_door: FrontDoor, kubectl: Kubectl, how: str
) -> None:
    name = "applied-by-server" if how == "--server-side" else "applied-by-client"
    for text in (
        yaml.safe_dump(manifest(FULL, name)),
        yaml.safe_dump(manifest(FULL, name), indent=6),
    ):
        kubectl("apply", how, "-f", "-", stdin=text)
        assert identify(front_door.get(name)["spec"], {}).digest == identify(FULL, {}).digest
    assert front_door.get(name)["metadata"]["generation"] == 1
