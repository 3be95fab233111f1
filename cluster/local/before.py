"""What the machine was like before the node came, so that `down` can put it back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cluster.commands import attempt
from cluster.local.layout import CGROUP, Layout

FAMILIES = ("iptables", "ip6tables")
CHAIN_PREFIXES = ("KUBE-", "CNI-")
# What we, the kubelet or the bridge plugin write.
SETTINGS = (
    "net/ipv4/ip_forward",
    "net/ipv4/conf/all/route_localnet",
    "net/bridge/bridge-nf-call-iptables",
    "net/bridge/bridge-nf-call-ip6tables",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
# The parts of the node make these where they are missing, and can be told no other place.
DIRECTORIES = (
    "/run/containerd",
    "/var/lib/cni",
    "/var/lib/kubelet",
    "/var/log/containers",
    "/opt/containerd",
)


@dataclass(frozen=True)
class Before:
    """Packet filter chains, kernel settings, and whose cgroup and directories were there."""

    chains: Mapping[str, list[str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    cgroup: bool = False
    directories: list[str] = field(default_factory=lambda: list(DIRECTORIES))


def remember(layout: Layout) -> None:
    """Note it once for each life of the node."""
    if layout.before.exists():
        return
    layout.state.mkdir(parents=True, exist_ok=True)
    before = Before(
        {family: sorted(chains(family)) for family in FAMILIES},
        {name: value for name in SETTINGS if (value := read_setting(name)) is not None},
        bool(cgroups()),
        [directory for directory in DIRECTORIES if Path(directory).exists()],
    )
    part = layout.before.with_suffix(".part")
    part.write_text(json.dumps(asdict(before), indent=2))
    part.replace(layout.before)


def recall(layout: Layout) -> Before:
    """What was noted; where nothing was, nothing is known to be ours."""
    if not layout.before.exists():
        return Before(cgroup=True)
    return Before(**json.loads(layout.before.read_text()))


def chains(family: str) -> set[str]:
    """`table chain` of every chain that Kubernetes or a network plugin has made."""
    found, table = set(), ""
    for line in attempt([f"{family}-save"]).stdout.splitlines():
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(tuple(f":{prefix}" for prefix in CHAIN_PREFIXES)):
            found.add(f"{table} {line[1:].split()[0]}")
    return found


def cgroups() -> list[Path]:
    """The containers' cgroups, the innermost first; one tree (v2) or one a controller (v1)."""
    tops = [*Path("/sys/fs/cgroup").glob(CGROUP), *Path("/sys/fs/cgroup").glob(f"*/{CGROUP}")]
    inner = [path for top in tops for path in top.rglob("*") if path.is_dir()]
    return sorted({*tops, *inner}, key=lambda path: len(path.parts), reverse=True)


def read_setting(name: str) -> str | None:
    """A kernel setting, None where this kernel has none of that name."""
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return None


def write_setting(name: str, value: str) -> None:
    """Change a kernel setting that is there and is different."""
    if read_setting(name) not in {None, value}:
        Path("/proc/sys", name).write_text(value)
