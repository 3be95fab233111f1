"""The programs that run in a model's pod, as text."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def program(name: str) -> str:
    """Return the text of a program of serinus.pod."""
    return (files("serinus.pod") / name).read_text(encoding="utf-8")
