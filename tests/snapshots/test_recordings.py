"""The recording of a rollout is the same file each time it is made, and the one in docs/replay."""

import os
import subprocess
import sys

from tests.architecture.sources import ROOT
from tests.snapshots.recordings import FOLDER

MAKE = """
import asyncio
from tests.snapshots.recordings import a_rollout
print(asyncio.run(a_rollout()))
"""


def made(hash_seed: str) -> str:
    """Return what a process makes that has its own order of sets."""
    paths = os.pathsep.join(str(ROOT / each) for each in ("operator", "sdk", "."))
    return subprocess.run(
        [sys.executable, "-c", MAKE],
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": paths},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_the_recording_in_the_documents_is_as_it_is_made_now() -> None:
    text = (FOLDER / "rollout.jsonl").read_text()
    assert made("1") == f"{text}\n", "make fix"


def test_a_recorded_rollout_has_one_order_however_sets_are_ordered() -> None:
    assert made("1") == made("2")
