"""containerd: its settings, its daemon, and the images and containers in it."""

import json
from pathlib import Path

from cluster import programs
from cluster.commands import attempt, run
from cluster.errors import ClusterError
from cluster.local import processes
from cluster.local.layout import LONGEST_SOCKET_PATH, Layout
from cluster.nodeimages import PAUSE
from cluster.waiting import until

NAMES = ("containerd",)
NAMESPACE = "k8s.io"
READY_TIMEOUT_SECONDS = 60.0


def ensure(layout: Layout) -> None:
    """Start containerd, and wait until it answers."""
    socket = layout.containerd_socket
    if len(str(socket)) > LONGEST_SOCKET_PATH:
        raise ClusterError(f"{socket} is too long for a socket: set a shorter XDG_STATE_HOME")
    directory = programs.node().ensure()
    settings = layout.state / "containerd.toml"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(_settings(layout, directory))
    processes.ensure(
        layout,
        "containerd",
        [directory / "containerd", "--config", settings, "--log-level", "warn"],
    )
    until(
        lambda: ctr(layout, "version") is not None,
        "containerd answers",
        READY_TIMEOUT_SECONDS,
        lambda: processes.fail_if_dead(layout, "containerd"),
    )


def ctr(layout: Layout, *arguments: str) -> str | None:
    """What `ctr` prints, or None when it fails."""
    done = attempt([*_ctr(layout), *arguments])
    return done.stdout if done.returncode == 0 else None


def load(layout: Layout, archive: Path, reference: str) -> None:
    """Import an image archive under its name, unpacked and ready to run."""
    run([*_ctr(layout), "images", "import", "--local", "--digests=false", archive])
    if reference not in images(layout):
        raise ClusterError(f"{archive} was imported, but {reference} is not among the images")


def images(layout: Layout) -> dict[str, str]:
    """Names of the images in containerd, with the digests they stand for."""
    rows = (ctr(layout, "images", "list") or "").splitlines()[1:]
    return {words[0]: words[2] for words in map(str.split, rows) if len(words) > 2}


def remove_all(layout: Layout) -> None:
    """End and delete every container, and what each had written; images stay."""
    for task in _quiet_list(layout, "tasks"):
        ctr(layout, "tasks", "delete", "--force", task)
    for container in _quiet_list(layout, "containers"):
        ctr(layout, "containers", "delete", container)
    for sandbox in _first_words(ctr(layout, "sandboxes", "list")):
        ctr(layout, "sandboxes", "remove", "--force", sandbox)


def _ctr(layout: Layout) -> list[str | Path]:
    # The one next to the containerd that runs: it may be older than what would be built now,
    # and a node must not wait for a compiler to be taken down.
    program = processes.program_of(layout, "containerd").with_name("ctr")
    return [program, "--address", layout.containerd_socket, "--namespace", NAMESPACE]


def _quiet_list(layout: Layout, kind: str) -> list[str]:
    return (ctr(layout, kind, "list", "--quiet") or "").split()


def _first_words(table: str | None) -> list[str]:
    return [line.split()[0] for line in (table or "").splitlines()[1:] if line.strip()]


def _settings(layout: Layout, directory: Path) -> str:
    text = json.dumps  # a JSON string is a TOML string
    return f"""\
version = 3
root = {text(str(layout.containerd_content))}
state = {text(str(layout.containerd_state))}
disabled_plugins = ["io.containerd.nri.v1.nri"]

[grpc]
address = {text(str(layout.containerd_socket))}

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = {text(PAUSE.reference())}

[plugins.'io.containerd.cri.v1.runtime']
restrict_oom_score_adj = true
disable_apparmor = true
# So that they are ours by their path when everything is taken down.
netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [{text(str(directory))}]
conf_dir = {text(str(layout.cni))}

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
SystemdCgroup = false
Root = {text(str(layout.state / "runc"))}

[plugins.'io.containerd.internal.v1.opt']
path = {text(str(layout.state / "opt"))}
"""
