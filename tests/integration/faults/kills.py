"""When the operator is killed: at a write by its number, or by what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tests.integration.faults.proxy import Write

When = Literal["before", "after"]


@dataclass
class Kill:
    """Once: right before a write arrives at the API server, or right after, without an answer."""

    is_meant: Callable[[Write], bool]
    when: When
    told: str = ""
    """What it hit, "" before it did."""


def at_number(number: int, when: When) -> Kill:
    """Return the kill at the Nth write of a run."""
    return Kill(lambda write: write.number == number, when)


def _status(write: Write) -> dict[str, Any]:
    return dict(write.body["status"]) if write.part == "status" else {}


def _decision(write: Write) -> str:
    return str((_status(write).get("decision") or {}).get("kind", ""))


def _last_fate(write: Write) -> str:
    history = _status(write).get("history") or [{}]
    return str(history[0].get("fate", ""))


def _is_event(write: Write, reason: str) -> bool:
    return write.kind == "Event" and write.name == reason


def _is_rollback_on_the_route(write: Write) -> bool:
    is_apply = write.kind == "HTTPRoute" and write.method == "PATCH"
    return is_apply and "serinus.dev/decision" in write.body["metadata"]["annotations"]


def _is_swap(write: Write) -> bool:
    return _decision(write) == "promote" and "rollout" not in _status(write)


TERMINAL: dict[str, Callable[[Write], bool]] = {
    "rollback stored on the route": _is_rollback_on_the_route,
    "rollback stored in status": lambda w: _decision(w) == "rollback",
    "rollback recorded": lambda w: not _decision(w) and _last_fate(w) == "RolledBack",
    "promotion stored": lambda w: _decision(w) == "promote" and not _is_swap(w),
    "Services moved": lambda w: w.kind == "Service" and w.name == "fraud-stable",
    "promotion recorded": _is_swap,
    "promotion done": lambda w: not _decision(w) and _last_fate(w) == "Promoted",
    "promotion told": lambda w: _is_event(w, "Promoted"),
    "supersession recorded": lambda w: _last_fate(w) == "Superseded",
}
"""The writes around terminal decisions."""
