"""Whatever happens in whatever order, and whenever the operator dies, the rules hold."""

from __future__ import annotations

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from tests.fakes.mortal import Death, MortalWorld
from tests.fakes.world import FakeWorld
from tests.properties.test_rollout_machine import A_WHILE, Rollouts

FAILED = ("RolledBack", "Aborted")


class MortalRollouts(Rollouts):
    """The same hands, clusters and outages, and an operator that dies in the middle of looks."""

    world: MortalWorld

    def beginning(self, world: FakeWorld) -> FakeWorld:
        """Return the same world, in which the operator may die."""
        self.history: list[Any] = []
        return MortalWorld.of(world)

    @rule(
        lives=st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=4),
        seconds=A_WHILE,
    )
    def the_operator_will_die(self, lives: list[tuple[int, bool]], seconds: int) -> None:
        """At a write to come, before it or after it, and so will those who come after."""
        self.world.deaths = [Death(writes, after) for writes, after in lives]
        self.passes(seconds)

    @rule(nonce=st.integers(0, 3), seconds=A_WHILE)
    def somebody_retries(self, nonce: int, seconds: int) -> None:
        """What failed may come back now."""
        self.has_retried = True
        self.world.annotate("retry", f"{self.world.status['history'][0]['revision']}/{nonce}")
        self.passes(seconds)

    def _just_lost(self, service: str) -> bool:
        return self.world.is_down or super()._just_lost(service)

    @invariant()
    def a_decision_is_taken_once(self) -> None:
        """One rollout has one end, and it was decided at one time."""
        times = self.world.decided
        assert all(len(each) == 1 for each in times.values()), times

    @invariant()
    def history_only_grows(self) -> None:
        """What was recorded stays as it was recorded, up to its bound and but for a retry."""
        now = list(self.world.status["history"])
        known = {(each["revision"], each["at"]) for each in self.history}
        fresh = [each for each in now if (each["revision"], each["at"]) not in known]
        assert now[len(fresh) :] == [each for each in self.history if each in now]
        self.history = now

    @invariant()
    def what_failed_stays_out(self) -> None:
        """A revision that failed gets no traffic before somebody retries it."""
        failed = {e["revision"] for e in self.world.status["history"] if e["fate"] in FAILED}
        weights = self.world.cluster.weights()
        assert self.has_retried or not any(f"fraud-{each}" in weights for each in failed)

    def a_decision_is_announced_once(self) -> None:
        """Not under kills: an event is lost with whoever dies between status and event."""


TestMortalRollouts = MortalRollouts.TestCase
TestMortalRollouts.settings = settings(
    max_examples=int(os.environ.get("SERINUS_EXAMPLES", "15")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
