"""Finds a container engine that answers."""

import shutil

from cluster.commands import attempt

ANSWER_TIMEOUT_SECONDS = 20.0


def answering() -> str | None:
    """`docker` or `podman`, whichever is installed and can reach its containers."""
    for engine in ("docker", "podman"):
        if shutil.which(engine):
            # `docker info` succeeds without a server in some versions; asking for it does not.
            asked = [
                engine,
                "info",
                "--format",
                "{{.ServerVersion}}" if engine == "docker" else "{{.Version.Version}}",
            ]
            done = attempt(asked, timeout_seconds=ANSWER_TIMEOUT_SECONDS)
            if done.returncode == 0 and done.stdout.strip():
                return engine
    return None
