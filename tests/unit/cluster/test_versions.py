"""Each build has its own go.mod, and the versions that stand there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import versions


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for build, version in (("another", "v1.34.5 // indirect"), ("kubernetes", "v1.36.3")):
        (tmp_path / build).mkdir()
        (tmp_path / build / "go.mod").write_text(f"require (\n\tk8s.io/kubernetes {version}\n)\n")
    monkeypatch.setattr(versions, "BUILD_DIRECTORY", tmp_path)
    versions.of_module.cache_clear()
    yield
    versions.of_module.cache_clear()


@pytest.mark.usefixtures("builds")
def test_what_another_build_requires_changes_no_version() -> None:
    assert versions.kubernetes() == "v1.36.3"
    assert versions.of_module("another", "k8s.io/kubernetes") == "v1.34.5"


@pytest.mark.usefixtures("builds")
def test_what_no_build_requires_has_no_version() -> None:
    with pytest.raises(LookupError, match="another"):
        versions.of_module("another", "sigs.k8s.io/kwok")
