"""The node's bridge, its pods' addresses, and what is changed in the kernel for them."""

import json
from pathlib import Path

from cluster.commands import attempt, run
from cluster.local.before import FAMILIES, Before, chains, read_setting, write_setting
from cluster.local.layout import BRIDGE, NODE_ADDRESS, POD_NETWORK, Layout

RULE = [
    "POSTROUTING",
    "-s",
    POD_NETWORK,
    "!",
    "-d",
    POD_NETWORK,
    "-m",
    "comment",
    "--comment",
    "serinus pods",
    "-j",
    "MASQUERADE",
]


def ensure(layout: Layout) -> None:
    """The bridge with the node's address, forwarding, and one rule for pods that go outside."""
    if attempt(["ip", "link", "show", "dev", BRIDGE]).returncode != 0:
        run(["ip", "link", "add", "name", BRIDGE, "type", "bridge"])
    prefix_length = POD_NETWORK.partition("/")[2]
    run(["ip", "address", "replace", f"{NODE_ADDRESS}/{prefix_length}", "dev", BRIDGE])
    run(["ip", "link", "set", BRIDGE, "up"])
    write_setting("net/ipv4/ip_forward", "1")
    # Pods on one bridge talk past the router: without this a Service's answer is not translated.
    attempt(["modprobe", "br_netfilter"])
    write_setting("net/bridge/bridge-nf-call-iptables", "1")
    if attempt(["iptables", "-w", "-t", "nat", "-C", *RULE]).returncode != 0:
        run(["iptables", "-w", "-t", "nat", "-A", *RULE])
    layout.cni.mkdir(parents=True, exist_ok=True)
    (layout.cni / "10-serinus.conflist").write_text(json.dumps(_plugins(layout), indent=2))


def remove(before: Before) -> None:
    """Take away the bridge and every rule that came with the node; put settings back."""
    attempt(["ip", "link", "delete", BRIDGE])
    attempt(["iptables", "-w", "-t", "nat", "-D", *RULE])
    for family in FAMILIES:
        _remove_chains(family, set(before.chains.get(family, [])))
    for name, value in before.settings.items():
        if read_setting(name) != value:
            write_setting(name, value)


def leftovers(before: Before) -> list[str]:
    """What of the node's network is still there."""
    found = [BRIDGE] if Path(f"/sys/class/net/{BRIDGE}").exists() else []
    return found + [
        chain
        for family in FAMILIES
        for chain in sorted(chains(family) - set(before.chains.get(family, [])))
    ]


def _plugins(layout: Layout) -> dict[str, object]:
    addresses = {
        "type": "host-local",
        "dataDir": str(layout.cni / "addresses"),
        "ranges": [[{"subnet": POD_NETWORK}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": addresses,
    }
    return {"cniVersion": "1.0.0", "name": "serinus", "plugins": [bridge]}


def _remove_chains(family: str, keep: set[str]) -> None:
    ours = chains(family) - keep
    if not ours:
        return
    lines: list[str] = []
    names: list[str] = []
    for line in attempt([f"{family}-save"]).stdout.splitlines():
        if line.startswith("*"):
            names = [name for table, name in map(str.split, ours) if table == line[1:].strip()]
            lines += [line, *(f"-F {name}" for name in names)]
        elif line == "COMMIT":
            lines += [*(f"-X {name}" for name in names), line]
        elif line.startswith("-A ") and _jumps_from_outside(line, names):
            lines.append("-D " + line.removeprefix("-A "))
    # Rules are put in one go: half of them taken away would be a wall without a door.
    run([f"{family}-restore", "--noflush", "-w"], stdin="\n".join(lines) + "\n")


def _jumps_from_outside(rule: str, names: list[str]) -> bool:
    words = rule.split()
    target = words[words.index("-j") + 1] if "-j" in words else ""
    return target in names and words[1] not in names
