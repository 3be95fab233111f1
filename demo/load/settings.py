"""What the load generator can be told by its pod's environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.environment import Environment, SettingError
from demo.load.rows import Protocol


@dataclass(frozen=True)
class LoadSettings:
    """Where to send rows, how fast, for how long, and where to tell about it."""

    target_url: str
    host_header: str
    rows_path: Path
    protocol: Protocol
    rate_per_second: float
    duration_seconds: float
    max_in_flight: int
    timeout_seconds: float
    new_connection_per_request: bool
    exit_when_done: bool
    host: str
    port: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> LoadSettings:
        environment = Environment(variables)
        target_url = environment.text("TARGET_URL")
        if not target_url.startswith(("http://", "https://")):
            raise SettingError(f"TARGET_URL={target_url!r} is no http:// or https:// URL")
        protocol = environment.text("PROTOCOL", Protocol.FEATURES)
        if protocol not in set(Protocol):
            raise SettingError(f"PROTOCOL={protocol!r} is none of {', '.join(Protocol)}")
        return cls(
            target_url=target_url,
            host_header=environment.text("HOST_HEADER", ""),
            rows_path=Path(environment.text("ROWS_PATH", "/models/rows.jsonl")),
            protocol=Protocol(protocol),
            rate_per_second=environment.number("RATE_PER_SECOND", 50.0, 1.0, 1000.0),
            duration_seconds=environment.number("DURATION_SECONDS", 600.0, 1.0, 86400.0),
            max_in_flight=environment.whole("MAX_IN_FLIGHT", 64, 1, 1000),
            timeout_seconds=environment.number("TIMEOUT_SECONDS", 5.0, 0.1, 60.0),
            new_connection_per_request=environment.switch("NEW_CONNECTION_PER_REQUEST"),
            exit_when_done=environment.switch("EXIT_WHEN_DONE"),
            host=environment.text("HOST", "0.0.0.0"),  # noqa: S104  # a pod is asked from outside
            port=environment.whole("PORT", 8080, 0, 65535),
        )
