"""The node's authority, certificates and tokens, made anew for each life of the node."""

import base64
import json
import secrets
from pathlib import Path

from cluster.commands import run
from cluster.local.layout import API_PORT, API_SERVICE_ADDRESS, NODE_ADDRESS, Layout

VALID_DAYS = "365"
# user name -> groups; RBAC knows all but the first by roles it creates itself.
USERS = {
    "admin": "system:masters",
    "system:kube-controller-manager": "",
    "system:kube-scheduler": "",
    "system:kube-proxy": "",
    "system:node:serinus": "system:nodes",
}
SERVER_NAMES = (
    "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,"
    "DNS:kubernetes.default.svc.cluster.local,"
    f"IP:127.0.0.1,IP:{NODE_ADDRESS},IP:{API_SERVICE_ADDRESS}"
)


def ensure(layout: Layout) -> None:
    """Write every secret the daemons start with, unless an interrupted start has done so."""
    directory = layout.secrets
    if (directory / "complete").exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    _authority(directory)
    _signed(directory, "apiserver", "/CN=kube-apiserver", f"subjectAltName={SERVER_NAMES}")
    _signed(
        directory,
        "apiserver-kubelet-client",
        "/O=system:masters/CN=kube-apiserver",
        "extendedKeyUsage=clientAuth",
    )
    _signed(directory, "kubelet", "/CN=serinus", f"subjectAltName=IP:{NODE_ADDRESS}")
    run(["openssl", "genrsa", "-out", directory / "service-accounts.key", "2048"])
    _users(layout)
    (directory / "complete").touch()


def kubeconfig_of(layout: Layout, user: str) -> Path:
    """The file with which a user calls the API server."""
    return layout.secrets / f"{user.replace(':', '-')}.kubeconfig"


def _authority(directory: Path) -> None:
    run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            VALID_DAYS,
            "-subj",
            "/CN=serinus-node",
            "-keyout",
            directory / "ca.key",
            "-out",
            directory / "ca.crt",
        ]
    )


def _signed(directory: Path, name: str, subject: str, extension: str) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    told: list[str | Path] = ["-subj", subject, "-keyout", directory / f"{name}.key"]
    request = run(["openssl", "req", "-new", *key, *told])
    extensions = directory / f"{name}.ext"
    extensions.write_text(extension + "\n")
    ca: list[str | Path] = ["-CA", directory / "ca.crt", "-CAkey", directory / "ca.key"]
    made: list[str | Path] = ["-extfile", extensions, "-out", directory / f"{name}.crt"]
    run(
        ["openssl", "x509", "-req", "-days", VALID_DAYS, *ca, "-CAcreateserial", *made],
        stdin=request,
    )


def _users(layout: Layout) -> None:
    rows = []
    for user, groups in USERS.items():
        token = secrets.token_urlsafe(32)
        rows.append(f'{token},{user},{user},"{groups}"\n')
        kubeconfig_of(layout, user).write_text(_kubeconfig(layout, user, token))
    (layout.secrets / "tokens.csv").write_text("".join(rows))
    layout.kubeconfig.write_text(kubeconfig_of(layout, "admin").read_text())
    layout.kubeconfig.chmod(0o600)


def _kubeconfig(layout: Layout, user: str, token: str) -> str:
    authority = base64.b64encode((layout.secrets / "ca.crt").read_bytes()).decode()
    server = f"https://{NODE_ADDRESS}:{API_PORT}"
    return json.dumps(
        {  # JSON is YAML, and needs no library
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "serinus",
            "clusters": [
                {
                    "name": "serinus",
                    "cluster": {"server": server, "certificate-authority-data": authority},
                }
            ],
            "users": [{"name": user, "user": {"token": token}}],
            "contexts": [{"name": "serinus", "context": {"cluster": "serinus", "user": user}}],
        },
        indent=2,
    )
