"""`make faults`: every kill and every outage, on two processes, as long as there is time."""

# ruff: noqa: T201  # it talks to a person at a terminal

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic

from tests.integration.admin import Admin
from tests.integration.conftest import DEFINITIONS
from tests.integration.control_plane import ControlPlane, assets
from tests.integration.faults.jobs import PLACES, Told, Worker
from tests.integration.faults.kills import When
from tests.integration.faults.outages import ALONE, OUTAGES, suffer
from tests.integration.faults.report import figures, table
from tests.integration.faults.run import Outcome, Run
from tests.integration.faults.story import whole


def main() -> int:
    """Play everything and tell; return whether anything was violated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--at-once", type=int, default=4, help="stories at a time in each process")
    parser.add_argument("--minutes", type=float, default=60.0, help="no kill begins after this")
    parser.add_argument("--every", type=int, default=1, help="take every so many-th write only")
    parser.add_argument("--only", default="", help="kills, outages or one outage's name")
    parser.add_argument("--times", type=int, default=1, help="play each outage so often")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is None:
        return lead(options)
    asyncio.run(work(options))
    return 0


def lead(options: argparse.Namespace) -> int:
    """Start the workers, tell of every run as it ends, and sum up."""
    command = [sys.executable, "-m", "tests.integration.faults", *sys.argv[1:], "--worker"]
    workers = [
        subprocess.Popen([*command, str(number)], stdout=subprocess.PIPE, text=True)
        for number in range(options.processes)
    ]
    told = asyncio.run(listen(workers))
    print(f"\n{table(told)}\n")
    for each in told:
        for violation in each.violations:
            print(f"VIOLATION {each.name} ({each.injected}): {violation}")
    print(figures(told))
    has_failed = any(each.violations for each in told) or any(w.wait() for w in workers)
    return int(has_failed)


async def listen(workers: list[subprocess.Popen[str]]) -> list[Told]:
    """Return what all workers told, printing it as it comes."""
    told: list[Told] = []

    def read(worker: subprocess.Popen[str]) -> None:
        for line in worker.stdout or ():
            if not line.startswith("{"):
                print(line, end="", flush=True)
                continue
            each = Told(**json.loads(line))
            told.append(each)
            state = "; ".join(each.violations) or "ok"
            what = each.injected or "not reached"
            print(f"{len(told):4} {each.seconds:4.0f} s  {each.name}: {what}: {state}", flush=True)

    await asyncio.gather(*(asyncio.to_thread(read, worker) for worker in workers))
    return told


async def work(options: argparse.Namespace) -> None:
    """Play this process's share on an API server of its own."""
    until = monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory(prefix="serinus-faults-") as name:
        folder = Path(name)
        plane = ControlPlane(assets(), folder / "plane")
        try:
            plane.start()
            plane.define(DEFINITIONS)
            async with await Admin.of(plane) as admin:
                await play_all(options, plane, admin, folder, until)
        finally:
            plane.stop()


async def play_all(
    options: argparse.Namespace, plane: ControlPlane, admin: Admin, folder: Path, until: float
) -> None:
    """First an uninterrupted run, to know what there is to interrupt; then the rest."""
    reference = await Run(plane, admin, "uninterrupted", folder / "uninterrupted").play(whole)
    tell_reference(reference)
    worker = Worker(plane, admin, folder, reference.ending, tell)
    kills = share_of(options, reference) if options.only in {"", "kills"} else []
    named = [name for name in OUTAGES if options.only in {"", "outages", name}]
    names = (named * options.times)[options.worker :: options.processes]
    left, _ = await asyncio.gather(
        worker.share(kills, options.at_once, until),
        suffer(worker, [name for name in names if name not in ALONE]),
    )
    await suffer(worker, [name for name in names if name in ALONE])
    if left:
        print(f"{left} kills were left out: no time", flush=True)


def share_of(options: argparse.Namespace, reference: Outcome) -> list[tuple[int, When]]:
    """Return this process's kills, spread over the story so that a cut leaves gaps, not an end."""
    numbers = range(1, len(reference.account.writes) + 1, options.every)
    kills = [(number, when) for number in numbers for when in PLACES]
    mine = kills[options.worker :: options.processes]
    stride = 7
    return [kill for start in range(stride) for kill in mine[start::stride]]


def tell(told: Told) -> None:
    """Hand a run to the process that counts."""
    print(told.as_line(), flush=True)


def tell_reference(reference: Outcome) -> None:
    """Say what an uninterrupted run does; without a good one nothing can be compared."""
    if reference.violations:
        sys.exit(f"an uninterrupted run: {reference.violations}")
    count = len(reference.account.writes)
    print(
        f"an uninterrupted run: {count} writes, {reference.sent:.0f} requests sent, "
        f"{reference.lost:.0f} lost, {reference.lost_to_the_dead:.0f} to the canary that dies",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
