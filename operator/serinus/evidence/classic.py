"""The evidence in windows, as the limits of classic mode look at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from serinus.evidence.assessment import assess
from serinus.evidence.ledger import Block
from serinus.evidence.pooling import pooled
from serinus.evidence.windows import windows
from serinus.resource.objective import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What classic mode counts: windows that are bad, good, or neither."""

    objective: Objective
    step: Block | None
    """Everything since the step was entered."""
    every: tuple[Block, ...]
    """All windows of the rollout, oldest first."""
    of_step: tuple[Block, ...]
    """Those of the step alone."""

    @classmethod
    def of(
        cls,
        objective: Objective,
        blocks: Sequence[Block],
        step_entered_at: datetime | None,
        window_seconds: float,
    ) -> Windows:
        """Return the windows, those of the initial delay left out."""
        judged = _after_the_delay(objective, blocks)
        since = [b for b in judged if step_entered_at is None or b.since >= step_entered_at]
        return cls(
            objective=objective,
            step=pooled(since),
            every=windows(judged, objective.min_samples, window_seconds),
            of_step=windows(since, objective.min_samples, window_seconds),
        )

    @property
    def last(self) -> tuple[Block, ...]:
        """The last windows that the failure limit looks at."""
        return self.every[-self.objective.failure_limit.of :]

    @property
    def bad(self) -> tuple[Block, ...]:
        """The bad ones among them."""
        return tuple(window for window in self.last if self._is_bad(window))

    @property
    def bad_in_a_row(self) -> tuple[Block, ...]:
        """The newest windows, as far back as they are bad."""
        return tuple(takewhile(self._is_bad, reversed(self.every)))

    @property
    def failing(self) -> tuple[Block, ...]:
        """The windows that fail the objective, none while too few are bad."""
        if len(self.bad) >= self.objective.failure_limit.failed:
            return self.bad
        limit = self.objective.consecutive_failure_limit
        is_over = limit is not None and len(self.bad_in_a_row) >= limit
        return self.bad_in_a_row if is_over else ()

    @property
    def is_last_bad(self) -> bool:
        """Whether the newest window is bad."""
        return bool(self.every) and self._is_bad(self.every[-1])

    @property
    def holds(self) -> bool:
        """Whether all that the step has shown is good enough to pass."""
        return self.step is not None and self._is_good(self.step)

    @property
    def good_in_a_row(self) -> int:
        """How many of the step's newest windows are good, without one between them that is not."""
        return sum(1 for _ in takewhile(self._is_good, reversed(self.of_step)))

    @property
    def are_enough_good(self) -> bool:
        """Whether as many windows in a row are good as a step needs."""
        return self.good_in_a_row >= (self.objective.consecutive_success_limit or 0)

    @property
    def too_weak(self) -> int:
        """How many of the step's windows are for certain not good enough to pass.

        Bad ones count as well: a canary that gets worse must not look more conclusive.
        """
        to_pass = self.objective.to_pass
        return sum(
            self._is_bad(window) or assess(to_pass, window).is_bad for window in self.of_step
        )

    @property
    def is_inconclusive(self) -> bool:
        """Whether so many windows were too weak that a person has to say."""
        limit = self.objective.inconclusive_limit
        return limit is not None and self.too_weak >= limit

    def _is_bad(self, window: Block) -> bool:
        return assess(self.objective, window).is_bad

    def _is_good(self, window: Block) -> bool:
        both = (self.objective, self.objective.to_pass)
        return all(assess(each, window).holds for each in both)


def _after_the_delay(objective: Objective, blocks: Sequence[Block]) -> Sequence[Block]:
    if not objective.initial_delay or not blocks:
        return blocks
    begins = blocks[0].since + timedelta(seconds=objective.initial_delay)
    return [block for block in blocks if block.since >= begins]
