"""A pod reduced to what decisions rest on: ready, crash looping, and the kubelet's own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from serinus.observe.snapshot import PodSeen, ReadingSeen
from serinus.resource.names import CONTENT_CONTAINER

LONGEST_TROUBLE = 512
LONGEST_LAST_WORDS = 200

ENDS_TAKEN_FOR_A_LOOP = 2
"""Restarts after which a container that has ended once more is not waited for."""

_IS_CONTENT = re.compile(r"sha256:[0-9a-f]{64}")
_SAYS_CONTENT = re.compile(rf"(?:/mnt/models holds )?({_IS_CONTENT.pattern})(?:, not .*)?\s*$")
"""What is not what was pinned is named by the reader's words, too."""

ENDED = frozenset({"Failed", "Succeeded"})
"""Phases of a pod that comes back no more."""

STARTING = frozenset({"ContainerCreating", "PodInitializing"})
"""Reasons to wait that are no trouble."""


def read_pod(raw: Mapping[str, Any], revision: str) -> PodSeen:
    """Return what decisions rest on."""
    metadata, status = raw["metadata"], raw.get("status") or {}
    is_terminating = "deletionTimestamp" in metadata
    is_ready = condition_of(status, "Ready").get("status") == "True" and not is_terminating
    # Its containers have ended because it goes: it was deleted, or evicted from its node.
    is_going = is_terminating or status.get("phase") in ENDED
    may_loop = not is_ready and not is_going
    started, begun = status.get("startTime"), sorted(_beginnings(status))
    return PodSeen(
        name=metadata["name"],
        revision=revision,
        is_ready=is_ready,
        is_going=is_going,
        is_crash_looping=may_loop and any(map(_is_crash_looping, _containers(status))),
        trouble="" if is_ready or is_terminating else _trouble(status)[:LONGEST_TROUBLE],
        content=_content(status),
        started_at=datetime.fromisoformat(started) if started else None,
        running_since=begun[-1] if begun else None,
        began_before=(*sorted(_beginnings_before(status)), *begun[:-1]),
    )


def read_reading(raw: Mapping[str, Any], revision: str) -> ReadingSeen | None:
    """Return what a pod found on a claim, None where it has said nothing of it."""
    for container in (raw.get("status") or {}).get("containerStatuses") or ():
        ended = (container.get("state") or {}).get("terminated") or {}
        found = _SAYS_CONTENT.match(ended.get("message") or "")
        if container["name"] == CONTENT_CONTAINER and found:
            return ReadingSeen(name=raw["metadata"]["name"], revision=revision, content=found[1])
    return None


def _content(status: Mapping[str, Any]) -> str:
    """The last words of the container that has read the model's files."""
    for container in status.get("initContainerStatuses") or ():
        ended = (container.get("state") or {}).get("terminated") or {}
        if container["name"] == CONTENT_CONTAINER and ended.get("exitCode") == 0:
            words = (ended.get("message") or "").strip()
            return words if _IS_CONTENT.fullmatch(words) else ""
    return ""


def condition_of(status: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a condition of an object, empty where it has none of that type."""
    found: Iterator[Mapping[str, Any]] = (
        condition for condition in status.get("conditions") or () if condition["type"] == name
    )
    return next(found, {})


def _beginnings(status: Mapping[str, Any]) -> Iterator[datetime]:
    for container in _containers(status):
        running = (container.get("state") or {}).get("running") or {}
        if running.get("startedAt"):
            yield datetime.fromisoformat(running["startedAt"])


def _beginnings_before(status: Mapping[str, Any]) -> Iterator[datetime]:
    """Of a container that was restarted, the kubelet remembers one process before this one."""
    for container in _containers(status):
        last = (container.get("lastState") or {}).get("terminated") or {}
        if last.get("startedAt"):
            yield datetime.fromisoformat(last["startedAt"])


def _containers(status: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from status.get("initContainerStatuses") or ()
    yield from status.get("containerStatuses") or ()


def _is_crash_looping(container: Mapping[str, Any]) -> bool:
    state = container.get("state") or {}
    if (state.get("waiting") or {}).get("reason") == "CrashLoopBackOff":
        return True
    ended = state.get("terminated")
    if not ended or container.get("ready"):  # an init container that is done is "ready"
        return False
    return bool(container.get("restartCount", 0) >= ENDS_TAKEN_FOR_A_LOOP)


def _trouble(status: Mapping[str, Any]) -> str:
    for container in _containers(status):
        if words := _container_trouble(container):
            return f"{container['name']}: {words}"
    if status.get("reason"):  # the pod as a whole, such as Evicted
        return words_of(status)
    scheduled = condition_of(status, "PodScheduled")
    if scheduled.get("status") == "False":
        return words_of(scheduled)
    ready = condition_of(status, "Ready")
    return words_of(ready) if ready.get("message") else str(status.get("phase", ""))


def _container_trouble(container: Mapping[str, Any]) -> str:
    state = container.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
    last = (container.get("lastState") or {}).get("terminated") or {}
    if last and waiting.get("reason") == "CrashLoopBackOff":
        return f"CrashLoopBackOff after {_end(last)}"  # that, not the waiting, is the cause
    if waiting.get("reason") and waiting["reason"] not in STARTING:
        return words_of(waiting)
    if ended and ended.get("exitCode") != 0:
        return _end(ended)
    return ""


def _end(ended: Mapping[str, Any]) -> str:
    """How a container ended, with its last words: of a traceback the last line says it."""
    reason = ended.get("reason") or "its end"
    lines = (ended.get("message") or "").strip().splitlines()
    said = f": {lines[-1].strip()[:LONGEST_LAST_WORDS]}" if lines else ""
    return f"{reason} (exit code {ended.get('exitCode')}){said}"


def words_of(said: Mapping[str, Any]) -> str:
    """Return reason and message of a condition or a state, as far as there are any."""
    reason, message = said.get("reason") or "", (said.get("message") or "").strip()
    return ": ".join(part for part in (reason, message) if part)
