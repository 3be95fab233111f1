"""Flagger in the story: its process with the flags by which it is fastest, and its models."""

from typing import ClassVar

from benchmarks.scale.peers.canaries import Canaries, Primaries
from benchmarks.scale.peers.peer import Peer
from benchmarks.scale.router import Routes
from benchmarks.scale.stage import Cast, Stage
from cluster import programs
from tests.integration.operator_process import OPERATOR


class Flagger(Peer):
    """One process."""

    looks: ClassVar = "flagger_canary_duration_seconds_count"

    def _command(self) -> list[str]:
        return [
            *self.wrapper,
            str(self.directory / "flagger"),
            f"-kubeconfig={self.plane.kubeconfig(OPERATOR)}",
            # Its own limits, 100 requests a second and two workers, would be what is measured.
            "-kubeconfig-qps=10000",
            "-kubeconfig-burst=10000",
            "-threadiness=32",
            "-mesh-provider=gatewayapi:v1",
            f"-metrics-server={self.prometheus_url}",
            f"-port={self.metrics_port}",
            "-log-level=error",
        ]


async def flagger(stage: Stage) -> Cast:
    """Return who plays where Flagger does."""
    routes = Routes()
    return Cast(
        fleet=Canaries(stage.admin, stage.size, stage.prometheus_url),
        routes=routes,
        models=Primaries(routes),
        operator=await Flagger.admitted(stage, programs.flagger()),
    )
