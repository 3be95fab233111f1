"""How the models of a scenario behave once they run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What one version of a model does."""

    error_share: float = 0.0
    null_share: float = 0.0
    start_seconds: float = 2.0
    """From the pod's creation to ready; infinity for one that never is."""
    crashes: bool = False
    """Ends right after its start, again and again."""
    dies_at: float = float("inf")
    """Scenario second at which all its pods stop being ready for good."""


GOOD = Behaviour()
CRASHING = Behaviour(crashes=True)
ERRING = Behaviour(error_share=0.2)
NULLS = Behaviour(null_share=0.1)
STUCK = Behaviour(start_seconds=float("inf"))
