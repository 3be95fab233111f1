"""Calls kubectl with one kubeconfig."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.commands import attempt, run
from cluster.programs import path_of


@dataclass(frozen=True)
class Kubectl:
    """kubectl for one cluster."""

    kubeconfig: Path
    context: str = ""

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        return run([*self._command(), *arguments], stdin=stdin)

    def succeeds(self, *arguments: str) -> bool:
        return attempt([*self._command(), *arguments]).returncode == 0

    def apply(self, manifest: str) -> None:
        """Server-side, so that what is already there is taken over and kept as written here."""
        self.run(
            "apply",
            "--server-side",
            "--force-conflicts",
            "--field-manager=serinus-cluster",
            "-f",
            "-",
            stdin=manifest,
        )

    def get(self, *arguments: str) -> dict[str, Any]:
        """An object or a list; empty where there is none."""
        done = attempt([*self._command(), "get", *arguments, "--output=json"])
        read: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {}
        return read

    def _command(self) -> list[str | Path]:
        chosen = [f"--context={self.context}"] if self.context else []
        return [path_of("kubectl"), f"--kubeconfig={self.kubeconfig}", *chosen]
