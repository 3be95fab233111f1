"""The pods' share of the processor: all pods of the node together weigh what its cores weigh.

A kubelet gives pods a cgroup of that weight where it makes one a class of service, which it does
not here (`cgroupsPerQOS`). Without it they would all together weigh as much as one process.
"""

import contextlib
import os
from pathlib import Path

from cluster.local.layout import CGROUP

ROOT = Path("/sys/fs/cgroup")
SHARES_A_CORE = 1024
"""cgroup v1; what a process of its own weighs."""
WEIGHT_A_CORE = 100
"""cgroup v2, the same."""
LARGEST_WEIGHT = 10_000


def ensure(root: Path = ROOT) -> None:
    """Make the cgroup that containerd puts containers into, and give it its weight."""
    cores = len(os.sched_getaffinity(0))
    if (root / "cgroup.controllers").exists():
        _weigh(root / CGROUP / "cpu.weight", min(WEIGHT_A_CORE * cores, LARGEST_WEIGHT))
    elif (root / "cpu" / "cpu.shares").exists():
        _weigh(root / "cpu" / CGROUP / "cpu.shares", SHARES_A_CORE * cores)


def _weigh(file: Path, weight: int) -> None:
    # Where that is not for us to say, pods run all the same.
    with contextlib.suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        file.write_text(str(weight))
