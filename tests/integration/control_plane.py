"""A control plane of the tests' own: etcd and kube-apiserver on free ports of loopback."""

import asyncio
import base64
import json
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

from serinus.adapters.kubernetes_api import ApiServer
from serinus.adapters.kubernetes_login import log_in

READY_WITHIN_SECONDS = 60
"""Far more than it takes: machines are shared, and a test that waits is no failure."""

PORTS = range(20_000, 30_000)
"""Below those that the kernel gives to connections: one of these is not taken while we start."""
_DRAWN = cycle(secrets.SystemRandom().sample(PORTS, len(PORTS)))

ADMIN = "admin"

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The Gateway API's definition takes seconds without libyaml, which most builds of PyYAML have."""

DIE_WITH_PARENT = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execv(sys.argv[1], sys.argv[1:])"
)
"""Sets PR_SET_PDEATHSIG and becomes the program: even a killed test run leaves nothing behind."""


class ControlPlaneError(Exception):
    """The API server or etcd did not come up; the message ends with what it said."""


@dataclass
class Program:
    """A process of ours, its output in a file."""

    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DIE_WITH_PARENT, *self.command],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End it by its own id; at once, for its farewells take longer than most tests."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])


@dataclass
class ControlPlane:
    """etcd and kube-apiserver with RBAC on and a token for whoever a test needs."""

    assets: Path
    directory: Path
    port: int = 0
    tokens: dict[str, str] = field(default_factory=dict)
    etcd: Program = field(init=False)
    api_server: Program = field(init=False)

    def start(self) -> None:
        etcd_port, peer_port, self.port = free_ports(3)
        self.tokens[ADMIN] = secrets.token_hex(16)
        self._write_files()
        self.etcd = Program(self._etcd_command(etcd_port, peer_port), self.directory / "etcd.log")
        self.api_server = Program(
            self._api_server_command(etcd_port), self.directory / "kube-apiserver.log"
        )
        self.etcd.start()
        self.start_api_server()

    def start_api_server(self) -> None:
        self.api_server.start()
        self._wait_until_ready()

    async def restart_api_server(self) -> None:
        """Start it again on the same port with the same data."""
        self.api_server.stop()
        self.api_server.start()  # not in a thread: it would end when its thread does
        await asyncio.to_thread(self._wait_until_ready)

    def stop(self) -> None:
        self.api_server.stop()
        self.etcd.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate_authority(self) -> Path:
        return self.directory / "certificates" / "apiserver.crt"

    def kubeconfig(self, user: str = ADMIN) -> Path:
        """Write and return a kubeconfig that speaks for this user."""
        path = self.directory / f"{user}.kubeconfig"
        path.write_text(
            json.dumps(kubeconfig(self.url, self.certificate_authority, self.tokens[user]))
        )
        return path

    async def connect(self, user: str = ADMIN) -> ApiServer:
        """Return connections that speak for this user; close them after use."""
        login = await log_in(str(self.kubeconfig(user)))
        return ApiServer(login.configuration)

    def define(self, files: Iterable[Path]) -> None:
        """Create the definitions in these files and wait until they are served."""
        for file in files:
            definition = yaml.load(file.read_text(), Loader=LOADER)
            self._request("POST", DEFINITIONS, definition)
            spec = definition["spec"]
            for version in spec["versions"]:
                path = f"/apis/{spec['group']}/{version['name']}/{spec['names']['plural']}"
                self._wait_until_served(path)

    def _wait_until_served(self, path: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            try:
                self._request("GET", path)
            except urllib.error.HTTPError as error:
                if error.code not in {404, 429} or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return

    def _request(self, method: str, path: str, body: Any = None) -> None:
        trust = ssl.create_default_context(cafile=str(self.certificate_authority))
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.tokens[ADMIN]}",
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, method=method, data=data, headers=headers
        )
        with urllib.request.urlopen(request, context=trust, timeout=60):
            pass

    def _write_files(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "service-accounts.key").write_text(elliptic_curve_key())
        # The file is read once, at the start: users without any right until a test binds one.
        self.tokens |= {f"user-{number}": secrets.token_hex(16) for number in range(5)}
        lines = [f"{self.tokens[ADMIN]},{ADMIN},{ADMIN},system:masters"]
        lines += [f"{token},{user},{user}" for user, token in self.tokens.items() if user != ADMIN]
        (self.directory / "tokens.csv").write_text("\n".join(lines) + "\n")

    def _etcd_command(self, client_port: int, peer_port: int) -> list[str]:
        client, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
        return [
            str(self.assets / "etcd"),
            f"--data-dir={self.directory / 'etcd'}",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def _api_server_command(self, etcd_port: int) -> list[str]:
        key = self.directory / "service-accounts.key"
        return [
            str(self.assets / "kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            f"--secure-port={self.port}",
            f"--cert-dir={self.directory / 'certificates'}",
            f"--token-auth-file={self.directory / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/16",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-signing-key-file={key}",
            f"--service-account-key-file={key}",
            # It waits for service accounts that only a controller manager makes.
            "--disable-admission-plugins=ServiceAccount",
        ]

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while time.monotonic() < deadline:
            for program in (self.etcd, self.api_server):
                if program.has_ended():
                    raise ControlPlaneError(f"{program.command[0]} ended:\n{program.last_words()}")
            if self._is_ready():
                return
            time.sleep(0.05)
        raise ControlPlaneError(f"no API server in time:\n{self.api_server.last_words()}")

    def _is_ready(self) -> bool:
        if not self.certificate_authority.exists():
            return False
        try:
            trust = ssl.create_default_context(cafile=str(self.certificate_authority))
            with urllib.request.urlopen(f"{self.url}/readyz", context=trust, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now, and that no connection is given by the kernel.

    One is not given again before all others were. The order owes nothing to the seed of the tests,
    which is the same in all processes: others that start something now would draw alike.
    """
    drawn = (port for port in _DRAWN if _is_free(port))
    return list(islice(drawn, count))


def _is_free(port: int) -> bool:
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def kubeconfig(url: str, certificate_authority: Path | None, token: str) -> dict[str, Any]:
    """Return a kubeconfig with one cluster and one user; plain HTTP has no authority."""
    cluster = {"server": url}
    if certificate_authority is not None:
        authority = base64.b64encode(certificate_authority.read_bytes()).decode()
        cluster["certificate-authority-data"] = authority
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "tests",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": "tests", "user": {"token": token}}],
        "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "tests"}}],
    }


def elliptic_curve_key() -> str:
    """Return a P-256 key in SEC1 form; the public half may be left out, Go computes it."""
    scalar = secrets.token_bytes(31).rjust(32, b"\0")  # below the order of the curve
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    der = bytes.fromhex("3031020101") + b"\x04\x20" + scalar + curve
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN EC PRIVATE KEY-----\n{text}-----END EC PRIVATE KEY-----\n"


def assets() -> Path:
    """Return the directory with etcd and kube-apiserver that KUBEBUILDER_ASSETS names."""
    return Path(os.environ["KUBEBUILDER_ASSETS"])


@contextmanager
def running_plane(folder: Path, definitions: Iterable[Path]) -> Iterator[ControlPlane]:
    """etcd and kube-apiserver with these definitions, for as long as they are needed."""
    plane = ControlPlane(assets(), folder)
    try:
        plane.start()
        plane.define(definitions)
        yield plane
    finally:
        plane.stop()
