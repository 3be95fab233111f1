"""Whatever happens in whatever order, the rules that hold always hold."""

from __future__ import annotations

import asyncio
import os
from math import inf

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.fakes.models import CRASHING, ERRING, GOOD, NULLS, STUCK
from tests.fakes.world import FakeWorld, serving, spec_of

BEHAVIOURS = {"2": GOOD, "3": NULLS, "4": CRASHING, "5": ERRING, "6": STUCK, "7": GOOD}
BAD_VERSIONS = {"3", "4", "5", "6"}
VERSIONS = st.sampled_from(["1", *BEHAVIOURS])
A_WHILE = st.integers(0, 30)
"""Seconds that pass after something has happened."""


class Rollouts(RuleBasedStateMachine):
    """A resource in the hands of people, clusters and outages."""

    world: FakeWorld

    @initialize(version=VERSIONS, seconds=st.integers(0, 90))
    def start(self, version: str, seconds: int) -> None:
        """Version 1 serves, and another one has been on its way for a while."""
        spec = spec_of(rollout={"progressDeadline": "60s", "minTime": "10s"})
        self.world = self.beginning(asyncio.run(serving(spec)))
        self.world.cluster.behaviours.update(BEHAVIOURS)
        self.has_promoted_by_hand: set[str] = set()
        self.has_retried = False
        self.lost_at = -inf
        self.world.deploy(version)
        self.passes(seconds)

    def beginning(self, world: FakeWorld) -> FakeWorld:
        """Return the world that the machine begins with."""
        return world

    @rule(seconds=st.integers(1, 90))
    def time_passes(self, seconds: int) -> None:
        """Traffic flows and the loop looks."""
        self.passes(seconds)

    def passes(self, seconds: int) -> None:
        """After whatever has happened: a world that stands still breaks no rule.

        Each example leaves out some of the rules, and would mostly leave out `time_passes` too.
        """
        asyncio.run(self.world.run(seconds))

    @rule(version=VERSIONS, seconds=A_WHILE)
    def somebody_applies(self, version: str, seconds: int) -> None:
        """A new spec."""
        self.world.deploy(version)
        self.passes(seconds)

    @rule(
        command=st.sampled_from(["promote", "abort", "retry", "approve"]),
        nonce=st.integers(0, 3),
        seconds=A_WHILE,
    )
    def somebody_commands(self, command: str, nonce: int, seconds: int) -> None:
        """A command for the rollout of now, or for the failure of before."""
        rollout = self.world.status.get("rollout") or {}
        history = self.world.status["history"]
        revision = rollout.get("revision") or history[0]["revision"]
        if command == "promote":
            self.has_promoted_by_hand.add(revision)
        self.has_retried = self.has_retried or command == "retry"
        self.world.annotate(command, f"{revision}/{nonce}" if command != "approve" else revision)
        self.passes(seconds)

    @rule(is_up=st.booleans(), seconds=A_WHILE)
    def prometheus_comes_and_goes(self, is_up: bool, seconds: int) -> None:
        """No data for a while."""
        self.world.prometheus.is_up = is_up
        self.passes(seconds)

    @rule(works=st.booleans(), seconds=A_WHILE)
    def the_router_comes_and_goes(self, works: bool, seconds: int) -> None:
        """Nobody takes the route over for a while."""
        self.world.cluster.router_works = works
        self.passes(seconds)

    @rule(version=VERSIONS, lost=st.booleans(), seconds=A_WHILE)
    def pods_are_lost_and_return(self, version: str, lost: bool, seconds: int) -> None:
        """All pods of a version at once."""
        for pod in self.world.cluster.pods.values():
            pod.is_lost = lost if pod.version == version else pod.is_lost
        self.lost_at = self.world.cluster.seconds
        self.passes(seconds)

    @rule(paused=st.booleans(), seconds=A_WHILE)
    def somebody_suspends(self, paused: bool, seconds: int) -> None:
        """spec.paused on and off."""
        self.world.edit(paused=paused)
        self.passes(seconds)

    @rule(replicas=st.integers(1, 6), seconds=A_WHILE)
    def an_autoscaler_scales(self, replicas: int, seconds: int) -> None:
        """spec.replicas by the scale subresource."""
        self.world.edit(replicas=replicas)
        self.passes(seconds)

    @rule(seconds=A_WHILE)
    def the_operator_is_killed(self, seconds: int) -> None:
        """A new process knows what is stored and nothing else."""
        self.world = self.world.with_a_new_process()
        self.passes(seconds)

    @invariant()
    def the_split_is_whole_and_leads_to_what_exists(self) -> None:
        """Weights sum to 100 and name Services that are there."""
        weights = self.world.cluster.weights()
        assert sum(weights.values()) == 100
        assert all(("Service", name) in self.world.cluster.objects for name in weights)

    @invariant()
    def a_canary_without_ready_pods_has_no_traffic(self) -> None:
        """After every second; the stable track keeps what it has, there is nothing better."""
        stable = f"fraud-{self.world.status['stable']['revision']}"
        for service, weight in self.world.cluster.weights().items():
            pods = [p for p in self.world.cluster.pods.values() if service.endswith(p.revision)]
            is_served = any(self.world.cluster.is_ready(pod) for pod in pods)
            assert service == stable or not weight or is_served or self._just_lost(service)

    def _just_lost(self, service: str) -> bool:
        # A rule of this machine took the pods away; the loop looks in the next second.
        return self.world.cluster.seconds == self.lost_at and any(
            p.is_lost for p in self.world.cluster.pods.values() if service.endswith(p.revision)
        )

    @invariant()
    def nothing_bad_becomes_stable_but_by_a_person(self) -> None:
        """A version that fails its objectives is promoted by a person's word only."""
        stable = self.world.status["stable"]
        if stable["version"] in BAD_VERSIONS:
            assert stable["revision"] in self.has_promoted_by_hand

    @invariant()
    def a_decision_is_announced_once(self) -> None:
        """As many promotions told as revisions became stable."""
        told = self.world.reasons
        assert told.count("PromotionDecided") >= told.count("Promoted")
        starts = told.count("RolloutStarted") + told.count("RolloutRetried")
        ends = told.count("Promoted") + told.count("RolledBack")
        assert ends <= starts + told.count("Superseded")


TestRollouts = Rollouts.TestCase
TestRollouts.settings = settings(
    max_examples=int(os.environ.get("SERINUS_EXAMPLES", "15")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
