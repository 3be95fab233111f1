"""The error rates that a rollout is to keep, and the evidence that its ends take by them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp, inf, log

from serinus.evidence.dispersion import UNVERIFIED_DIVISOR
from serinus.evidence.simulated import KnownDuration


@dataclass(frozen=True, kw_only=True)
class ErrorRates:
    """Chances of a wrong verdict, over a whole rollout."""

    false_rollback: float
    false_promote: float
    calibrated_to_fail: float | None = None
    """Logarithm of the evidence that good canaries of stable's own past never came to."""
    duration: KnownDuration | None = None
    """What a simulated threshold holds for, None where it is to hold at any time."""

    @cached_property
    def to_fail(self) -> float:
        """Logarithm of the evidence that ends a rollout, of all objectives together."""
        return max(self._by_rate, self._by_replays)

    def to_fail_alone(self, spent: float, minutes: float | None) -> float:
        """Return the logarithm of the evidence by which one objective ends a rollout by itself.

        Where the duration is known each has a threshold of its own, and replays must say so too:
        what is simulated of one says nothing of a sum of several, which depend on each other.

        Args:
            spent: logarithm of its part of the rate.
            minutes: of evidence so far, infinite where they are not what was simulated; None of
                an objective that nothing was simulated of.
        """
        asked = self._by_rate - spent - self._saved(spent, minutes)
        return max(asked, self._by_replays - spent)

    def told_alone(self, spent: float, minutes: float | None) -> str:
        """Return what is to be told of a simulated threshold, "" where another one is in force."""
        if self.duration is None or minutes is None:
            return ""
        asked = self.to_fail_alone(spent, minutes)
        if asked <= self._by_replays - spent:
            return ""
        return self.duration.told(asked, self._saved(spent, minutes))

    def _saved(self, spent: float, minutes: float | None) -> float:
        if self.duration is None or minutes is None:
            return 0.0
        return self.duration.saved(exp(spent - self._by_rate), minutes)

    @cached_property
    def _by_rate(self) -> float:
        """At any time; twice as much while it is unverified."""
        divisor = UNVERIFIED_DIVISOR if self.calibrated_to_fail is None else 1.0
        return log(divisor / self.false_rollback)

    @property
    def _by_replays(self) -> float:
        return -inf if self.calibrated_to_fail is None else self.calibrated_to_fail

    @cached_property
    def to_pass(self) -> float:
        """Logarithm of the evidence that lets it go on."""
        return log(1 / self.false_promote)
