"""Carry out a plan, in order; what does not rest on what was refused is done all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from serinus.act.plan import Action, Apply, Delete, HandOver
from serinus.errors import Conflict, NameTaken, OutsideUnavailable, SerinusError
from serinus.observe.snapshot import ObjectSeen

NEEDED_BY_PODS = frozenset({"ControllerRevision", "ConfigMap", "Deployment"})
"""Kinds without which a revision has no pods."""


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

    async def hand_over(
        self, kind: str, namespace: str, name: str, owner: Mapping[str, Any] | None
    ) -> None:
        """Have an object go with its owner, or with nobody: it outlives the resource then.

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
    failures: tuple[SerinusError, ...] = ()
    """Why the rest was not, or not even tried, in the order of the plan."""

    @property
    def words(self) -> str:
        """All failures in one sentence."""
        return "; ".join(map(str, self.failures))


async def perform(actions: tuple[Action, ...], namespace: str, writer: Writer) -> Outcome:
    """Carry the actions out in order; what fails is tried again by the next look.

    A route whose name is taken keeps no Service from being made. But without its record, or a
    ConfigMap that its pods need, nothing more is written of a revision, and no Service turns to
    pods that can't be there. Nothing is deleted where anything could not be written: what should
    lead elsewhere by now may lead to it still. Where nobody answers nothing more is asked: each
    further action would wait for its own time-out, and the status for all of them.

    Raises:
        Conflict: of an apply; all that was decided rests on an old picture, the status too.
    """
    done: list[Action] = []
    failed: list[tuple[Action, SerinusError]] = []
    for action in actions:
        if any(_rests_on(action, other) for other, _ in failed):
            continue
        try:
            await _write(action, namespace, writer)
        except SerinusError as failure:
            if isinstance(failure, Conflict) and isinstance(action, Apply):
                raise
            failed.append((action, failure))
            if isinstance(failure, OutsideUnavailable):
                break
        else:
            done.append(action)
    return Outcome(done=tuple(done), failures=tuple(failure for _, failure in failed))


async def perform_last(actions: tuple[Action, ...], namespace: str, writer: Writer) -> Outcome:
    """Carry out what is due before a resource is gone.

    Nobody waits any more for a name that somebody else has: what has it is left alone, and the
    rest is done without it, deletions too.

    Raises:
        Conflict: as `perform` has it.
    """
    outcome = await perform(actions, namespace, writer)
    taken = {(each.kind, each.name) for each in outcome.failures if isinstance(each, NameTaken)}
    if not taken:
        return outcome
    rest = (each for each in actions if (each.kind, each.name) not in taken)
    left = tuple(each for each in rest if each not in outcome.done)
    return await perform(left, namespace, writer)


def _rests_on(action: Action, failed: Action) -> bool:
    """Whether an action must not be done without one before it that failed."""
    if not isinstance(failed, Apply):
        return False
    if isinstance(action, Delete):
        return True
    is_missing = failed.kind in NEEDED_BY_PODS and not failed.is_ours
    is_of_it = isinstance(action, Apply) and action.revision == failed.revision != ""
    return is_missing and is_of_it


async def _write(action: Action, namespace: str, writer: Writer) -> None:
    if isinstance(action, Apply):
        await writer.apply(
            action.manifest,
            is_ours=action.is_ours,
            expected=action.expected,
            is_urgent=action.is_urgent,
        )
    elif isinstance(action, HandOver):
        await writer.hand_over(action.kind, namespace, action.name, action.owner)
    else:
        await writer.delete(action.kind, namespace, action.name)
