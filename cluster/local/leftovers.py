"""Takes away what outlives the daemons: shims, containers' processes, mounts, cgroups, files."""

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from cluster.commands import attempt
from cluster.local.before import DIRECTORIES, Before, cgroups
from cluster.local.layout import Layout

PATIENCE_SECONDS = 5.0
SHIM_SOCKETS = Path("/run/containerd/s")
CONTAINER_LOG_LINKS = Path("/var/log/containers")
PLUGIN_RESULTS = Path("/var/lib/cni/results")


def processes(layout: Layout, before: Before) -> list[int]:
    """Shims, by their very file, and whatever still runs in the node's own cgroup."""
    ours = f"{layout.cache / 'programs'}/"
    found = {
        int(entry.name)
        for entry in Path("/proc").glob("[0-9]*")
        if (program := _resolved(entry / "exe")).startswith(ours)
        and program.removesuffix(" (deleted)").endswith("/containerd-shim-runc-v2")
    }
    for group in () if before.cgroup else cgroups():
        with contextlib.suppress(OSError):
            found.update(int(pid) for pid in (group / "cgroup.procs").read_text().split())
    return sorted(found)


def mounts(layout: Layout) -> list[str]:
    """Mount points of the node, the innermost first."""
    roots = tuple(f"{path}/" for path in (layout.state, layout.cache))
    points = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted((point for point in points if point.startswith(roots)), reverse=True)


def remove(layout: Layout, before: Before) -> None:
    """Take all of it away."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (pids := processes(layout, before)) and time.monotonic() < deadline:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    for point in mounts(layout):
        attempt(["umount", "--lazy", point])
    for group in () if before.cgroup else cgroups():
        with contextlib.suppress(OSError):
            group.rmdir()
    _remove_links_and_sockets(layout)
    for directory in set(DIRECTORIES) - set(before.directories):
        shutil.rmtree(directory, ignore_errors=True)
    shutil.rmtree(layout.state, ignore_errors=True)


def _remove_links_and_sockets(layout: Layout) -> None:
    if CONTAINER_LOG_LINKS.is_dir():
        for link in CONTAINER_LOG_LINKS.iterdir():
            if link.is_symlink() and str(link.readlink()).startswith(str(layout.state)):
                link.unlink()
    for pattern in ("serinus-*", "cni-loopback-*"):
        for result in PLUGIN_RESULTS.glob(pattern):
            result.unlink()
    in_use = Path("/proc/net/unix").read_text()
    for socket in SHIM_SOCKETS.glob("*"):
        if str(socket) not in in_use:
            socket.unlink()


def _resolved(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""
