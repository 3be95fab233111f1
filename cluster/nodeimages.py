"""The images of the node's own parts, each a binary in cluster/images/<name>/Containerfile."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster import baseimage, buildah, programs
from cluster.recipes import Recipe

DIRECTORY = Path(__file__).resolve().parent / "images"


@dataclass(frozen=True)
class NodeImage:
    """One image: its name, which is its Containerfile's directory, and the program it carries."""

    name: str
    program: str
    needs_base: bool = True

    def reference(self) -> str:
        """Named by what is in it, so that its presence in the node says that it is right."""
        described = [
            (DIRECTORY / self.name / "Containerfile").read_text(),
            _set_of(self.program).directory().name,
        ]
        if self.needs_base:
            described.append(baseimage.version())
        digest = hashlib.sha256("\0".join(described).encode()).hexdigest()[:12]
        return f"docker.io/serinus/{self.name}:{digest}"

    def build(self) -> str:
        """Build it in the local store and return its name there."""
        arguments = {"BASE": baseimage.ensure()} if self.needs_base else {}
        with self._recipe(arguments) as recipe:
            return buildah.ensure(recipe)

    @contextmanager
    def _recipe(self, arguments: Mapping[str, str]) -> Iterator[Recipe]:
        with tempfile.TemporaryDirectory(dir=buildah.scratch()) as context:
            _link_or_copy(_set_of(self.program).ensure() / self.program, Path(context))
            containerfile = DIRECTORY / self.name / "Containerfile"
            yield Recipe(containerfile, Path(context), self.reference(), arguments)


PAUSE = NodeImage("pause", "pause", needs_base=False)
COREDNS = NodeImage("coredns", "coredns", needs_base=False)
ENVOY_GATEWAY = NodeImage("envoy-gateway", "envoy-gateway")
ENVOY = NodeImage("envoy", "envoy")
PROMETHEUS = NodeImage("prometheus", "prometheus", needs_base=False)
ALL = (PAUSE, COREDNS, ENVOY_GATEWAY, ENVOY, PROMETHEUS)
# Those that wait for no compiler.
WITHOUT_BUILD = (ENVOY,)


def _set_of(program: str) -> programs.ProgramSet:
    return programs.envoy() if program == "envoy" else programs.node()


def _link_or_copy(file: Path, directory: Path) -> None:
    try:
        os.link(file, directory / file.name)
    except OSError:
        shutil.copy2(file, directory / file.name)
