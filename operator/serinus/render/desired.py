"""Every manifest that should exist, made from frozen revisions and the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from serinus.decide.decision import Decision
from serinus.evidence.captured import write_captured
from serinus.evidence.ledger import write_ledger
from serinus.observe.snapshot import Snapshot
from serinus.render.claim_reader import claim_reader
from serinus.render.freeze import freeze
from serinus.render.metadata import Manifest, Owner, manifest, owner_reference
from serinus.render.revision import config_copies, controller_revision
from serinus.render.route import route
from serinus.render.services import revision_service, service
from serinus.render.workload import deployment, restart_of
from serinus.resource.names import (
    baseline_name,
    canary_service_name,
    entry_service_name,
    evidence_name,
    stable_service_name,
)
from serinus.resource.revision import Revision
from serinus.resource.spec import DeletionPolicy, Spec
from serinus.traffic.split import canary_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """What should be in the cluster for one resource."""

    manifests: tuple[Manifest, ...]
    kept: frozenset[tuple[str, str]] = frozenset()
    """Kind and name of objects that stay as they are, such as the records of past revisions."""
    outlives: bool = False
    """Whether all that stays is to outlive the resource (deletionPolicy: Orphan)."""
    owner: Mapping[str, Any] | None = None
    """Who takes along what stays, as an owner reference; None where that is not to be said.

    What an earlier life of the resource has left may be serving before anything of this one does.
    """
    moves_to_canary: bool = False
    """Whether all of the traffic goes to the canary: a split ends, and it spares nobody."""


def render(spec: Spec, seen: Snapshot, decision: Decision) -> Desired:
    """Return everything that should exist once the decision is carried out."""
    owner = Owner(
        namespace=seen.namespace,
        name=seen.name,
        uid=seen.uid,
        is_owner=spec.deletion_policy is DeletionPolicy.DELETE,
    )
    revisions = _revisions(spec, seen, decision)
    manifests = (
        *_of_the_route(owner, spec, decision, revisions),
        *_of_a_new_revision(owner, seen, revisions),
        *_of_lost_records(owner, seen),
        *_of_each_revision(owner, spec, seen, decision, revisions),
        *_fixed_services(owner, spec, decision, revisions),
        *_evidence(owner, seen, decision),
        *_baseline(owner, seen),
    )
    kept = _kept(seen, decision, revisions) | _kept_baseline(spec, seen)
    takes_along = owner.is_owner and bool(decision.stable)
    return Desired(
        manifests=manifests,
        kept=kept,
        outlives=not owner.is_owner,
        owner=owner_reference(owner) if takes_along else None,
        moves_to_canary=decision.split == canary_at(100),
    )


def _revisions(spec: Spec, seen: Snapshot, decision: Decision) -> dict[str, Revision]:
    """The revisions that should run, from their records; a new one is frozen now."""
    known = {**seen.recovered, **seen.children.revisions}
    if seen.wanted is not None and seen.wanted.digest not in known:
        known[seen.wanted.digest] = freeze(seen.name, spec, seen.wanted, seen.images)
    return {digest: known[digest] for digest in decision.sizes if digest in known}


def _of_the_route(
    owner: Owner, spec: Spec, decision: Decision, revisions: dict[str, Revision]
) -> Iterator[Manifest]:
    stable = revisions.get(decision.stable)
    if decision.split is not None and stable is not None:
        canary = revisions.get(decision.canary)
        yield route(owner, spec, decision, decision.split, stable, canary)


def _of_a_new_revision(
    owner: Owner, seen: Snapshot, revisions: dict[str, Revision]
) -> Iterator[Manifest]:
    wanted = seen.wanted
    if wanted is None or wanted.digest not in revisions:
        return
    yield from config_copies(owner, wanted)
    if wanted.digest not in {**seen.recovered, **seen.children.revisions}:
        yield controller_revision(owner, revisions[wanted.digest], seen.now)


def _of_lost_records(owner: Owner, seen: Snapshot) -> Iterator[Manifest]:
    """Written again, as the workload runs it: a later look can't count on that."""
    for revision in seen.recovered.values():
        yield controller_revision(owner, revision, seen.now)


def _of_each_revision(
    owner: Owner, spec: Spec, seen: Snapshot, decision: Decision, revisions: dict[str, Revision]
) -> Iterator[Manifest]:
    for digest, revision in revisions.items():
        track = "stable" if digest == decision.stable else "canary"
        size = decision.sizes[digest]
        before = seen.children.restarts.get(digest, "")
        restart = restart_of(before, spec.restart_at, seen.now)
        yield deployment(owner, revision, spec, track=track, size=size, restart=restart)
        yield revision_service(owner, revision, spec)
        if size:
            yield from claim_reader(owner, revision, seen.images.rereads)


def _fixed_services(
    owner: Owner, spec: Spec, decision: Decision, revisions: dict[str, Revision]
) -> Iterator[Manifest]:
    stable = revisions.get(decision.stable)
    if stable is None:
        return
    canary = revisions.get(decision.canary, stable)
    yield service(owner, entry_service_name(owner.name), stable, spec)
    yield service(owner, stable_service_name(owner.name), stable, spec)
    yield service(owner, canary_service_name(owner.name), canary, spec)


def _evidence(owner: Owner, seen: Snapshot, decision: Decision) -> Iterator[Manifest]:
    """A checkpoint now and then; and once a verdict is final, all that it rests on."""
    rollout, is_final = decision.memory.rollout, decision.memory.decision is not None
    if rollout is None or not seen.ledger.begun or seen.ledger.rollout != rollout.id:
        return
    is_edited = seen.last_asked != seen.children.last_asked
    if is_final or is_edited or seen.ledger.is_worth_storing(seen.checkpoint):
        content = {"data": {"ledger": write_ledger(seen.ledger), "lastAsked": seen.last_asked}}
        yield manifest(owner, "v1", "ConfigMap", evidence_name(owner.name), content)


def _baseline(owner: Owner, seen: Snapshot) -> Iterator[Manifest]:
    """What was captured of stable, once it has been."""
    if seen.captured is not None:
        content = {"data": {"baseline": write_captured(seen.captured)}}
        yield manifest(owner, "v1", "ConfigMap", baseline_name(owner.name), content)


def _kept_baseline(spec: Spec, seen: Snapshot) -> frozenset[tuple[str, str]]:
    """One that is asked for goes when there is another, not before."""
    is_asked_for = any(each.is_against_captured for each in spec.objectives)
    return frozenset({("ConfigMap", baseline_name(seen.name))} if is_asked_for else ())


def _kept(
    seen: Snapshot, decision: Decision, revisions: dict[str, Revision]
) -> frozenset[tuple[str, str]]:
    """Records of past revisions stay; what can't be rendered any more is left alone too."""
    objects = seen.children.objects
    if not decision.stable:
        # Left by an earlier life of the resource (Orphan, a restore): it may still be serving.
        return frozenset(objects)
    past = {record.revision for record in decision.memory.history}
    at_work = set(decision.sizes)
    lost = at_work - set(revisions)
    return frozenset(
        key
        for key, found in objects.items()
        if (key[0] in ("ControllerRevision", "ConfigMap") and found.revision in past | at_work)
        or found.revision in lost
        or key == ("ConfigMap", evidence_name(seen.name))
        or (decision.stable in lost and found.kind in ("HTTPRoute", "Service"))
    )
