"""Cases for the pure stages: everything in order in mid-rollout, and what a test changes in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from serinus.decide.decision import Decision
from serinus.decide.rules import decide
from serinus.evidence.ledger import Block, Ledger, Tally
from serinus.observe.snapshot import Children, PodSeen, RouteSeen, Snapshot
from serinus.resource.commands import Command
from serinus.resource.names import (
    canary_service_name,
    entry_service_name,
    stable_service_name,
    workload_name,
)
from serinus.resource.objectives import ObjectivesInForce, Unresolved
from serinus.resource.revision import Revision, Wanted
from serinus.resource.spec import Spec, parse_spec
from serinus.resource.status import (
    Draining,
    Fate,
    Memory,
    RevisionRecord,
    Rollout,
    ServingRevision,
    TerminalDecision,
    TerminalKind,
    Verdict,
    VerdictValue,
)
from serinus.signals.blocks import objective_key
from tests.fakes.world import spec_of

NOW = datetime(2026, 1, 5, 13, 0, 0, tzinfo=UTC)
UNRESOLVED = Unresolved(
    reason="ObjectiveTemplateMissing",
    message="spec.objectiveTemplates[0]: ObjectiveTemplate 'serving' does not exist",
)
STABLE, CANARY, THIRD = "a" * 10, "b" * 10, "c" * 10
VERSIONS = {STABLE: "1", CANARY: "2", THIRD: "3"}
MODEL = "fraud"
AS_REMEMBERED = "as remembered"
PASSING = {"pass": (200, 0), "unclear": (200, 6), "fail": (200, 100), "undecided": (9, 0)}
"""Canary's requests and the bad ones among them in each of five blocks."""


class Impossible(Exception):
    """The case asked for can't come about."""


def version_of(digest: str) -> str:
    """Return the version people call a revision by."""
    return VERSIONS.get(digest, digest)


def insist(is_possible: bool, why: str) -> None:
    if not is_possible:
        raise Impossible(why)


def ago(seconds: float) -> datetime:
    """Return the time so many seconds before now."""
    return NOW - timedelta(seconds=seconds)


def spec(version: str = "2", **fields: Any) -> Spec:
    """Return a spec of four replicas, steps at 10 and 50 % of 30 s, and two objectives."""
    return parse_spec(spec_of(version, **fields))


def rollout(**changes: Any) -> Rollout:
    """Return the canary's rollout: on its first step, at 10 %, for a minute."""
    begun: dict[str, Any] = {
        "revision": CANARY,
        "version": version_of(changes.get("revision", CANARY)),
        "started_at": ago(90),
        "capacity_asked_at": ago(90),
        "weight": 10,
        "steps": 2,
        "step_entered_at": ago(60),
        "evidence_since": ago(60),
    }
    made = Rollout.model_validate(begun | changes)
    insist(0 <= made.step < made.steps, f"no step {made.step} of {made.steps}")
    insist(0 <= made.weight <= 100, f"no weight {made.weight}")
    insist(made.approved_step <= made.step, "a step to come can't be approved yet")
    insist(not made.weight or made.evidence_since is not None, "evidence begins with traffic")
    moments = (made.capacity_asked_at, made.step_entered_at, made.evidence_since)
    known = [moment for moment in (*moments, made.waiting_since) if moment is not None]
    insist(all(made.started_at <= moment <= NOW for moment in known), "not within the rollout")
    return made


def preparing(**changes: Any) -> Rollout:
    """Return a rollout that just began: its pods are started, it has no traffic yet."""
    begun = {"weight": 0, "step_entered_at": None, "evidence_since": None}
    return rollout(**(begun | changes))


def terminal(kind: TerminalKind, **changes: Any) -> TerminalDecision:
    """Return a terminal decision on the canary's rollout, taken ten seconds ago."""
    is_rollback = kind is TerminalKind.ROLLBACK
    taken: dict[str, Any] = {
        "id": f"{kind}/{rollout().id}",
        "kind": kind,
        "revision": CANARY,
        "fate": Fate.ROLLED_BACK if is_rollback else Fate.PROMOTED,
        "reason": "ObjectiveFailed" if is_rollback else "EveryStepPassed",
        "message": "errors" if is_rollback else "version 2 passed every step",
        "at": ago(10),
    }
    return TerminalDecision.model_validate(taken | changes)


def record(revision: str, fate: Fate, **changes: Any) -> RevisionRecord:
    """Return what became of a revision an hour ago."""
    known = {
        "revision": revision,
        "version": version_of(revision),
        "fate": fate,
        "reason": str(fate),
    }
    return RevisionRecord.model_validate(
        known | {"message": "so it was", "at": ago(3600)} | changes
    )


def drained(revision: str, since: datetime) -> Draining:
    """Return a revision without traffic since a time."""
    return Draining(revision=revision, since=since)


def memory(stable: str = STABLE, **parts: Any) -> Memory:
    """Return a memory in which version 1 serves; an empty name means that nothing does yet."""
    serving = (
        ServingRevision(revision=stable, version=version_of(stable), since=ago(3600))
        if stable
        else None
    )
    made = Memory(stable=serving, **parts)
    under_way, decision = made.rollout, made.decision
    if under_way is not None:
        insist(under_way.revision != stable, "stable can't be its own canary")
        insist(bool(stable) or under_way.weight == 0, "no split without stable")
        at_work = (stable, under_way.revision)
        insist(
            all(d.revision not in at_work for d in made.draining), "what is at work can't drain"
        )
    if decision is not None:
        is_swapped = decision.kind is TerminalKind.PROMOTE and decision.revision == stable
        is_of_it = under_way is not None and decision.revision == under_way.revision
        insist(is_of_it or (under_way is None and is_swapped), "a decision on no rollout")
    return made


def verdict(value: VerdictValue = VerdictValue.PASS, **changes: Any) -> Verdict:
    """Return a verdict on the error rate."""
    said = {"objective": "error-rate", "verdict": value, "message": f"it is {value}"}
    return Verdict.model_validate(said | changes)


def revision(digest: str) -> Revision:
    """Return a frozen revision."""
    image = f"models/fraud:{version_of(digest)}"
    ports = [{"name": "http", "containerPort": 8080}]
    template = {
        "metadata": {"labels": {"serinus.dev/model": MODEL, "serinus.dev/revision": digest}},
        "spec": {"containers": [{"name": "model", "image": image, "ports": ports}]},
    }
    return Revision(digest=digest, version=version_of(digest), pod_template=template)


def wanted(digest: str, template: Mapping[str, Any] | None = None, **parts: Any) -> Wanted:
    """Return the revision a spec asks for, as its user wrote it."""
    version = version_of(digest)
    written = template or spec_of(version)["template"]
    return Wanted(digest=digest, version=version, template=written, **parts)


def ledger(spec: Spec, memory: Memory, *verdicts: str) -> Ledger:
    """Return evidence for these verdicts, the last of them for all further objectives."""
    under_way = memory.rollout
    if under_way is None or under_way.evidence_since is None or not verdicts:
        return Ledger()
    begun = {objective_key(each): under_way.evidence_since for each in spec.objectives}
    padded = [*verdicts, *[verdicts[-1]] * len(begun)]
    entered = under_way.step_entered_at or under_way.evidence_since
    blocks = {key: _blocks(entered, *PASSING[v]) for key, v in zip(begun, padded, strict=False)}
    return Ledger(rollout=under_way.id, begun=begun, blocks=blocks)


def _blocks(since: datetime, total: int, bad: int) -> tuple[Block, ...]:
    length = (NOW - since) / 5
    canary, stable = Tally(total=total, bad=bad), Tally(total=1000)
    times = [(since + length * n, since + length * (n + 1)) for n in range(5)]
    return tuple(Block(since=a, until=b, canary=canary, stable=stable) for a, b in times)


def pods(
    digest: str, size: int, ready: int, *, crashing: int = 0, trouble: str = ""
) -> list[PodSeen]:
    """Return the pods of a revision: first the ready ones, last those that crash."""
    insist(0 <= ready <= size - crashing, f"{ready} ready and {crashing} crashing of {size} pods")
    return [
        PodSeen(
            name=f"{MODEL}-{digest}-{n}",
            revision=digest,
            is_ready=n < ready,
            is_crash_looping=n >= size - crashing,
            trouble=trouble if n >= ready else "",
        )
        for n in range(size)
    ]


SPEC = spec()
IN_MID_ROLLOUT = memory(rollout=rollout())


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one decision is made from."""

    spec: Spec
    memory: Memory
    seen: Snapshot

    def decide(self) -> Decision:
        """Return what is decided."""
        return decide(self.spec, self.memory, self.seen)

    def wanting(self, revision: Wanted | None) -> Given:
        """Return the case with a spec that asks for another revision."""
        return replace(self, seen=replace(self.seen, wanted=revision))

    def with_children(self, **changes: Any) -> Given:
        """Return the case with other things in the cluster."""
        return replace(
            self, seen=replace(self.seen, children=replace(self.seen.children, **changes))
        )


def given(
    *,
    spec: Spec | None = None,
    memory: Memory | None = None,
    verdicts: Sequence[str] = (),
    **sights: Any,
) -> Given:
    """Return a case: in mid-rollout, with everything as remembered, unless told otherwise."""
    asked = spec if spec is not None else SPEC
    known = memory if memory is not None else IN_MID_ROLLOUT
    return Given(
        spec=asked,
        memory=known,
        seen=snapshot(asked, known, evidence=ledger(asked, known, *verdicts), **sights),
    )


def snapshot(
    spec: Spec,
    memory: Memory,
    *,
    wants: str | None = AS_REMEMBERED,
    commands: Mapping[str, str] | None = None,
    evidence: Ledger | None = None,
    trouble: str = "",
    unresolved: Unresolved | None = None,
    **sights: Any,
) -> Snapshot:
    """Return the picture of a cluster in which what is remembered is so, unless told otherwise.

    Args:
        spec: says how many pods there should be.
        memory: says who has which part of the traffic.
        wants: the revision the spec asks for, None while a reference of it is missing.
        commands: text of the annotations by command.
        evidence: blocks counted so far.
        trouble: why there is no fresh evidence.
        unresolved: why not all objectives are known.
        sights: of the cluster, see `children`.
    """
    under_way, serving = memory.rollout, memory.stable
    remembered = under_way.revision if under_way else serving.revision if serving else STABLE
    asked = remembered if wants == AS_REMEMBERED else wants
    return Snapshot(
        now=NOW,
        namespace="prod",
        name=MODEL,
        uid="uid-1",
        generation=3,
        wanted=wanted(asked) if asked is not None else None,
        wanted_trouble="" if asked is not None else "ConfigMap 'thresholds' does not exist",
        objectives=ObjectivesInForce(objectives=spec.objectives, trouble=unresolved),
        commands={name: Command(name=name, text=text) for name, text in (commands or {}).items()},
        children=children(spec, memory, **sights),
        ledger=evidence or Ledger(),
        metrics_trouble=trouble,
        metrics_troubles={objective_key(each): trouble for each in spec.objectives if trouble},
    )


def children(
    spec: Spec,
    memory: Memory,
    *,
    sizes: Mapping[str, int] | None = None,
    ready: Mapping[str, int] | None = None,
    crashing: Mapping[str, int] | None = None,
    words: str = "",
    not_made: Mapping[str, str] | None = None,
    routed: Mapping[str, int] | None = None,
    is_programmed: bool = True,
    on_the_route: str = "",
    behind: Mapping[str, frozenset[str]] | None = None,
) -> Children:
    """Return what the cluster holds.

    Args:
        spec: says how many pods there should be.
        memory: says who has which part of the traffic.
        sizes: of the workloads by revision; what the memory asks for by default.
        ready: ready pods by revision; all that do not crash by default.
        crashing: crash-looping pods by revision.
        words: the kubelet's about every pod that is not ready.
        not_made: the API server's about pods that it refuses, by revision.
        routed: weights by revision; the split remembered by default.
        is_programmed: whether the router has taken them over.
        on_the_route: the decision stored with the weights.
        behind: pods behind Services; the ready ones of their revision by default.
    """
    all_sizes = {**_sizes(spec, memory), **(sizes or {})}
    crash = crashing or {}
    seen = [
        pod
        for digest, size in all_sizes.items()
        for pod in pods(
            digest,
            size,
            (ready or {}).get(digest, size - crash.get(digest, 0)),
            crashing=crash.get(digest, 0),
            trouble=words,
        )
    ]
    stable = memory.stable.revision if memory.stable else ""
    canary = memory.rollout.revision if memory.rollout else stable
    names = {entry_service_name(MODEL): stable, stable_service_name(MODEL): stable}
    names |= {canary_service_name(MODEL): canary}
    names |= {workload_name(MODEL, digest): digest for digest in all_sizes}
    endpoints = {
        service: frozenset(pod.name for pod in seen if pod.revision == digest and pod.is_ready)
        for service, digest in names.items()
    }
    return Children(
        revisions={digest: revision(digest) for digest in all_sizes},
        workload_sizes=all_sizes,
        workload_troubles=not_made or {},
        pods=tuple(seen),
        route=_route(memory, routed, is_programmed, on_the_route),
        endpoints={**endpoints, **(behind or {})},
    )


def _sizes(spec: Spec, memory: Memory) -> dict[str, int]:
    sizes = {gone.revision: spec.replicas for gone in memory.draining}
    if memory.stable is not None:
        sizes[memory.stable.revision] = spec.replicas
    if memory.rollout is not None:
        step = spec.rollout.steps[min(memory.rollout.step, len(spec.rollout.steps) - 1)]
        share = step.weight if memory.stable is not None else 100
        sizes[memory.rollout.revision] = max(1, -(-spec.replicas * share // 100))
    return sizes


def _route(
    memory: Memory, routed: Mapping[str, int] | None, is_programmed: bool, decision: str
) -> RouteSeen | None:
    if memory.stable is None:
        insist(routed is None and not decision, "no route before something serves")
        return None
    under_way = memory.rollout
    split = {memory.stable.revision: 100 - (under_way.weight if under_way else 0)}
    if under_way is not None:
        split[under_way.revision] = under_way.weight
    weights = split if routed is None else routed
    return RouteSeen(
        weights={workload_name(MODEL, digest): n for digest, n in weights.items() if n},
        is_programmed=is_programmed,
        is_behind=not is_programmed,
        trouble="" if is_programmed else "the Gateway has not taken the newest route yet",
        decision=decision,
    )
