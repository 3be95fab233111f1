"""Installing without Helm installs the same."""

import os
import subprocess

import pytest

from tests.chart.rendering import ROOT, Manifest, documents, program, render

FOLDER = ROOT / "manifests"


@pytest.fixture(scope="module")
def built() -> list[Manifest]:
    """What `kubectl apply -k manifests/` would apply."""
    run = subprocess.run(
        [program("kubectl"), "kustomize", str(FOLDER)], capture_output=True, text=True, check=True
    )
    return list(documents(run.stdout))


def test_the_committed_manifests_are_current() -> None:
    run = subprocess.run(
        [str(FOLDER / "render.sh")],
        env={**os.environ, "HELM": program("helm")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == (FOLDER / "operator.yaml").read_text(), "run `make manifests`"


def without_helms_label(manifest: Manifest) -> Manifest:
    def cleaned(value: object) -> object:
        if isinstance(value, dict):
            return {
                key: cleaned(inner)
                for key, inner in value.items()
                if (key, inner) != ("app.kubernetes.io/managed-by", "Helm")
            }
        return [cleaned(inner) for inner in value] if isinstance(value, list) else value

    return {key: cleaned(inner) for key, inner in manifest.items()}


def by_name(manifests: list[Manifest]) -> dict[tuple[str, str], Manifest]:
    return {(each["kind"], each["metadata"]["name"]): each for each in manifests}


def test_kustomize_installs_what_the_chart_does_by_default(built: list[Manifest]) -> None:
    charted = by_name([without_helms_label(each) for each in render({"crds": {"install": True}})])
    namespace = ("Namespace", "serinus-system")
    assert {name: each for name, each in by_name(built).items() if name != namespace} == charted


def test_the_namespace_refuses_pods_with_more_rights(built: list[Manifest]) -> None:
    labels = by_name(built)["Namespace", "serinus-system"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_taking_the_operator_away_takes_no_model_along() -> None:
    """Whoever deletes operator.yaml keeps the definition, and with it every resource."""
    kinds = {each["kind"] for each in documents((FOLDER / "operator.yaml").read_text())}
    assert not kinds & {"CustomResourceDefinition", "Namespace"}
