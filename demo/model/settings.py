"""What a model server can be told by its pod's environment, faults included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.environment import Environment
from demo.model.artefact import baseline_path_of, path_of


@dataclass(frozen=True)
class Faults:
    """What the end-to-end tests make go wrong, so that a bad canary needs no image of its own."""

    fail_share: float = 0.0
    null_share: float = 0.0
    extra_latency_seconds: float = 0.0
    load_seconds: float = 0.0
    crash_after_seconds: float = 0.0

    @classmethod
    def read(cls, environment: Environment) -> Faults:
        return cls(
            fail_share=environment.share("FAIL_SHARE"),
            null_share=environment.share("NULL_SHARE"),
            extra_latency_seconds=environment.number("EXTRA_LATENCY_SECONDS", 0.0, 0.0, 60.0),
            load_seconds=environment.number("LOAD_SECONDS", 0.0, 0.0, 3600.0),
            crash_after_seconds=environment.number("CRASH_AFTER_SECONDS", 0.0, 0.0, 86400.0),
        )


@dataclass(frozen=True)
class ServerSettings:
    """One server: which model it serves, under which version, and where."""

    version: str
    model_path: Path
    baseline_path: Path
    host: str
    port: int
    drain_seconds: float
    faults: Faults

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> ServerSettings:
        environment = Environment(variables)
        version = environment.text("MODEL_VERSION")
        folder = Path(environment.text("MODEL_FOLDER", "/models"))
        trained_as = environment.text("MODEL_TRAINED_AS", version)
        return cls(
            version=version,
            model_path=path_of(trained_as, folder),
            baseline_path=baseline_path_of(trained_as, folder),
            host=environment.text("HOST", "0.0.0.0"),  # noqa: S104  # a pod is reached from outside
            port=environment.whole("PORT", 8080, 0, 65535),
            drain_seconds=environment.number("DRAIN_SECONDS", 3.0, 0.0, 60.0),
            faults=Faults.read(environment),
        )
