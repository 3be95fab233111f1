"""The case a rule judges: what was asked, what is remembered, what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from serinus.decide.decision import Decision, Happening
from serinus.observe.snapshot import Snapshot
from serinus.resource.commands import Command
from serinus.resource.names import workload_name
from serinus.resource.rollout import Step
from serinus.resource.spec import Spec
from serinus.resource.status import (
    Draining,
    Fate,
    Memory,
    Phase,
    RevisionRecord,
    Rollout,
    TerminalDecision,
    TerminalKind,
    Verdict,
)
from serinus.traffic.split import ALL_STABLE, Split, canary_at

LONGEST_MESSAGE = 2000
"""The status takes no longer ones."""
MOST_DRAINING = 32
"""The status takes no more; what drains longest goes early."""
STEADY_LOOK_SECONDS = 300.0
"""Watches wake us for everything that matters; this is the net below them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Everything a rule may look at."""

    spec: Spec
    memory: Memory
    seen: Snapshot
    verdicts: tuple[Verdict, ...] = ()
    decision_is_stored: bool = True
    """Whether the terminal decision at hand is in status already, not on the route alone."""
    happenings: tuple[Happening, ...] = ()
    """Told whatever the rule decides, such as commands refused."""

    @property
    def now(self) -> datetime:
        """The time of the snapshot."""
        return self.seen.now

    @property
    def stable(self) -> str:
        """Digest of the stable revision, "" before the first."""
        return self.memory.stable.revision if self.memory.stable else ""

    @property
    def rollout(self) -> Rollout:
        """The rollout under way; only rules that saw there is one may ask."""
        if self.memory.rollout is None:
            raise LookupError("no rollout is under way")
        return self.memory.rollout

    @property
    def wanted(self) -> str:
        """Digest the spec asks for; the one at hand while a reference of the spec is missing."""
        if self.seen.wanted is not None:
            return self.seen.wanted.digest
        return self.memory.rollout.revision if self.memory.rollout else self.stable

    @property
    def wanted_version(self) -> str:
        """The version people call it by."""
        return self.spec.model.version

    @property
    def current_step(self) -> Step:
        """The step stood on or prepared for; the list may have changed on the way."""
        steps = self.spec.rollout.steps
        return steps[min(self.rollout.step, len(steps) - 1)]

    def capacity(self, weight_percent: int) -> int:
        """Return the pods that a share of the traffic needs, at least one."""
        return max(1, ceil(self.spec.replicas * weight_percent / 100))

    def size_now(self, revision: str) -> int:
        """Return the size of a revision's workload as it stands."""
        return self.seen.children.workload_sizes.get(revision, 0)

    def seconds_since(self, moment: datetime) -> float:
        """Return the seconds that have passed since a moment."""
        return (self.now - moment) / timedelta(seconds=1)

    def command(self, name: str) -> Command | None:
        """Return a command that is neither carried out nor refused yet."""
        command = self.seen.commands.get(name)
        if command is None or self.memory.handled.get(name) == command.text:
            return None
        return command

    def is_routed(self, revision: str, weight_percent: int) -> bool:
        """Return whether the router has taken over this weight for a revision."""
        route = self.seen.children.route
        if route is None or not route.is_programmed:
            return False
        total = sum(route.weights.values())
        part = route.weights.get(workload_name(self.seen.name, revision), 0)
        return total > 0 and part * 100 == weight_percent * total

    def why_unreachable(self, revision: str) -> str:
        """Return why a route can't lead to a revision, "" where it can.

        A pod is ready before its Service leads to it, and a quota may have no room for a Service.
        """
        service = workload_name(self.seen.name, revision)
        behind = self.seen.children.endpoints.get(service, ())
        ready = (pod.name for pod in self.seen.pods_of(revision) if pod.is_ready)
        is_led_to = any(name in behind for name in ready)
        return "" if is_led_to else f"Service {service} does not lead to its pods yet"

    def trouble_of(self, revision: str) -> str:
        """Return why pods of a revision are not ready or not there, in the cluster's words."""
        troubles = (p.trouble for p in self.seen.pods_of(revision) if not p.is_ready and p.trouble)
        return next(troubles, self.seen.children.workload_troubles.get(revision, ""))

    def why_not_made(self, revision: str) -> str:
        """Return why a revision's workload could not be written, "" where it is there."""
        return "" if revision in self.seen.children.workload_sizes else self.seen.not_written

    def remembering(self, **changes: Any) -> Memory:
        """Return the memory with some of it replaced."""
        return self.memory.model_copy(update=changes)

    def in_rollout(self, **changes: Any) -> Memory:
        """Return the memory with the rollout's own record changed."""
        return self.remembering(rollout=self.rollout.model_copy(update=changes))

    def handled(self, *commands: Command | None) -> dict[str, str]:
        """Return the commands carried out, those that are given included."""
        texts = {command.name: command.text for command in commands if command is not None}
        return {**self.memory.handled, **texts}

    def decided(  # noqa: PLR0913 (one place where a decision is put together)
        self,
        phase: Phase,
        reason: str,
        message: str,
        *,
        memory: Memory | None = None,
        canary_size: int | None = None,
        split: Split | None = None,
        happenings: tuple[Happening, ...] = (),
        look_again_after_seconds: float | None = None,
        is_stalled: bool = False,
        is_settled: bool = False,
    ) -> Decision:
        """Return a decision; what is not said stays as it is. The rule's name is added later."""
        memory = memory if memory is not None else self.memory
        interval = self.spec.rollout.interval_seconds
        look = interval if look_again_after_seconds is None else look_again_after_seconds
        return Decision(
            rule="",
            phase=phase,
            reason=reason,
            message=message,
            memory=memory,
            sizes=self._sizes(memory, canary_size),
            split=split or _split_of(memory),
            verdicts=self.verdicts,
            happenings=(*self.happenings, *happenings),
            look_again_after_seconds=look,
            is_stalled=is_stalled,
            is_settled=is_settled,
        )

    def _sizes(self, memory: Memory, canary_size: int | None) -> dict[str, int]:
        # What never served has no requests to finish, and what was never made is not made for it.
        there = self.seen.children.workload_sizes
        sizes = {
            gone.revision: self.size_now(gone.revision) if memory.stable else 0
            for gone in memory.draining
            if gone.revision in there
        }
        if memory.stable:
            sizes[memory.stable.revision] = self._stable_size(memory)
        if memory.rollout:
            canary, steps = memory.rollout.revision, self.spec.rollout.steps
            step = steps[min(memory.rollout.step, len(steps) - 1)]
            as_it_is = max(self.size_now(canary), self.capacity(step.weight))
            sizes[canary] = as_it_is if canary_size is None else canary_size
        return sizes

    def _stable_size(self, memory: Memory) -> int:
        """Stable is never scaled down while a rollout goes on: it may have to take all back."""
        if memory.rollout is None or memory.stable is None:
            return self.spec.replicas
        return max(self.spec.replicas, self.size_now(memory.stable.revision))

    def terminal(
        self, kind: TerminalKind, fate: Fate, reason: str, message: str
    ) -> TerminalDecision:
        """Return a terminal decision on this rollout; the same case gives the same id."""
        return TerminalDecision(
            id=f"{kind}/{self.rollout.id}",
            kind=kind,
            revision=self.rollout.revision,
            fate=fate,
            reason=reason,
            message=message[:LONGEST_MESSAGE],
            at=self.now,
        )

    def draining(self, revision: str) -> tuple[Draining, ...]:
        """Return what drains with a revision whose traffic ends now, bounded."""
        others = (gone for gone in self.memory.draining if gone.revision != revision)
        return (*others, Draining(revision=revision, since=self.now))[-MOST_DRAINING:]

    def recorded(self, fate: Fate, reason: str, message: str) -> tuple[RevisionRecord, ...]:
        """Return the history with the rollout's end put first, bounded."""
        rollout = self.rollout
        record = RevisionRecord(
            revision=rollout.revision,
            version=rollout.version,
            fate=fate,
            reason=reason,
            message=message,
            at=self.now,
        )
        older = (past for past in self.memory.history if past.revision != rollout.revision)
        return (record, *older)[: self.spec.revision_history_limit + 2]


def _split_of(memory: Memory) -> Split | None:
    """The split decided last: nothing without stable, all to stable without a rollout."""
    if memory.stable is None:
        return None
    return canary_at(memory.rollout.weight) if memory.rollout else ALL_STABLE
