"""Certificates of 127.0.0.1 that vouch for themselves, and servers that show or want one."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Pair:
    """PEM files of a certificate and its key."""

    public: Path
    key: Path


def certificate(folder: Path, name: str = "server") -> Pair:
    pair = Pair(folder / f"{name}.pem", folder / f"{name}.key")
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject]
    files = ["-keyout", str(pair.key), "-out", str(pair.public)]
    subprocess.run([*command, *files], capture_output=True, check=True)
    return pair


def server_tls(server: Pair, wanted: Pair | None = None) -> ssl.SSLContext:
    """How a server shows who it is, and whom it lets in."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server.public, server.key)
    if wanted:
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(wanted.public)
    return tls
