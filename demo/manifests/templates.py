"""Fills the placeholders for what only the orchestrator knows."""

from __future__ import annotations

from importlib.resources import files
from string import Template


def fill(name: str, /, **values: object) -> str:
    """A manifest ready for kubectl; a placeholder without a value is an error, not a gap."""
    written = files("demo.manifests").joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return Template(written).substitute({key: str(value) for key, value in values.items()})
