"""How each server is installed, started and asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MODELS = Path(__file__).parent / "models"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Free ports of loopback."""

    http: int
    metrics: int
    other: int


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One server with a model that fails for negative values."""

    packages: tuple[str, ...]
    """With versions; the first is the server's own."""
    command: Callable[[Path, Ports], list[str]]
    """From the environment's folder of programs, in a folder of its own."""
    path: str
    """Of a prediction."""
    body: Callable[[float], Any]
    shows_at: Callable[[Ports], int] = lambda ports: ports.http
    """The port of its metrics, where the preset has one of its own."""
    files: Callable[[Ports], dict[str, Any]] = lambda _ports: {}
    """Settings to write, as JSON."""
    probes: tuple[str, ...] = ()
    """Paths that are asked for besides, and must not count."""
    signals: tuple[str, ...] = field(default=("error-rate", "latency"))
    served_name: str | None = None
    source: str | None = None
    """Who is asked instead of the server."""
    settles_seconds: float = 5.0
    """How long until its metrics show what has happened; three were too few in 3 of 16 runs."""


def _v2(value: float) -> dict[str, Any]:
    return {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [value]}]}


RECIPES: dict[str, Recipe] = {
    "fastapi": Recipe(
        packages=("prometheus-fastapi-instrumentator==8.1.0", "fastapi", "uvicorn"),
        command=lambda bin_, ports: [
            *(str(bin_ / "uvicorn"), "fastapi_model:app"),
            *("--port", str(ports.http)),
        ],
        path="/predict",
        body=lambda value: {"value": value},
        probes=("/healthz", "/nowhere"),
    ),
    "bentoml": Recipe(
        packages=("bentoml==1.4.39",),
        command=lambda bin_, ports: [
            *(str(bin_ / "bentoml"), "serve", "bentoml_model:Fraud"),
            *("--host", "127.0.0.1", "--port", str(ports.http)),
        ],
        path="/predict",
        body=lambda value: {"value": value},
        probes=("/livez", "/readyz", "/metrics", "/nowhere"),
    ),
    "kserve": Recipe(
        packages=("kserve==0.21.0",),
        command=lambda bin_, ports: [
            *(str(bin_ / "python"), "kserve_model.py", "--enable_grpc", "false"),
            *("--http_port", str(ports.http)),
        ],
        path="/v1/models/fraud:predict",
        body=lambda value: {"instances": [value]},
        probes=("/v2/health/live", "/v1/models/fraud", "/v1/models/nobody"),
        served_name="fraud",
    ),
    "mlserver": Recipe(
        packages=("mlserver==1.7.1",),
        command=lambda bin_, _ports: [str(bin_ / "mlserver"), "start", "."],
        path="/v2/models/fraud/infer",
        body=_v2,
        shows_at=lambda ports: ports.metrics,
        files=lambda ports: {
            "settings.json": {
                "http_port": ports.http,
                "metrics_port": ports.metrics,
                "grpc_port": ports.other,
                "parallel_workers": 0,
            },
            "model-settings.json": {
                "name": "fraud",
                "implementation": "mlserver_model.Fraud",
            },
        },
        probes=("/v2/health/live", "/v2/health/ready", "/v2/models/fraud/ready"),
        served_name="fraud",
    ),
    "litserve": Recipe(
        packages=("litserve==0.2.19", "prometheus-client"),
        command=lambda bin_, ports: [
            *(str(bin_ / "python"), "litserve_model.py", str(ports.http)),
        ],
        path="/predict",
        body=lambda value: {"value": value},
        probes=("/health", "/nowhere"),
        source="standard",
    ),
    "triton": Recipe(
        # Its Triton is 2.51, which has no histogram of latency yet.
        packages=("nvidia-pytriton==0.7.0",),
        command=lambda bin_, ports: [
            *(str(bin_ / "python"), "triton_server.py"),
            *(str(ports.http), str(ports.metrics), str(ports.other)),
        ],
        path="/v2/models/fraud/infer",
        body=_v2,
        shows_at=lambda ports: ports.metrics,
        probes=("/v2/health/live", "/v2/health/ready", "/v2/models/fraud/ready"),
        signals=("error-rate",),
        served_name="fraud",
    ),
    "ray-serve": Recipe(
        packages=("ray[serve]==2.60.0",),
        command=lambda bin_, ports: [
            *(str(bin_ / "python"), "ray_model.py"),
            *(str(ports.http), str(ports.metrics)),
        ],
        path="/",
        body=lambda value: {"value": value},
        shows_at=lambda ports: ports.metrics,
        probes=("/-/healthz", "/-/routes"),
        served_name="fraud",
        settles_seconds=25.0,
    ),
}


def write_files(recipe: Recipe, ports: Ports, folder: Path) -> None:
    """Put a server's model and settings into a folder."""
    for path in MODELS.glob("*.py"):
        (folder / path.name).write_text(path.read_text())
    for name, content in recipe.files(ports).items():
        (folder / name).write_text(json.dumps(content))
