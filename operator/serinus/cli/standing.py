"""How a resource stands, in one exit code."""

from __future__ import annotations

from serinus.cli.exits import ExitCode
from serinus.resource.body import Resource
from serinus.resource.commands import read_commands
from serinus.resource.status import Condition, Phase, Status

FAILED_PHASES = (Phase.ROLLED_BACK, Phase.INVALID)


def exit_code(resource: Resource, status: Status) -> ExitCode:
    """Return how it stands; what the operator has not looked at yet is in progress."""
    if resource.is_deleting or status.observed_generation < resource.generation:
        return ExitCode.IN_PROGRESS
    if status.phase is not Phase.INVALID and pending_commands(resource, status):
        return ExitCode.IN_PROGRESS
    if status.phase in FAILED_PHASES or is_true(status, "Stalled"):
        return ExitCode.FAILED
    if status.phase is Phase.HEALTHY and is_true(status, "Ready"):
        return ExitCode.HEALTHY
    return ExitCode.IN_PROGRESS


def pending_commands(resource: Resource, status: Status) -> tuple[str, ...]:
    """Return the commands given and neither carried out nor refused yet."""
    commands = read_commands(resource.annotations).values()
    return tuple(c.name for c in commands if status.handled.get(c.name) != c.text)


def is_true(status: Status, type_: str) -> bool:
    """Return whether a condition is there and True."""
    return any(_is(condition, type_) for condition in status.conditions)


def _is(condition: Condition, type_: str) -> bool:
    return condition.type == type_ and condition.status == "True"
