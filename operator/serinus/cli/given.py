"""What people give: files and figures of a command line, read, or refused by what they said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
import yaml

from serinus.cli.exits import Ended, ExitCode
from serinus.errors import SpecInvalid
from serinus.resource.quantities import parse_duration, parse_share
from serinus.resource.spec import Spec, parse_spec

PARTS = ("metadata", "spec")
"""Of a resource that is written as YAML."""


def duration(text: str) -> float:
    """Return the seconds of a duration, for an option of the command line."""
    try:
        return parse_duration(text)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from wrong


def share(text: str) -> float:
    """Return a percentage as a part of 1, for an option of the command line."""
    try:
        return parse_share(text)
    except ValueError as wrong:
        raise typer.BadParameter(str(wrong)) from wrong


def named(text: str) -> str:
    """Return a name that is one: an empty one, as of a variable that is not set, means all."""
    if not text.strip():
        raise typer.BadParameter("it is empty")
    return text


def text_of(file: Path | None) -> str:
    """Return what a file holds; nothing where there is none.

    Raises:
        Ended: it can't be read, or is no text.
    """
    try:
        return file.read_text(encoding="utf-8") if file else ""
    except OSError as trouble:
        raise Ended(ExitCode.USAGE, f"{file}: {trouble.strerror}") from trouble
    except UnicodeDecodeError as trouble:
        raise Ended(ExitCode.USAGE, f"{file} is no text in UTF-8") from trouble


def yaml_of(file: Path) -> Mapping[str, Any]:
    """Return a resource that was written as YAML, its metadata and its spec there, if empty.

    Raises:
        Ended: it can't be read, or is none.
    """
    try:
        found = yaml.safe_load(text_of(file))
    except yaml.YAMLError as wrong:
        raise Ended(ExitCode.USAGE, f"{file} is no YAML: {in_one_line(wrong)}") from wrong
    parts = [found.get(part) or {} for part in PARTS] if isinstance(found, dict) else [None]
    if not all(isinstance(part, dict) for part in parts):
        raise Ended(ExitCode.USAGE, f"{file} holds no resource")
    return {**found, **dict(zip(PARTS, parts, strict=True))}


def spec_of(file: Path, raw: Mapping[str, Any]) -> Spec:
    """Return a spec that came from a file.

    Raises:
        Ended: it can't be followed.
    """
    try:
        return parse_spec(raw)
    except SpecInvalid as wrong:
        raise Ended(ExitCode.USAGE, f"{file}: {wrong}") from wrong


def write(file: Path, text: str) -> None:
    """Write a file.

    Raises:
        Ended: it can't be written.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as trouble:
        raise Ended(ExitCode.USAGE, f"{file}: {trouble.strerror}") from trouble


def in_one_line(fault: object) -> str:
    """Return what some reader says over several lines."""
    return " ".join(str(fault).split())
