"""Runs other programs and turns their failure into an error with their last words."""

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from cluster.errors import ClusterError

LAST_LINES = 30


def run(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout_seconds: float | None = None,
) -> str:
    """Run to the end, return standard output; a failure raises with what was printed last."""
    done = attempt(argv, cwd=cwd, env=env, stdin=stdin, timeout_seconds=timeout_seconds)
    if done.returncode != 0:
        printed = (done.stderr.strip() or done.stdout.strip()).splitlines()[-LAST_LINES:]
        command = shlex.join(str(word) for word in argv)
        raise ClusterError(f"`{command}` failed ({done.returncode}):\n" + "\n".join(printed))
    return done.stdout


def attempt(
    argv: Sequence[str | Path],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    timeout_seconds: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run to the end and leave the judgement to the caller; a missing program fails with 127."""
    try:
        return subprocess.run(
            [str(word) for word in argv],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError as missing:
        return subprocess.CompletedProcess(argv, 127, "", str(missing))
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(argv, 124, "", f"no end after {timeout_seconds} s")
