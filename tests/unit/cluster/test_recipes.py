"""An image is built again when, and only when, something it is made of has changed."""

from dataclasses import replace
from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.recipes import Recipe


@pytest.fixture
def context(tmp_path: Path) -> Path:
    (tmp_path / "Containerfile").write_text("FROM scratch\n")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text("print(1)\n")
    return tmp_path


def recipe(context: Path, tag: str = "serinus/app:1", **build_args: str) -> Recipe:
    return Recipe(context / "Containerfile", context, tag, build_args)


def test_the_digest_is_stable(context: Path) -> None:
    assert recipe(context).digest() == recipe(context).digest()


def test_the_digest_does_not_depend_on_the_tag(context: Path) -> None:
    assert recipe(context).digest() == recipe(context, "serinus/other:2").digest()


def test_a_changed_file_changes_the_digest(context: Path) -> None:
    before = recipe(context).digest()
    (context / "app" / "main.py").write_text("print(2)\n")
    assert recipe(context).digest() != before


def test_a_changed_mode_changes_the_digest(context: Path) -> None:
    before = recipe(context).digest()
    (context / "app" / "main.py").chmod(0o755)
    assert recipe(context).digest() != before


def test_a_build_argument_changes_the_digest(context: Path) -> None:
    assert recipe(context).digest() != recipe(context, BASE="debian").digest()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("*.log", "a.log"),
        ("**/*.log", "app/deep/a.log"),
        ("app/cache", "app/cache/file"),
        ("/app/cache/", "app/cache/file"),
        ("# comment\n**/__pycache__", "app/__pycache__/m.pyc"),
    ],
)
def test_ignored_files_do_not_count(context: Path, line: str, name: str) -> None:
    (context / ".dockerignore").write_text(line + "\n")
    before = recipe(context).digest()
    (context / name).parent.mkdir(parents=True, exist_ok=True)
    (context / name).write_text("noise")
    assert recipe(context).digest() == before


def test_what_an_ignore_file_takes_back_counts(context: Path) -> None:
    (context / ".dockerignore").write_text("*\n!app\n")
    before = recipe(context).digest()
    (context / "noise").write_text("")
    assert recipe(context).digest() == before
    (context / "app" / "new.py").write_text("")
    assert recipe(context).digest() != before


@pytest.mark.parametrize(
    ("tag", "reference"),
    [
        ("model:1", "docker.io/library/model:1"),
        ("serinus/model:1", "docker.io/serinus/model:1"),
        ("localhost/model:1", "localhost/model:1"),
        ("registry.example.com:5000/team/model:1", "registry.example.com:5000/team/model:1"),
    ],
)
def test_names_are_completed_as_kubernetes_does(context: Path, tag: str, reference: str) -> None:
    assert recipe(context, tag).reference() == reference


@pytest.mark.parametrize("tag", ["model", "model:latest", "registry.example.com:5000/model"])
def test_a_tag_that_would_always_be_pulled_is_refused(context: Path, tag: str) -> None:
    with pytest.raises(ClusterError, match="latest"):
        recipe(context, tag)


def test_a_missing_containerfile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="Containerfile"):
        Recipe(tmp_path / "Containerfile", tmp_path, "a/b:1")


def test_a_changed_file_of_another_folder_changes_the_digest(
    context: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    library = tmp_path_factory.mktemp("library")
    (library / "a.py").write_text("a = 1\n")
    both = replace(recipe(context), more={"library": library})
    before = both.digest()
    assert before != recipe(context).digest()
    (library / "__pycache__").mkdir()
    (library / "__pycache__" / "a.pyc").write_text("noise")
    assert both.digest() == before
    (library / "a.py").write_text("a = 2\n")
    assert both.digest() != before


def test_a_builder_is_told_of_every_folder_and_argument(context: Path, tmp_path: Path) -> None:
    both = replace(recipe(context, VERSION="1"), more={"library": tmp_path})
    assert both.arguments() == [
        "--build-arg=VERSION=1",
        f"--build-context=library={tmp_path}",
        f"--file={context / 'Containerfile'}",
    ]


def test_a_folder_that_is_not_there_is_named(context: Path) -> None:
    with pytest.raises(ClusterError, match="nowhere"):
        replace(recipe(context), more={"library": context / "nowhere"})
