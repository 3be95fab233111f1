"""Containers of ours among those of a template: what is written for one of its name wins."""

from __future__ import annotations

from typing import Any

Container = dict[str, Any]

CONFINED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""As the restricted standard wants it; whether it may be root is for the pod to say."""


def place_of(containers: list[Container], name: str) -> int | None:
    """Return the number of a container, None where there is none of that name."""
    names = [each.get("name") for each in containers]
    return names.index(name) if name in names else None


def placed(containers: list[Container], ours: Container, at: int) -> list[Container]:
    """Put a container in its place, or fill it in where the user has written one of its name."""
    number = place_of(containers, ours["name"])
    if number is None:
        return [*containers[:at], ours, *containers[at:]]
    written = containers[number]
    lists = {key: _joined(written, ours, key) for key in ("env", "volumeMounts") if key in ours}
    return [*containers[:number], {**ours, **written, **lists}, *containers[number + 1 :]]


def _joined(written: Container, ours: Container, key: str) -> list[dict[str, Any]]:
    first = list(written.get(key) or ())
    names = {each.get("name") for each in first}
    return [*first, *(each for each in ours[key] if each["name"] not in names)]
