"""The node's daemons: started apart from their starter, known by process id and start time."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.errors import ClusterError
from cluster.local.layout import Layout

POLL_SECONDS = 0.05
LAST_LINES = 15
# Daemons outlive us; held, so that Python does not complain that nobody waits for them.
_started: list[subprocess.Popen[bytes]] = []


@dataclass(frozen=True)
class Daemon:
    """A process that was started; its start time tells it from a later one with the same id."""

    name: str
    pid: int
    start_ticks: int

    def alive(self) -> bool:
        return start_ticks_of(self.pid) == self.start_ticks


def start_ticks_of(pid: int) -> int | None:
    """When a process began, in clock ticks since boot; None when it is gone or only a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def recorded(layout: Layout) -> list[Daemon]:
    """Every daemon that was started and not yet stopped, alive or not."""
    files = sorted(layout.processes.glob("*.json"))
    return [Daemon(**json.loads(file.read_text())) for file in files]


def running(layout: Layout, name: str) -> bool:
    """Whether this very daemon still lives."""
    return any(daemon.alive() for daemon in recorded(layout) if daemon.name == name)


def program_of(layout: Layout, name: str) -> Path:
    """The file a living daemon runs."""
    for daemon in recorded(layout):
        if daemon.name == name and daemon.alive():
            return Path(str(Path(f"/proc/{daemon.pid}/exe").readlink()).removesuffix(" (deleted)"))
    raise ClusterError(f"{name} is not running: `python3 -m cluster up` first")


def ensure(
    layout: Layout, name: str, argv: Sequence[str | Path], env: Mapping[str, str] | None = None
) -> bool:
    """Start a daemon unless it lives; its output goes to a log. True if it was started."""
    if running(layout, name):
        return False
    layout.logs.mkdir(parents=True, exist_ok=True)
    layout.processes.mkdir(parents=True, exist_ok=True)
    with log_of(layout, name).open("ab") as log:
        child = subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **(env or {})},
            cwd="/",
            start_new_session=True,
        )
    _started.append(child)
    daemon = Daemon(name, child.pid, start_ticks_of(child.pid) or 0)
    _record(layout, daemon)
    return True


def stop(layout: Layout, names: Sequence[str], patience_seconds: float = 10.0) -> None:
    """End daemons: politely, then not; and forget them."""
    daemons = [daemon for daemon in recorded(layout) if daemon.name in names]
    for daemon in daemons:
        _signal(daemon, signal.SIGTERM)
    deadline = time.monotonic() + patience_seconds
    while time.monotonic() < deadline and any(daemon.alive() for daemon in daemons):
        time.sleep(POLL_SECONDS)
    for daemon in daemons:
        _signal(daemon, signal.SIGKILL)
        (layout.processes / f"{daemon.name}.json").unlink(missing_ok=True)


def log_of(layout: Layout, name: str) -> Path:
    """Where a daemon's output goes."""
    return layout.logs / f"{name}.log"


def fail_if_dead(layout: Layout, name: str) -> None:
    """Raise with a daemon's last words when it has ended."""
    if running(layout, name):
        return
    log = log_of(layout, name)
    lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:] if log.exists() else []
    raise ClusterError(f"{name} has ended; its log {log} closes with:\n" + "\n".join(lines))


def _record(layout: Layout, daemon: Daemon) -> None:
    # Others read the records meanwhile, and a half-written one would be a daemon lost.
    part = layout.processes / f"{daemon.name}.part"
    part.write_text(json.dumps(asdict(daemon)))
    part.replace(layout.processes / f"{daemon.name}.json")


def _signal(daemon: Daemon, number: signal.Signals) -> None:
    if daemon.alive():
        try:
            os.kill(daemon.pid, number)
        except ProcessLookupError:
            return
