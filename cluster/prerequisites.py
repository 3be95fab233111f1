"""The few programs the local node takes from the system, installed where that is ours to do."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from cluster.commands import run
from cluster.errors import ClusterError
from cluster.steps import say, step


@dataclass(frozen=True)
class Prerequisite:
    """A program, or a file by its path, and the Debian package that brings it."""

    program: str
    package: str

    def is_there(self) -> bool:
        if self.program.startswith("/"):
            return Path(self.program).exists()
        return shutil.which(self.program) is not None


NODE = (
    Prerequisite("runc", "runc"),
    Prerequisite("ip", "iproute2"),
    Prerequisite("iptables", "iptables"),
    Prerequisite("umount", "mount"),
    Prerequisite("openssl", "openssl"),
    Prerequisite("mmdebstrap", "mmdebstrap"),
    Prerequisite("/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring"),
    Prerequisite("buildah", "buildah"),
)


def ensure_for_node() -> None:
    """Raise unless this machine can be a node; install what is missing if that is allowed."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise ClusterError("the local node runs on Linux on x86_64: use CLUSTER=kind elsewhere")
    if os.geteuid() != 0:
        raise ClusterError(
            "the local node needs root (containers, a bridge, packet filter "
            "rules): run this as root, or use CLUSTER=kind"
        )
    ensure(NODE)


def ensure(wanted: tuple[Prerequisite, ...]) -> None:
    """Install the packages of missing programs, or name the command that does."""
    missing = sorted({item.package for item in wanted if not item.is_there()})
    if not missing:
        return
    names = " ".join(missing)
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise ClusterError(
            f"missing: {names}. On Debian or Ubuntu: "
            f"sudo apt-get install --no-install-recommends {names}"
        )
    say(f"installing Debian packages: {names}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with step(f"apt-get install {names}"):
        run(["apt-get", "update", "-q"], env=quiet)
        run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing], env=quiet)
