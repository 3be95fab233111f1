"""The examples are resources as the operator reads them, and one of them shows every field."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from serinus.resource.crd import definition
from serinus.resource.names import API_VERSION, KIND
from serinus.resource.objective_template import TemplateKind
from serinus.resource.objectives import Templates, resolve
from serinus.resource.spec import parse_spec
from tests.chart.rendering import ROOT, Manifest, documents

EXAMPLES = sorted((ROOT / "manifests" / "examples").glob("*.yaml"))


def resources(text: str) -> list[Manifest]:
    return [each for each in documents(text) if each["kind"] == KIND]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_operator_reads_it(path: Any) -> None:
    found = resources(path.read_text())
    assert found
    for each in found:
        assert each["apiVersion"] == API_VERSION
        parse_spec(each["spec"])


def test_the_templates_of_an_example_are_all_its_model_refers_to() -> None:
    text = (ROOT / "manifests" / "examples" / "objective-templates.yaml").read_text()
    (model,) = resources(text)
    specs = {
        (TemplateKind(each["kind"]), each["metadata"]["name"]): each["spec"]
        for each in documents(text)
        if each["kind"] != KIND
    }
    found = resolve(parse_spec(model["spec"]), Templates(specs=specs), None)
    assert found.trouble is None
    assert list(found.sources) == ["slow-requests", "empty-answers", "correct"]


def shown(value: Any, at: str = "spec") -> Iterator[str]:
    """Paths of all fields written; list items count as one."""
    yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from shown(inner, f"{at}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner, at)


def existing(schema: dict[str, Any], at: str = "spec") -> Iterator[str]:
    """Paths of all fields there are; a pod template's own are Kubernetes'."""
    yield at
    if at != "spec.template":
        for key, inner in schema.get("properties", {}).items():
            yield from existing(inner, f"{at}.{key}")
        if "items" in schema:
            yield from existing(schema["items"], at)


def test_one_example_shows_every_field() -> None:
    (full,) = resources((ROOT / "manifests" / "examples" / "full.yaml").read_text())
    (version,) = definition()["spec"]["versions"]
    fields = set(existing(version["schema"]["openAPIV3Schema"]["properties"]["spec"]))
    assert fields - set(shown(full["spec"])) == set()


def test_the_smallest_example_could_not_be_smaller() -> None:
    text = (ROOT / "manifests" / "examples" / "minimal.yaml").read_text()
    (smallest,) = resources(text)
    assert set(smallest["spec"]) == {"model", "traffic"}
    assert set(yaml.safe_load(text)["spec"]["model"]) == {"version", "server", "image"}


@pytest.mark.parametrize("server", ["bentoml", "mlserver"])
def test_a_real_server_is_asked_for_in_a_dozen_lines(server: str) -> None:
    text = (ROOT / "manifests" / "examples" / f"{server}.yaml").read_text()
    assert len([line for line in text.splitlines() if not line.startswith("#")]) <= 12
    (asked,) = resources(text)
    assert asked["spec"]["model"]["server"] == server
    assert {"template", "objectives", "metrics", "ports"} & set(asked["spec"]) == set()
