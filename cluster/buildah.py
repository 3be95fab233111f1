"""Builds images without a container engine, in a store apart from the system's."""

import ssl
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.commands import attempt, run
from cluster.locks import only_one
from cluster.places import cache_directory, state_directory
from cluster.recipes import Recipe

CERTIFICATES_IN_IMAGE = "/etc/ssl/certs/ca-certificates.crt"


def ensure(recipe: Recipe) -> str:
    """Build an image unless the store holds one of the same recipe; returns its store name."""
    name = f"localhost/serinus-recipe:{recipe.digest()}"
    if not exists(name):
        with only_one("buildah-" + recipe.tag.replace("/", "-")), _machine_settings() as volumes:
            run(
                [
                    *_buildah(),
                    "bud",
                    "--isolation",
                    "chroot",
                    "--network",
                    "host",
                    "--layers",
                    *volumes,
                    *recipe.arguments(),
                    "--tag",
                    name,
                    recipe.context,
                ]
            )
    return name


@contextmanager
def archive(name: str, reference: str) -> Iterator[Path]:
    """An image of the store as a file that a node can import, for as long as it is needed."""
    with tempfile.TemporaryDirectory(dir=scratch()) as directory:
        file = Path(directory) / "image.tar"
        # Compressing what is unpacked again on the same machine would be most of the time.
        run(
            [
                *_buildah(),
                "push",
                "--disable-compression",
                name,
                f"docker-archive:{file}:{reference}",
            ]
        )
        yield file


def scratch() -> Path:
    """Room for large files on the cache's own disk: /tmp may be memory."""
    directory = cache_directory() / "scratch"
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def exists(name: str) -> bool:
    """Whether the store holds an image."""
    return attempt([*_buildah(), "inspect", "--type", "image", name]).returncode == 0


def _buildah() -> list[str | Path]:
    return [
        "buildah",
        "--root",
        cache_directory() / "buildah",
        "--runroot",
        state_directory() / "buildah",
    ]


@contextmanager
def _machine_settings() -> Iterator[list[str]]:
    """The machine's certificates and pip settings, lent to a build and not left in the image."""
    with tempfile.TemporaryDirectory() as directory:
        pip = Path(directory) / "pip.conf"
        pip.write_text(_pip_settings())
        volumes = [f"--volume={pip}:/etc/pip.conf:ro"]
        bundle = ssl.get_default_verify_paths().cafile
        if bundle and Path(bundle).exists():
            volumes.append(f"--volume={bundle}:{CERTIFICATES_IN_IMAGE}:ro")
        yield volumes


def _pip_settings() -> str:
    """What pip is told on this machine, by file or environment, as one file."""
    listed = attempt([sys.executable, "-m", "pip", "config", "list"]).stdout
    settings = {"cert": CERTIFICATES_IN_IMAGE}
    for line in listed.splitlines():
        key, separator, value = line.partition("=")
        name = key.rpartition(".")[2]
        if separator and name not in {"cert", "find-links", "require-virtualenv"}:
            settings[name] = value.strip("'\"")
    return "[global]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
