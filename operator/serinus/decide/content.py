"""What a revision's pods hold: a URI whose content changed under its name is told, not missed."""

from __future__ import annotations

from serinus.decide.decision import Happening
from serinus.observe.snapshot import Snapshot
from serinus.resource.status import Memory

MOST_CONTENTS = 8
"""Of one revision; the status takes no more."""


def content_noted(memory: Memory, seen: Snapshot) -> tuple[Memory, tuple[Happening, ...]]:
    """Return the memory with every content that a revision's pods have had, and what is new of it.

    A revision that comes back is held against what it had before, for as long as it is known.
    """
    known = _versions(memory)
    contents = {each: found for each, found in memory.contents.items() if each in known}
    happenings = []
    for pod in sorted(seen.children.pods, key=lambda each: each.name):
        before = contents.get(pod.revision, ())
        if not pod.content or pod.revision not in known or pod.content in before:
            continue
        if before:
            message = _changed(known[pod.revision], pod.name, before[-1], pod.content)
            happenings.append(
                Happening(reason="ModelContentChanged", message=message, is_warning=True)
            )
        contents[pod.revision] = (*before, pod.content)[-MOST_CONTENTS:]
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


def _versions(memory: Memory) -> dict[str, str]:
    at_work = [each for each in (memory.stable, memory.rollout) if each is not None]
    return {each.revision: each.version for each in (*memory.history, *at_work)}


def _changed(version: str, pod: str, before: str, now: str) -> str:
    return (
        f"version {version} is no longer what it was: pod {pod} holds {now}, and others had "
        f"{before}; what model.uri points to was replaced under its name"
    )
