"""`make bench-scale`: each size on a cluster of its own, figures and ratios in the end."""

import argparse
import asyncio
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.scale.fleet import Fleet
from benchmarks.scale.operator import Operator, grant_everywhere
from benchmarks.scale.peers.argo import argo_rollouts
from benchmarks.scale.peers.flagger import flagger
from benchmarks.scale.programs import pretended_cluster
from benchmarks.scale.ratios import ratios
from benchmarks.scale.router import Models, Router, Routes
from benchmarks.scale.stage import Cast, Stage
from benchmarks.scale.story import PARTS, Figures, Story
from tests.integration.admin import Admin
from tests.integration.control_plane import Program, free_ports

SHORT = (100, 500)
SCRAPE_SECONDS = 5.0
OURS = "serinus"
OURS_ALONE = {"restart"}
"""Of a story's parts, those for which the operator itself has to say that it looked at all."""


async def ours(stage: Stage) -> Cast:
    """Return who plays where serinus does."""
    await grant_everywhere(stage.admin)
    return Cast(
        fleet=Fleet(stage.admin, stage.size, stage.advance),
        routes=Routes(),
        models=Models(),
        operator=Operator(
            stage.plane, stage.prometheus_url, stage.scrape_seconds, stage.folder, stage.wrapper
        ),
    )


OPERATORS = {OURS: ours, "flagger": flagger, "argo-rollouts": argo_rollouts}


async def measure(size: int, folder: Path, given: argparse.Namespace) -> Figures:
    """Play one size's story."""
    async with pretended_cluster(folder) as cluster, await Admin.of(cluster.plane) as admin:
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        stub = Program(
            [
                *(sys.executable, "-m", "benchmarks.scale.prometheus"),
                *("--kubeconfig", str(cluster.plane.kubeconfig())),
                *("--port", str(port), "--scrape-seconds", f"{SCRAPE_SECONDS:g}"),
            ],
            folder / "prometheus.log",
        )
        stub.start()
        stage = Stage(
            cluster.plane,
            admin,
            prometheus_url=url,
            scrape_seconds=SCRAPE_SECONDS,
            folder=folder,
            size=size,
            advance=given.advance,
            wrapper=tuple(shlex.split(given.wrapper)),
        )
        cast = await OPERATORS[given.operator](stage)
        router, operator = Router(admin, cast.routes, cast.models), cast.operator
        operator.start()
        try:
            async with router.playing(admin.api):
                programs = {**cluster.programs, "stub": stub}
                story = Story(cast.fleet, router, operator, programs, url)
                return await story.play(given.parts.split(","))
        finally:
            operator.program.stop()
            stub.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SHORT)), help="models, by commas")
    parser.add_argument("--keep", type=Path, help="a folder for logs, kept")
    parser.add_argument("--wrapper", default="", help="a profiler to run the operator under")
    parser.add_argument("--parts", help="of the story, by commas")
    parser.add_argument("--operator", choices=tuple(OPERATORS), default=OURS)
    parser.add_argument("--advance", choices=("time", "evidence"), default="time")
    given = parser.parse_args()
    parts = [part for part in PARTS if given.operator == OURS or part not in OURS_ALONE]
    given.parts = given.parts or ",".join(parts)
    if unknown := set(given.parts.split(",")) - set(parts):
        parser.error(f"{given.operator} plays {', '.join(parts)}, not {', '.join(unknown)}")
    sizes = [int(size) for size in given.sizes.split(",")]
    found: dict[int, dict[str, float]] = {}
    for size in sizes:
        print(f"{size} models", flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            folder = (given.keep or Path(temporary)) / str(size)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            found[size] = asyncio.run(measure(size, folder, given)).values
    print("\n".join(["", *ratios(found), ""]))
    whose = "" if given.operator == OURS else f"{given.operator.replace('-', '_')}_"
    for size, figures in found.items():
        for name, value in figures.items():
            print(f"figure scale.{whose}{name}_{size} {value:.3f}")


if __name__ == "__main__":
    main()
