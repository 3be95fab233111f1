"""What an operator is given for its story, and who then plays in it."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.scale.fleet import Fleet
from benchmarks.scale.operator import Operator
from benchmarks.scale.router import Models, Routes
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane


@dataclass(frozen=True)
class Stage:
    """One cluster without any models yet."""

    plane: ControlPlane
    admin: Admin
    prometheus_url: str
    scrape_seconds: float
    folder: Path
    """For logs."""
    size: int
    """So many models."""
    advance: str
    """How ours pass their steps: by `time` or by `evidence`."""
    wrapper: tuple[str, ...] = ()
    """A profiler to run the operator under."""


@dataclass(frozen=True)
class Cast:
    """One operator, its models, and what is written down of both; nothing runs yet."""

    fleet: Fleet
    routes: Routes
    models: Models
    operator: Operator
