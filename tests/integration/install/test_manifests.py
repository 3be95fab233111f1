"""Installing and removing with kubectl alone, and the examples, on a real API server."""

import json
import re
from pathlib import Path

import pytest

from tests.chart.rendering import documents
from tests.integration.install.target import Refused, Target, model

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "manifests" / "examples").glob("*.yaml"))
OURS, SOMEBODYS = "serinus.dev/finalizer", "example.com/billing"


@pytest.fixture
def installed(target: Target) -> Target:
    target.kubectl("apply", "--kustomize", str(ROOT / "manifests"), "--validate=strict")
    established = ("--for", "condition=Established", "--timeout=20s")
    target.kubectl("wait", "crd/mlmodeldeployments.serinus.dev", *established)
    return target


def test_one_command_installs_and_may_be_repeated(installed: Target) -> None:
    again = installed.kubectl("apply", "--kustomize", str(ROOT / "manifests"))
    assert again == ""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accepted_field_by_field(path: Path, installed: Target) -> None:
    installed.apply(documents(path.read_text()), "--namespace", "fraud", "--dry-run=server")


def test_a_field_nobody_knows_is_refused(installed: Target) -> None:
    """Or the test above would accept anything."""
    misspelt = model("fraud")
    misspelt["spec"]["rollout"] = {"stepz": []}
    with pytest.raises(Refused, match="stepz"):
        installed.apply([misspelt], "--namespace", "fraud", "--dry-run=server")


def test_removing_the_operator_leaves_the_models(installed: Target) -> None:
    installed.apply([model("fraud")], "--namespace", "fraud")
    installed.kubectl("delete", "--filename", str(ROOT / "manifests" / "operator.yaml"))
    assert installed.names("mlmd", "--namespace", "fraud") == {
        "mlmodeldeployment.serinus.dev/fraud"
    }


def documented_command() -> str:
    text = (ROOT / "docs" / "uninstall.md").read_text()
    (command,) = re.findall(r"<!-- run by tests/.*? -->\n```sh\n(.*?)```", text, re.DOTALL)
    return str(command)


def test_the_documented_command_frees_deleted_models_of_our_finalizer_only(
    installed: Target,
) -> None:
    """With the operator gone: one deleted, one that somebody else holds too, one that stays."""
    installed.apply([model("deleted", [OURS])], "--namespace", "fraud")
    installed.apply([model("held", [OURS, SOMEBODYS])], "--namespace", "search")
    installed.apply([model("kept", [OURS])], "--namespace", "search")
    installed.kubectl("delete", "mlmd", "deleted", "--namespace", "fraud", "--wait=false")
    installed.kubectl("delete", "mlmd", "held", "--namespace", "search", "--wait=false")

    installed.run("bash", "-c", documented_command())

    left = json.loads(installed.kubectl("get", "mlmd", "--all-namespaces", "--output", "json"))
    finalizers = {
        each["metadata"]["name"]: each["metadata"].get("finalizers", []) for each in left["items"]
    }
    assert finalizers == {"held": [SOMEBODYS], "kept": []}
    free = '[{"op": "remove", "path": "/metadata/finalizers"}]'
    installed.kubectl(
        "patch", "mlmd/held", "--namespace", "search", "--type=json", "--patch", free
    )
