"""An API server of its own for tests that install: at first there is not even our CRD."""

from collections.abc import Iterator

import pytest

from tests.chart.rendering import NAMESPACE, ROOT
from tests.integration.control_plane import ControlPlane, assets
from tests.integration.install.target import DEFINITION, TEMPLATES, Target


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
def defined(bare: Target) -> Target:
    """The same with our CRDs on it."""
    bare.kubectl("apply", "--server-side", "--force-conflicts", "--filename", str(ROOT / "crds"))
    established = ("--for", "condition=Established", "--timeout=120s")
    bare.kubectl("wait", DEFINITION, *TEMPLATES, *established)
    return bare


@pytest.fixture
def target(bare: Target) -> Iterator[Target]:
    """The same, and what a test installs of the operator is gone after it."""
    yield bare
    for release in bare.helm("list", "--short").split():
        bare.helm("uninstall", release)
    kinds = (
        "clusterroles,clusterrolebindings,roles,rolebindings,deployments,services,serviceaccounts,"
        "flowschemas"
    )
    ours = ("--selector", "app.kubernetes.io/name=serinus", "--all-namespaces")
    bare.kubectl("delete", kinds, *ours, "--wait=false")


@pytest.fixture
def blank(target: Target) -> Target:
    """The same without CRD and models, as before the very first installation."""
    target.kubectl("delete", DEFINITION, *TEMPLATES, "--ignore-not-found", "--timeout=120s")
    return target
