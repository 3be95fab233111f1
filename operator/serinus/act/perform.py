"""Carry out a plan, in order, stopping at the first failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from serinus.act.plan import Action, Apply, Release
from serinus.errors import Conflict, SerinusError
from serinus.observe.snapshot import ObjectSeen


class Writer(Protocol):
    """What performing needs of the cluster."""

    async def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        is_ours: bool,
        expected: ObjectSeen | None = None,
        is_urgent: bool = False,
    ) -> None:
        """Server-side apply with field manager serinus; force only what is known to be ours.

        With an expectation, nothing is written over anything else; a status others wrote is none.
        What is urgent waits for nothing that is not.

        Raises:
            NameTaken: the object exists and belongs to somebody else.
            WriteRefused: the API server said no for good (4xx).
            Conflict: something else is there than was seen, and is known from now on.
            OutsideUnavailable: no answer, 429 or 5xx.
        """

    async def release(self, kind: str, namespace: str, name: str) -> None:
        """Let an object outlive its owner.

        Raises:
            WriteRefused: the API server said no for good (4xx).
            Conflict: it is gone, or another one has its name.
            OutsideUnavailable: no answer, 429 or 5xx.
        """

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete in the background; an object that is gone is fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a plan."""

    done: tuple[Action, ...] = ()
    failure: SerinusError | None = None
    """Why the rest was not tried."""


async def perform(actions: tuple[Action, ...], namespace: str, writer: Writer) -> Outcome:
    """Carry the actions out in order; what fails is tried again by the next look.

    Raises:
        Conflict: of an apply; all that was decided rests on an old picture, the status too.
    """
    done: list[Action] = []
    for action in actions:
        try:
            await _write(action, namespace, writer)
        except SerinusError as failure:
            if isinstance(failure, Conflict) and isinstance(action, Apply):
                raise
            return Outcome(done=tuple(done), failure=failure)
        done.append(action)
    return Outcome(done=tuple(done))


async def _write(action: Action, namespace: str, writer: Writer) -> None:
    if isinstance(action, Apply):
        await writer.apply(
            action.manifest,
            is_ours=action.is_ours,
            expected=action.expected,
            is_urgent=action.is_urgent,
        )
    elif isinstance(action, Release):
        await writer.release(action.kind, namespace, action.name)
    else:
        await writer.delete(action.kind, namespace, action.name)
