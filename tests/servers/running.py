"""A server's own environment, and its processes, which end together."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from cluster.places import cache_directory


def environment(packages: tuple[str, ...]) -> Path:
    """Return the folder of programs of an environment with these packages, made if need be."""
    name = sha256("\n".join(packages).encode()).hexdigest()[:12]
    folder = cache_directory() / "servers" / name
    done = folder / "complete"
    if not done.exists():
        uv, python = str(Path(sys.executable).with_name("uv")), folder / "bin" / "python"
        make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)]
        subprocess.run(make, check=True)
        install = [uv, "pip", "install", "--quiet", "--python", str(python), *packages]
        subprocess.run(install, check=True)
        done.touch()
    return folder / "bin"


@dataclass
class Running:
    """A command and all that it starts."""

    command: list[str]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in its folder, with nothing of ours on its path."""
        own = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        with (self.folder / "server.log").open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**own, **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def stop(self) -> None:
        """End it in order, for workers may have sessions of their own; then what is left."""
        if self.process is None:
            return
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=20)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def last_words(self) -> str:
        log = self.folder / "server.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def status_of(url: str, body: object = None) -> int:
    """Return the HTTP status of a request, POST where it has a body; 0 where nothing answers."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if data else {}
    try:
        asked = urllib.request.Request(url, data=data, headers=headers)
        with urllib.request.urlopen(asked, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0
