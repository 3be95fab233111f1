"""The image local builds start from: Debian with Python, made from packages, not pulled."""

import hashlib
import tempfile
from pathlib import Path

from cluster import buildah
from cluster.commands import run
from cluster.locks import only_one
from cluster.places import cache_directory
from cluster.recipes import Recipe
from cluster.steps import step
from cluster.versions import DEBIAN_SUITE

PACKAGES = ("ca-certificates", "python3", "python3-pip", "python3-venv")
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# As in the official Python image: `python` is a name, and pip may install into the system.
CUSTOMIZE = 'ln -sf python3 "$1/usr/bin/python"; rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED'
CONTAINERFILE = 'FROM scratch\nADD rootfs.tar /\nCMD ["python3"]\n'


def version() -> str:
    """Changes with how the image is made; not with the day, so a kept one stays in use."""
    described = repr((DEBIAN_SUITE, PACKAGES, LEFT_OUT, CUSTOMIZE, CONTAINERFILE)).encode()
    return f"{DEBIAN_SUITE}-{hashlib.sha256(described).hexdigest()[:8]}"


def ensure() -> str:
    """The base image's name in the local store, made where missing."""
    marker = cache_directory() / "images" / f"base-{version()}"
    with only_one("base-image"):
        if marker.exists() and buildah.exists(name := marker.read_text()):
            return name
        with step(f"base image (Debian {DEBIAN_SUITE} with Python)"):
            name = _make()
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(name)
        return name


def _make() -> str:
    with tempfile.TemporaryDirectory() as directory:
        context = Path(directory)
        run(
            [
                "mmdebstrap",
                "--quiet",
                "--variant=apt",
                f"--include={','.join(PACKAGES)}",
                *(f"--dpkgopt=path-exclude={pattern}" for pattern in LEFT_OUT),
                f"--customize-hook={CUSTOMIZE}",
                *_keyring(),
                DEBIAN_SUITE,
                context / "rootfs.tar",
            ]
        )
        containerfile = context / "Containerfile"
        containerfile.write_text(CONTAINERFILE)
        return buildah.ensure(Recipe(containerfile, context, f"serinus/base:{version()}"))


def _keyring() -> list[str]:
    """Ubuntu's own keys do not vouch for Debian; its package of Debian's keys does."""
    file = "/usr/share/keyrings/debian-archive-keyring.gpg"
    return [f"--keyring={file}"] if Path(file).exists() else []
