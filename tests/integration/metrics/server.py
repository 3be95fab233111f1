"""A Prometheus of the tests' own on a free port of loopback."""

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Self

from cluster.programs import node
from tests.integration.control_plane import READY_WITHIN_SECONDS, Program, free_ports


def programs() -> dict[str, Path]:
    """Every Prometheus that is at hand: the one of the node, once built, and the system's."""
    ours, installed = node().directory() / "prometheus", shutil.which("prometheus")
    found = {"node": ours} if ours.exists() else {}
    return found | ({"system": Path(installed)} if installed else {})


def version(program: Path) -> tuple[float, ...]:
    """Return a Prometheus' version; the node's own, which is new, was built without one."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"version ([1-9]\d*)\.(\d+)", told.stdout + told.stderr)
    return tuple(int(each) for each in found.groups()) if found else (inf,)


@dataclass(frozen=True)
class Target:
    """A pod that is scraped, by the labels that a scrape configuration gives it."""

    address: str
    path: str
    labels: dict[str, str]


@dataclass
class Server:
    """One Prometheus with its data."""

    program: Path
    directory: Path
    scrape_interval_seconds: float
    targets: tuple[Target, ...] = ()
    options: tuple[str, ...] = ()
    scrape_settings: Mapping[str, object] = field(default_factory=dict)
    port: int = 0
    process: Program = field(init=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """Where its blocks are."""
        return self.directory / "data"

    def start(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.port,) = free_ports(1)
        configuration = self.directory / "prometheus.json"  # JSON is YAML
        configuration.write_text(json.dumps(self._configuration()))
        command = [
            str(self.program),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={self.data}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--scrape.discovery-reload-interval=100ms",
            "--log.level=warn",
            *self.options,
        ]
        self.process = Program(command, self.directory / "prometheus.log")
        self.process.start()

    @contextmanager
    def holding(self, past: str) -> Iterator[Self]:
        """Answer with a past in its blocks, OpenMetrics as `promtool` beside the program takes."""
        self.directory.mkdir(parents=True, exist_ok=True)
        text = self.directory / "past.om"
        text.write_text(past)
        promtool = str(self.program.with_name("promtool"))
        made = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(self.data)]
        subprocess.run(made, check=True, capture_output=True)
        self.start()
        try:
            self.wait_until_ready()
            yield self
        finally:
            self.stop()

    def wait_until_scraped(self) -> None:
        """Return once every target was scraped well; discovery alone takes five seconds."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while self._count_up() < len(self.targets):
            if time.monotonic() > deadline or self.process.has_ended():
                raise RuntimeError(f"Prometheus scrapes nothing: {self.process.last_words()}")
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        """Return once it answers queries; nothing need be scraped."""
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):
                    return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > deadline or self.process.has_ended():
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        self.process.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _count_up(self) -> int:
        address = f"{self.url}/api/v1/query?query=sum(up)"
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                result = json.load(response)["data"]["result"]
        except (urllib.error.URLError, ConnectionError):
            return 0
        return int(result[0]["value"][1]) if result else 0

    def _configuration(self) -> dict[str, object]:
        interval = f"{round(self.scrape_interval_seconds * 1000)}ms"
        groups = [
            {"targets": [each.address], "labels": {**each.labels, "__metrics_path__": each.path}}
            for each in self.targets
        ]
        return {
            "global": {"scrape_interval": interval, "scrape_timeout": interval},
            "scrape_configs": [
                {"job_name": "models", "static_configs": groups, **self.scrape_settings}
            ],
        }
