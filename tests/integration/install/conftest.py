"""An API server of its own for tests that install: on it there is not even our CRD."""

from collections.abc import Iterator

import pytest

from tests.chart.rendering import NAMESPACE
from tests.integration.control_plane import ControlPlane, assets
from tests.integration.install.target import Target


@pytest.fixture(scope="package")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A cluster on which nothing is installed, with some namespaces."""
    plane = ControlPlane(assets(), tmp_path_factory.mktemp("bare") / "plane")
    try:
        plane.start()
        target = Target(plane.kubeconfig(), tmp_path_factory.mktemp("home"))
        for namespace in (NAMESPACE, "fraud", "search", "elsewhere"):
            target.kubectl("create", "namespace", namespace)
        yield target
    finally:
        plane.stop()


@pytest.fixture
def target(bare: Target) -> Iterator[Target]:
    """The same, and after each test nothing is left of what it installed."""
    yield bare
    for release in bare.helm("list", "--short").split():
        bare.helm("uninstall", release, "--ignore-not-found")
    kinds = (
        "clusterroles,clusterrolebindings,roles,rolebindings,deployments,services,serviceaccounts"
    )
    ours = ("--selector", "app.kubernetes.io/name=serinus", "--all-namespaces")
    bare.kubectl("delete", kinds, *ours, "--ignore-not-found")
    definition = ("delete", "crd", "mlmodeldeployments.serinus.dev", "--ignore-not-found")
    bare.kubectl(*definition, "--timeout=30s")
