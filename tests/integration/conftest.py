"""What integration tests stand on: an API server a session, a namespace and a Cluster a test."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from serinus.adapters.kubernetes import Cluster
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane, running_plane
from tests.integration.controllers import Controllers
from tests.integration.within import within

NUMBERS = itertools.count(1)

ROOT = Path(__file__).parents[2]
DEFINITIONS = (
    *sorted((ROOT / "crds").glob("*.yaml")),
    *sorted((ROOT / "tests" / "integration" / "crds").glob("*.yaml")),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, so that no test here can run in `make unit`."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.integration)


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """etcd and kube-apiserver with our CRD and the Gateway API's; one for each xdist worker."""
    with running_plane(tmp_path_factory.mktemp("control-plane"), DEFINITIONS) as plane:
        yield plane


@pytest.fixture
async def admin(control_plane: ControlPlane) -> AsyncIterator[Admin]:
    """A client that may do everything, for what users and controllers do."""
    async with await Admin.of(control_plane) as client:
        yield client


@pytest.fixture
async def namespace(admin: Admin) -> str:
    """A namespace of the test's own; it stays, as nobody is there to empty it."""
    name = f"test-{next(NUMBERS)}"
    await admin.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    return name


@pytest.fixture
def controllers(admin: Admin, namespace: str) -> Controllers:
    """What makes pods, endpoints and route statuses where there is no controller manager."""
    return Controllers(admin, namespace)


@pytest.fixture
async def cluster(control_plane: ControlPlane, namespace: str) -> AsyncIterator[Cluster]:
    """The adapter as the operator has it, watching the test's namespace, its caches filled."""
    api = await control_plane.connect()
    async with Cluster(api, namespaces=[namespace], own_namespace=namespace) as cluster:
        await within(60, cluster.filled())
        yield cluster
