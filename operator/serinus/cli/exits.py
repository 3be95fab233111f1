"""How a command ends: the codes that scripts rely on."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Codes of `status`; the other verbs end with 0, 1 (refused), 3 or 64."""

    HEALTHY = 0
    FAILED = 1
    """Rolled back, invalid or stalled: nothing more happens without a person."""
    IN_PROGRESS = 2
    NOT_REACHED = 3
    """No such resource, no such cluster, no answer or no right to ask."""
    USAGE = 64
    """The command line was wrong (EX_USAGE); 2 would read as "in progress" to a script."""


class Ended(Exception):
    """The command ends here, with a code and, where there is one, a reason for stderr."""

    def __init__(self, code: ExitCode, message: str = "") -> None:
        super().__init__(message)
        self.code = code
