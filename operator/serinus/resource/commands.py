"""What people ask for by annotation, each word bound to the revision it is meant for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serinus.resource.names import COMMANDS, command_annotation

LONGEST_TEXT = 256
"""The status remembers no longer ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command as written: `<revision>` or `<revision>/<anything that makes it new>`."""

    name: str
    text: str

    @property
    def revision(self) -> str:
        """The revision the command is meant for."""
        return self.text.partition("/")[0]

    @property
    def detail(self) -> str:
        """What follows the revision: a step's number for approve, a nonce else."""
        return self.text.partition("/")[2]


def read_commands(annotations: Mapping[str, str]) -> dict[str, Command]:
    """Return the commands in force, by name."""
    texts = {name: annotations.get(command_annotation(name), "").strip() for name in COMMANDS}
    found = {name: text[:LONGEST_TEXT] for name, text in texts.items()}
    return {name: Command(name=name, text=text) for name, text in found.items() if text}
