"""What a revision's files are: a URI whose content changed under its name is told, not missed."""

from __future__ import annotations

from serinus.decide.decision import Happening
from serinus.observe.snapshot import PodSeen, ReadingSeen, Snapshot
from serinus.resource.status import Memory

MOST_CONTENTS = 8
"""Of one revision; the status takes no more."""


def content_noted(memory: Memory, seen: Snapshot) -> tuple[Memory, tuple[Happening, ...]]:
    """Return the memory with every content that a revision has had, and what is new of it.

    A revision that comes back is held against what it had before, for as long as it is known.
    """
    known = _versions(memory)
    contents = {each: found for each, found in memory.contents.items() if each in known}
    happenings = []
    for each in _told(seen):
        before = contents.get(each.revision, ())
        if not each.content or each.revision not in known or each.content in before:
            continue
        if before:
            message = _changed(known[each.revision], each, before[-1])
            happenings.append(
                Happening(reason="ModelContentChanged", message=message, is_warning=True)
            )
        contents[each.revision] = (*before, each.content)[-MOST_CONTENTS:]
    if contents == memory.contents:
        return memory, ()
    return memory.model_copy(update={"contents": contents}), tuple(happenings)


def mixed_revisions(memory: Memory) -> tuple[str, ...]:
    """Return versions with traffic, or on their way to it, whose content changed."""
    at_work = (memory.stable, memory.rollout)
    return tuple(
        each.version
        for each in at_work
        if each and len(memory.contents.get(each.revision, ())) > 1
    )


def _told(seen: Snapshot) -> tuple[PodSeen | ReadingSeen, ...]:
    """What serves goes first: a claim is held against that."""
    return (*sorted(seen.children.pods, key=lambda each: each.name), *seen.children.readings)


def _versions(memory: Memory) -> dict[str, str]:
    at_work = [each for each in (memory.stable, memory.rollout) if each is not None]
    return {each.revision: each.version for each in (*memory.history, *at_work)}


def _changed(version: str, told: PodSeen | ReadingSeen, before: str) -> str:
    is_reading = isinstance(told, ReadingSeen)
    found = (
        f"pod {told.name} reads {told.content} on the claim, and pods had {before}; each "
        "container that restarts takes what is there now"
        if is_reading
        else f"pod {told.name} holds {told.content}, and others had {before}"
    )
    return (
        f"version {version} is no longer what it was: {found}; what model.uri points to was "
        "replaced under its name"
    )
