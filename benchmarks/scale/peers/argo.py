"""Argo Rollouts in the story: its process with the flags by which it is fastest, its models."""

from typing import ClassVar

from benchmarks.scale.peers.peer import Peer
from benchmarks.scale.peers.rollouts import Rollouts, Stables, VirtualServices
from benchmarks.scale.stage import Cast, Stage
from cluster import programs
from tests.integration.operator_process import OPERATOR


class ArgoRollouts(Peer):
    """One process."""

    looks: ClassVar = "analysis_run_reconcile_count"

    def _command(self) -> list[str]:
        return [
            *self.wrapper,
            str(self.directory / "rollouts-controller"),
            f"--kubeconfig={self.plane.kubeconfig(OPERATOR)}",
            # Its own limits, 40 requests a second and ten workers, would be what is measured.
            "--qps=10000",
            "--burst=10000",
            "--rollout-threads=32",
            "--analysis-threads=32",
            "--service-threads=32",
            "--leader-elect=false",
            f"--metricsPort={self.metrics_port}",
            f"--healthzPort={self.probes_port}",
            "--loglevel=error",
        ]


async def argo_rollouts(stage: Stage) -> Cast:
    """Return who plays where Argo Rollouts does."""
    routes = VirtualServices()
    return Cast(
        fleet=Rollouts(stage.admin, stage.size, stage.prometheus_url),
        routes=routes,
        models=Stables(routes),
        operator=await ArgoRollouts.admitted(stage, programs.argo_rollouts()),
    )
