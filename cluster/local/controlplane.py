"""etcd, the API server, the controllers and the scheduler, as daemons."""

from cluster import programs
from cluster.local import certificates, processes
from cluster.local.layout import (
    API_PORT,
    ETCD_PEER_PORT,
    ETCD_PORT,
    NODE_ADDRESS,
    SERVICE_NETWORK,
    Layout,
)
from cluster.waiting import answers, until

NAMES = ("kube-scheduler", "kube-controller-manager", "kube-apiserver", "etcd")
READY_TIMEOUT_SECONDS = 90.0


def ensure(layout: Layout) -> None:
    """Start what is not running, and wait until the API server serves."""
    directory = programs.kubernetes().ensure()
    processes.ensure(layout, "etcd", [directory / "etcd", *_etcd_flags(layout)])
    processes.ensure(
        layout, "kube-apiserver", [directory / "kube-apiserver", *_apiserver_flags(layout)]
    )
    until(
        lambda: ready(layout),
        "the API server is ready",
        READY_TIMEOUT_SECONDS,
        lambda: _still_alive(layout),
    )
    for name in ("kube-controller-manager", "kube-scheduler"):
        kubeconfig = certificates.kubeconfig_of(layout, f"system:{name}")
        # One of each: a leader election would only delay its first action.
        flags = [f"--kubeconfig={kubeconfig}", "--leader-elect=false", "--secure-port=0"]
        extra = _controller_flags(layout) if name == "kube-controller-manager" else []
        processes.ensure(layout, name, [directory / name, *flags, *extra])


def ready(layout: Layout) -> bool:
    """Whether the API server says that it is ready."""
    authority = layout.secrets / "ca.crt"
    return authority.exists() and answers(
        f"https://{NODE_ADDRESS}:{API_PORT}/readyz", str(authority)
    )


def _still_alive(layout: Layout) -> None:
    for name in ("etcd", "kube-apiserver"):
        processes.fail_if_dead(layout, name)


def _etcd_flags(layout: Layout) -> list[str]:
    client, peer = f"http://127.0.0.1:{ETCD_PORT}", f"http://127.0.0.1:{ETCD_PEER_PORT}"
    return [
        f"--data-dir={layout.etcd_data}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--log-level=warn",
        "--unsafe-no-fsync",  # nothing here outlives the machine, and disks are slow
    ]


def _apiserver_flags(layout: Layout) -> list[str]:
    keys = layout.secrets
    return [
        f"--etcd-servers=http://127.0.0.1:{ETCD_PORT}",
        f"--bind-address={NODE_ADDRESS}",
        f"--advertise-address={NODE_ADDRESS}",
        f"--secure-port={API_PORT}",
        f"--service-cluster-ip-range={SERVICE_NETWORK}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",
        f"--token-auth-file={keys}/tokens.csv",
        f"--client-ca-file={keys}/ca.crt",
        f"--tls-cert-file={keys}/apiserver.crt",
        f"--tls-private-key-file={keys}/apiserver.key",
        f"--kubelet-client-certificate={keys}/apiserver-kubelet-client.crt",
        f"--kubelet-client-key={keys}/apiserver-kubelet-client.key",
        f"--kubelet-certificate-authority={keys}/ca.crt",
        # The node's name is in no DNS: logs, exec and port-forward go to its address.
        "--kubelet-preferred-address-types=InternalIP",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-key-file={keys}/service-accounts.key",
        f"--service-account-signing-key-file={keys}/service-accounts.key",
    ]


def _controller_flags(layout: Layout) -> list[str]:
    keys = layout.secrets
    return [
        f"--service-account-private-key-file={keys}/service-accounts.key",
        f"--root-ca-file={keys}/ca.crt",
        "--use-service-account-credentials=true",
        f"--cluster-signing-cert-file={keys}/ca.crt",
        f"--cluster-signing-key-file={keys}/ca.key",
    ]
