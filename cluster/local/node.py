"""Brings the one node up, tells how it is, and takes it down without a trace."""

import socket
from pathlib import Path

from cluster import prerequisites
from cluster.errors import ClusterError
from cluster.local import (
    before,
    certificates,
    containerd,
    controlplane,
    kubelet,
    leftovers,
    network,
    processes,
    share,
)
from cluster.local.layout import (
    API_PORT,
    ETCD_PORT,
    KUBELET_HEALTH_PORT,
    NODE_ADDRESS,
    Layout,
)
from cluster.steps import say, step

DAEMONS = (*kubelet.NAMES, *controlplane.NAMES, *containerd.NAMES)
BOOT = Path("/proc/sys/kernel/random/boot_id")
NODE_AGENTS = {"kubelet", "kube-proxy", "k3s-server"}
IP_FREEBIND = 15  # Python has no name for it


def is_up(layout: Layout) -> bool:
    """Whether every daemon lives and the API server serves."""
    alive = {daemon.name for daemon in processes.recorded(layout) if daemon.alive()}
    return set(DAEMONS) <= alive and controlplane.ready(layout)


def prepare(layout: Layout) -> None:
    """What must be before the first daemon: the right, the room, and the network."""
    prerequisites.ensure_for_node()
    if _of_an_earlier_boot(layout):
        say("a node was left by a crash of the machine: clearing it away first")
        remove(layout)
    _refuse_strangers(layout)
    before.remember(layout)
    (layout.state / "boot").write_text(BOOT.read_text())
    network.ensure(layout)
    share.ensure()
    certificates.ensure(layout)


def start(layout: Layout) -> None:
    """Start every daemon that does not live; containerd has its images by then."""
    with step("control plane", quiet_below_seconds=0.5):
        controlplane.ensure(layout)
    with step("kubelet and kube-proxy", quiet_below_seconds=0.5):
        kubelet.ensure(layout)


def remove(layout: Layout) -> None:
    """Stop the daemons in the order in which none of them repairs what is taken away."""
    processes.stop(layout, kubelet.NAMES)
    processes.stop(layout, controlplane.NAMES[:-1], patience_seconds=2.0)  # watches keep it open
    processes.stop(layout, ("etcd",))
    if processes.running(layout, "containerd"):
        containerd.remove_all(layout)
    processes.stop(layout, containerd.NAMES)
    seen = before.recall(layout)
    network.remove(seen)
    leftovers.remove(layout, seen)


def remaining(layout: Layout) -> list[str]:
    """What of the node is still on the machine, in words."""
    seen = before.recall(layout)
    found = [f"process {pid}" for pid in leftovers.processes(layout, seen)]
    found += [f"mount {point}" for point in leftovers.mounts(layout)]
    found += [f"network {name}" for name in network.leftovers(seen)]
    return found + ([str(layout.state)] if layout.state.exists() else [])


def _of_an_earlier_boot(layout: Layout) -> bool:
    file = layout.state / "boot"
    return file.exists() and file.read_text() != BOOT.read_text()


def _refuse_strangers(layout: Layout) -> None:
    ours = {daemon.pid for daemon in processes.recorded(layout)}
    for entry in Path("/proc").glob("[0-9]*"):
        pid = int(entry.name)
        stranger = _name(entry) in NODE_AGENTS and pid not in ours
        if stranger and processes.start_ticks_of(pid) is not None:  # else it is a zombie
            raise ClusterError(
                f"process {entry.name} is a {_name(entry)} that is not ours: this machine is "
                "already a node. Use it with CLUSTER=current, or stop it"
            )
    ports = {
        "etcd": ("127.0.0.1", ETCD_PORT),
        "kube-apiserver": (NODE_ADDRESS, API_PORT),
        "kubelet": ("127.0.0.1", KUBELET_HEALTH_PORT),
    }
    for name, address in ports.items():
        if not processes.running(layout, name) and _taken(address):
            raise ClusterError(
                f"{address[0]}:{address[1]} is in use by another program, and "
                f"our {name} needs it: stop that program first"
            )


def _name(entry: Path) -> str:
    try:
        return (entry / "comm").read_text().strip()
    except OSError:
        return ""


def _taken(address: tuple[str, int]) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.setsockopt(socket.IPPROTO_IP, IP_FREEBIND, 1)  # the bridge may not be there yet
        try:
            probe.bind(address)
        except OSError:
            return True
    return False
