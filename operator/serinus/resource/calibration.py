"""What a calibration found: how often the policy would have been wrong on stable's own past."""

from __future__ import annotations

from serinus.resource.told import Short, Text, Time, Told

UNITS_PER_NAT = 10_000
LEAST_ROLLOUTS = 300
"""Of fewer pseudo-rollouts even the largest maximum is exceeded too often; with more it hardly
moves."""


class Calibration(Told):
    """The policy held against stable's own pods, some of them taken for a canary."""

    policy: Short
    """Digest of the policy it holds for."""
    incidents: Short = ""
    """Digest of the incidents that were named; with others a calibration is made anew."""
    at: Time
    """When it was made."""
    days: float = 0.0
    """How far back stable's past was looked at."""
    cut_out_seconds: int = 0
    """How much of that was left out for incidents: whole pseudo-rollouts."""
    rollouts: int = 0
    """Pseudo-rollouts of good canaries that were replayed."""
    rolled_back: int = 0
    """How many of them would have been rolled back."""
    uncalibrated_rolled_back: int = 0
    """The same by the false-rollback rate alone."""
    threshold: int | None = None
    """Logarithm of the evidence that a rollback takes, in ten-thousandths; none as long as too
    little of the past is known."""
    message: Text
    """The same in a sentence, or what is missing."""
    expected: Text = ""
    """When a regression would show, by the traffic of that past."""

    @property
    def log_threshold(self) -> float | None:
        """Logarithm of the evidence that a rollback takes, None where that is not known.

        An operator that asked for fewer pseudo-rollouts may have written it.
        """
        if self.threshold is None or self.rollouts < LEAST_ROLLOUTS:
            return None
        return self.threshold / UNITS_PER_NAT
