"""The rule that others have: a check an interval, and out after so many failed ones in a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a version has answered by the end of an interval, from the beginning on."""

    answers: int
    bad: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FailuresInARow:
    """A check fails if more of an interval's answers were bad than the limit allows."""

    limit_share: float
    in_a_row: int = 5

    def bad_when_out(self, checks: Sequence[Answered]) -> int | None:
        """Return the bad answers let through when it rolls back, None while it does not.

        In the rule's favour: it knows each answer at once, and what it decides holds at once.

        Args:
            checks: the counts at each check, the first of them before any interval.
        """
        failed = 0
        for before, now in pairwise(checks):
            failed = failed + 1 if self._fails(before, now) else 0
            if failed == self.in_a_row:
                return now.bad - checks[0].bad
        return None

    def _fails(self, before: Answered, now: Answered) -> bool:
        answers, bad = now.answers - before.answers, now.bad - before.bad
        return answers > 0 and bad > self.limit_share * answers
