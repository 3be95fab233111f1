"""The cluster is chosen by name, and nobody's own context is ever chosen by accident."""

from pathlib import Path

import pytest

from cluster.current import CurrentCluster
from cluster.errors import ClusterError
from cluster.providers import chosen
from cluster.recipes import Recipe


@pytest.fixture(autouse=True)
def no_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CLUSTER", raising=False)


def engine(directory: Path, name: str, script: str) -> None:
    file = directory / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_without_an_engine_it_is_the_local_node() -> None:
    assert chosen().name == "local"


def test_with_an_engine_that_answers_it_is_kind(tmp_path: Path) -> None:
    engine(tmp_path, "docker", "echo 28.0.1")
    assert chosen("auto").name == "kind"


@pytest.mark.parametrize("script", ["exit 1", "exit 0"])
def test_an_engine_without_a_server_does_not_count(tmp_path: Path, script: str) -> None:
    engine(tmp_path, "docker", script)
    assert chosen().name == "local"


@pytest.mark.parametrize("name", ["kind", "local", "current"])
def test_the_environment_names_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("CLUSTER", name)
    assert chosen().name == name


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ClusterError, match="auto, kind, local, current"):
        chosen("minikube")


def test_the_users_own_cluster_takes_images_from_a_registry_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SERINUS_REGISTRY", raising=False)
    (tmp_path / "Containerfile").write_text("FROM scratch\n")
    with pytest.raises(ClusterError, match="SERINUS_REGISTRY"):
        CurrentCluster().build(Recipe(tmp_path / "Containerfile", tmp_path, "a/b:1"))
