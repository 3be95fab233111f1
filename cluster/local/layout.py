"""The node's fixed names, addresses and ports, and where its files lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cluster.places import cache_directory, state_directory

NODE: Final = "serinus"
BRIDGE: Final = "serinus0"
# The node lives at its pods' gateway: an address that is the same on every machine and network,
# and at which nothing of the node can be reached from outside the machine.
NODE_ADDRESS: Final = "10.217.0.1"
POD_NETWORK: Final = "10.217.0.0/16"
SERVICE_NETWORK: Final = "10.218.0.0/16"
API_SERVICE_ADDRESS: Final = "10.218.0.1"
DNS_SERVICE_ADDRESS: Final = "10.218.0.10"
API_PORT: Final = 6443
KUBELET_PORT: Final = 10250
KUBELET_HEALTH_PORT: Final = 10248
# Not etcd's usual ports: a test's own control plane may be running next to the node.
ETCD_PORT: Final = 12379
ETCD_PEER_PORT: Final = 12380
CGROUP: Final = "k8s.io"  # where containerd puts containers that name no parent

LONGEST_SOCKET_PATH: Final = 100  # the kernel allows 107; containerd appends ".ttrpc"


@dataclass(frozen=True)
class Layout:
    """Paths of one node's files, all below two directories."""

    state: Path
    cache: Path

    @property
    def processes(self) -> Path:
        return self.state / "processes"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def secrets(self) -> Path:
        return self.state / "secrets"

    @property
    def kubeconfig(self) -> Path:
        return self.state / "kubeconfig"

    @property
    def etcd_data(self) -> Path:
        return self.state / "etcd"

    @property
    def kubelet_root(self) -> Path:
        return self.state / "kubelet"

    @property
    def pod_logs(self) -> Path:
        return self.state / "pods"

    @property
    def cni(self) -> Path:
        return self.state / "cni"

    @property
    def containerd_state(self) -> Path:
        return self.state / "containerd"

    @property
    def containerd_socket(self) -> Path:
        return self.state / "containerd.sock"

    @property
    def containerd_content(self) -> Path:
        """Images, unpacked: kept between runs, so that a second start imports nothing."""
        return self.cache / "containerd"

    @property
    def before(self) -> Path:
        """What the machine was like before the node came, to be put back by `down`."""
        return self.state / "before.json"


def layout() -> Layout:
    """The paths as the environment of this call has them."""
    return Layout(state_directory(), cache_directory())
