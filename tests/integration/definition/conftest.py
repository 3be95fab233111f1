"""A namespace for the definition's tests, the API server's front door, and kubectl."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kubernetes import client, config

from tests.integration.control_plane import ControlPlane
from tests.integration.definition.front_door import NAMESPACE, FrontDoor

Kubectl = Callable[..., str]


@pytest.fixture(scope="session")
def front_door(control_plane: ControlPlane) -> Iterator[FrontDoor]:
    configuration = client.Configuration()
    config.load_kube_config(str(control_plane.kubeconfig()), client_configuration=configuration)
    with client.ApiClient(configuration) as api:
        namespace = {"metadata": {"name": NAMESPACE}}
        client.CoreV1Api(api).create_namespace(namespace)
        yield FrontDoor(api)


@pytest.fixture(scope="session")
def kubectl(
    control_plane: ControlPlane, front_door: FrontDoor, tmp_path_factory: pytest.TempPathFactory
) -> Kubectl:
    """The real kubectl, in our namespace and with a home of its own for its caches."""
    home = tmp_path_factory.mktemp("kubectl-home")
    program: Path = control_plane.assets / "kubectl"

    def run(*arguments: str, stdin: str | None = None) -> str:
        environment = {
            "HOME": str(home),
            "KUBECONFIG": str(control_plane.kubeconfig()),
            "PATH": os.environ["PATH"],
        }
        ended = subprocess.run(
            [program, *arguments],
            input=stdin,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run
