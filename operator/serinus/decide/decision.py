"""The Decision: what should be true next, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from serinus.resource.status import Memory, Phase, Verdict
from serinus.traffic.split import ALL_STABLE, Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Something to tell once, as an event."""

    reason: str
    message: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What next: made by the first rule that had something to say."""

    rule: str
    """Name of that rule, "why" in one guess."""
    phase: Phase
    reason: str
    message: str
    memory: Memory
    """What is to be remembered, terminal decision included."""
    sizes: Mapping[str, int]
    """Pods wanted of each revision; a workload not named here goes away."""
    split: Split | None = ALL_STABLE
    """What the route should say; None while nothing serves and no route is due."""
    verdicts: tuple[Verdict, ...] = ()
    happenings: tuple[Happening, ...] = ()
    look_again_after_seconds: float = 15.0
    is_stalled: bool = False
    """Whether only a person can help (kstatus Stalled)."""
    is_settled: bool = False
    """Whether there is nothing left to do (kstatus: not Reconciling)."""

    @property
    def stable(self) -> str:
        """Digest of the stable revision, "" before the first."""
        return self.memory.stable.revision if self.memory.stable else ""

    @property
    def canary(self) -> str:
        """Digest of the revision on trial, "" without one."""
        return self.memory.rollout.revision if self.memory.rollout else ""
