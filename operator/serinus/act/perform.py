"""Carry out a plan, in order, stopping at the first failure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from serinus.act.plan import Action, Apply
from serinus.errors import SerinusError


class Writer(Protocol):
    """What performing needs of the cluster."""

    async def apply(self, manifest: Mapping[str, Any], *, is_ours: bool) -> None:
        """Server-side apply with field manager serinus; force only what is known to be ours.

        Raises:
            NameTaken: the object exists and belongs to somebody else.
            WriteRefused: the API server said no for good (4xx).
            Conflict: somebody wrote in between.
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
    """Carry the actions out in order; what fails is tried again by the next look."""
    done: list[Action] = []
    for action in actions:
        try:
            if isinstance(action, Apply):
                await writer.apply(action.manifest, is_ours=action.is_ours)
            else:
                await writer.delete(action.kind, namespace, action.name)
        except SerinusError as failure:
            return Outcome(done=tuple(done), failure=failure)
        done.append(action)
    return Outcome(done=tuple(done))
