"""Where the story happens: the cluster's handles, and what is kept of it for the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cluster.target import Addresses
from demo.sights import Json, Load
from demo.watching import Watcher

REQUEST_TIMEOUT = "--request-timeout=20s"


class Commands(Protocol):
    """What the story needs of kubectl."""

    def run(self, *arguments: str, stdin: str | None = None) -> str: ...


class Pods(Protocol):
    """What the story needs of the API server."""

    def pods(self, namespace: str, labels: str) -> list[Json]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill:
    """The operator's death: when, in the middle of what, and how it went on."""

    at: float
    pod: str
    version: str
    weight: int
    rollout_started: str
    successor: str = ""
    seconds_without: float = 0.0
    was_resumed: bool = False
    """Whether the same rollout went on, and not a new one from the beginning."""


@dataclass
class Stage:
    """Everything an act needs, and what the acts leave behind."""

    kubectl: Commands
    cluster: Pods
    watch: Watcher
    image: str
    addresses: Addresses
    announce: Callable[[str], None]
    kill: Kill | None = None
    final_load: Load | None = None
