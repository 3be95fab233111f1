"""The node's own agents: kubelet and kube-proxy."""

import json
from pathlib import Path

from cluster import programs
from cluster.local import certificates, processes
from cluster.local.layout import (
    DNS_SERVICE_ADDRESS,
    KUBELET_HEALTH_PORT,
    KUBELET_PORT,
    NODE,
    NODE_ADDRESS,
    POD_NETWORK,
    Layout,
)
from cluster.waiting import answers, until

NAMES = ("kubelet", "kube-proxy")
READY_TIMEOUT_SECONDS = 60.0


def ensure(layout: Layout) -> None:
    """Start what is not running, and wait until the kubelet is well."""
    directory = programs.kubernetes().ensure()
    settings = layout.state / "kubelet.json"
    settings.write_text(json.dumps(_settings(layout), indent=2))
    processes.ensure(
        layout,
        "kubelet",
        [
            directory / "kubelet",
            f"--config={settings}",
            f"--hostname-override={NODE}",
            f"--kubeconfig={certificates.kubeconfig_of(layout, f'system:node:{NODE}')}",
            f"--node-ip={NODE_ADDRESS}",
            f"--root-dir={layout.kubelet_root}",
            f"--cert-dir={layout.kubelet_root}/pki",
        ],
    )
    processes.ensure(layout, "kube-proxy", [directory / "kube-proxy", *_proxy_flags(layout)])
    until(
        lambda: answers(f"http://127.0.0.1:{KUBELET_HEALTH_PORT}/healthz"),
        "the kubelet is well",
        READY_TIMEOUT_SECONDS,
        lambda: processes.fail_if_dead(layout, "kubelet"),
    )


def upstream_name_servers() -> list[str]:
    """The machine's own name servers, as far as a pod can reach them."""
    # systemd-resolved listens on loopback, which in a pod is the pod; its own list is elsewhere.
    for file in (Path("/run/systemd/resolve/resolv.conf"), Path("/etc/resolv.conf")):
        if file.exists():
            words = [line.split() for line in file.read_text().splitlines()]
            found = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]
            if reachable := [server for server in found if not server.startswith("127.")]:
                return reachable
    return []


def _resolver_file(layout: Layout) -> Path:
    file = layout.state / "resolv.conf"
    file.write_text("".join(f"nameserver {server}\n" for server in upstream_name_servers()))
    return file


RESOURCE_SETTINGS: dict[str, object] = {
    # No tree of quality classes: the machine may give us neither systemd nor the right to
    # raise limits. A container's own limits hold all the same.
    "cgroupDriver": "cgroupfs",
    "cgroupsPerQOS": False,
    "enforceNodeAllocatable": [],
    "failCgroupV1": False,
    "failSwapOn": False,
    "localStorageCapacityIsolation": False,
    "oomScoreAdj": 0,
    # A full disk of the user's is no reason to throw pods out, nor images away.
    "evictionHard": {
        "memory.available": "50Mi",
        "nodefs.available": "0%",
        "nodefs.inodesFree": "0%",
        "imagefs.available": "0%",
    },
    "imageGCHighThresholdPercent": 100,
    "imageGCLowThresholdPercent": 99,
    "maxPods": 200,
    "nodeStatusUpdateFrequency": "5s",
    "serializeImagePulls": False,
}


def _settings(layout: Layout) -> dict[str, object]:
    keys = layout.secrets
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "port": KUBELET_PORT,
        "healthzPort": KUBELET_HEALTH_PORT,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{keys}/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{keys}/kubelet.crt",
        "tlsPrivateKeyFile": f"{keys}/kubelet.key",
        "clusterDNS": [DNS_SERVICE_ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": str(_resolver_file(layout)),
        "containerRuntimeEndpoint": f"unix://{layout.containerd_socket}",
        "podLogsDir": str(layout.pod_logs),
        "volumePluginDir": str(layout.kubelet_root / "volume-plugins"),
        **RESOURCE_SETTINGS,
    }


def _proxy_flags(layout: Layout) -> list[str]:
    return [
        f"--kubeconfig={certificates.kubeconfig_of(layout, 'system:kube-proxy')}",
        f"--hostname-override={NODE}",
        f"--cluster-cidr={POD_NETWORK}",
        "--proxy-mode=iptables",
        "--metrics-bind-address=127.0.0.1:10249",
        "--healthz-bind-address=",
        # The machine's connection tracking stays as it is.
        "--conntrack-max-per-core=0",
        "--conntrack-tcp-timeout-established=0s",
        "--conntrack-tcp-timeout-close-wait=0s",
        "--nodeport-addresses=primary",
        "--iptables-localhost-nodeports=false",
        "--iptables-min-sync-period=100ms",
    ]
