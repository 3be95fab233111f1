"""Installing and removing with kubectl alone, and the examples, on a real API server."""

import json
import re
from pathlib import Path

import pytest

from tests.chart.rendering import ROOT, documents
from tests.integration.install.target import Refused, Target, model

pytestmark = pytest.mark.integration

EXAMPLES = sorted((ROOT / "manifests" / "examples").glob("*.yaml"))
OURS, SOMEBODYS = "serinus.dev/finalizer", "example.com/billing"


def test_one_command_installs_and_may_be_repeated(target: Target) -> None:
    target.kubectl("apply", "--kustomize", str(ROOT / "manifests"), "--validate=strict")
    again = target.kubectl("apply", "--kustomize", str(ROOT / "manifests"))
    changed = [line for line in again.splitlines() if not line.endswith(" unchanged")]
    assert changed == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_accepted_field_by_field(path: Path, defined: Target) -> None:
    defined.apply(documents(path.read_text()), "--namespace", "fraud", "--dry-run=server")


def test_a_field_nobody_knows_is_refused(defined: Target) -> None:
    """Or the test above would accept anything."""
    misspelt = model("fraud")
    misspelt["spec"]["rollout"] = {"stepz": []}
    with pytest.raises(Refused, match="stepz"):
        defined.apply([misspelt], "--namespace", "fraud", "--dry-run=server")


def test_removing_the_operator_leaves_the_models(target: Target) -> None:
    target.kubectl("apply", "--kustomize", str(ROOT / "manifests"))
    target.apply([model("fraud")], "--namespace", "fraud")
    target.kubectl("delete", "--filename", str(ROOT / "manifests" / "operator.yaml"))
    assert target.names("mlmd", "--namespace", "fraud") == {"mlmodeldeployment.serinus.dev/fraud"}


def documented_command() -> str:
    text = (ROOT / "docs" / "uninstall.md").read_text()
    (command,) = re.findall(r"<!-- run by tests/.*? -->\n```sh\n(.*?)```", text, re.DOTALL)
    return str(command)


def test_the_documented_command_frees_deleted_models_of_our_finalizer_only(
    defined: Target,
) -> None:
    """With the operator gone: one deleted, one that somebody else holds too, one that stays."""
    defined.apply([model("deleted", [OURS])], "--namespace", "fraud")
    defined.apply([model("held", [OURS, SOMEBODYS])], "--namespace", "search")
    defined.apply([model("kept", [OURS])], "--namespace", "search")
    defined.kubectl("delete", "mlmd", "deleted", "--namespace", "fraud", "--wait=false")
    defined.kubectl("delete", "mlmd", "held", "--namespace", "search", "--wait=false")

    defined.run("bash", "-c", documented_command())

    left = json.loads(defined.kubectl("get", "mlmd", "--all-namespaces", "--output", "json"))
    metadata = {each["metadata"]["name"]: each["metadata"] for each in left["items"]}
    assert "deleted" not in metadata
    assert metadata["held"]["finalizers"] == [SOMEBODYS]
    assert "finalizers" not in metadata["kept"]
    free = '[{"op": "remove", "path": "/metadata/finalizers"}]'
    defined.kubectl("patch", "mlmd/held", "--namespace", "search", "--type=json", "--patch", free)
