"""What the loop may rely on, whichever cluster it looks at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serinus.decide.decision import Decision
from serinus.errors import NameTaken
from serinus.evidence.ledger import Ledger
from serinus.observe.snapshot import Snapshot
from serinus.render.desired import Desired, render
from serinus.render.metadata import Manifest
from serinus.resource.revision import identify
from serinus.resource.spec import parse_spec
from serinus.resource.status import Memory, Phase, Rollout, ServingRevision
from serinus.traffic.split import canary_at
from tests.contract.subjects import Subject
from tests.fakes.world import spec_of

NOW = datetime(2026, 1, 5, 12, 0, 0, tzinfo=UTC)


def wanted(version: str) -> Any:
    """The revision of a version of the model, two of which make a rollout."""
    return identify(spec_of(version), {})


def desired(subject: Subject, weight: int) -> Desired:
    """What should exist while version 2 stands beside version 1 at a weight."""
    stable, canary = wanted("1"), wanted("2")
    serving = ServingRevision(revision=stable.digest, version="1", since=NOW)
    rollout = Rollout(
        revision=canary.digest,
        version="2",
        started_at=NOW,
        weight=weight,
        capacity_asked_at=NOW,
    )
    decision = Decision(
        rule="a_contract",
        phase=Phase.PROGRESSING,
        reason="Contract",
        message="",
        memory=Memory(stable=serving, rollout=rollout),
        sizes={stable.digest: 2, canary.digest: 1},
        split=canary_at(weight),
    )
    return render(parse_spec(spec_of("2")), _snapshot(subject, canary), decision)


def desired_first(subject: Subject) -> Desired:
    """What should exist while version 1 serves alone."""
    stable = wanted("1")
    decision = Decision(
        rule="a_contract",
        phase=Phase.HEALTHY,
        reason="Contract",
        message="",
        memory=Memory(stable=ServingRevision(revision=stable.digest, version="1", since=NOW)),
        sizes={stable.digest: 2},
    )
    return render(parse_spec(spec_of("1")), _snapshot(subject, stable), decision)


def _snapshot(subject: Subject, asked: Any) -> Snapshot:
    return Snapshot(
        now=NOW + timedelta(minutes=1),
        namespace=subject.namespace,
        name="fraud",
        uid="6f2c3c9e-6a3f-4f5e-9d37-0c5a7f2b8f11",
        generation=1,
        wanted=asked,
        children=subject.children(),
        ledger=Ledger(),
    )


async def write(subject: Subject, made: Desired) -> None:
    """Apply everything that should exist."""
    for manifest in made.manifests:
        key = (manifest["kind"], manifest["metadata"]["name"])
        await subject.apply(manifest, is_ours=key in subject.children().objects)


def entry_service(made: Desired) -> Manifest:
    """The Service that callers inside the cluster use."""
    services = (m for m in made.manifests if m["kind"] == "Service")
    return next(m for m in services if m["metadata"]["name"] == "fraud")


class Statements:
    """Read to each subject by a class of its own."""

    async def test_every_manifest_is_taken_and_seen_as_applied(self, subject: Subject) -> None:
        """What was applied carries the digest of what was meant, so a second look is idle."""
        await write(subject, desired_first(subject))
        await write(subject, made := desired(subject, 10))

        for manifest in made.manifests:
            metadata = manifest["metadata"]
            seen = subject.children().objects[manifest["kind"], metadata["name"]]
            assert seen.applied == metadata["annotations"]["serinus.dev/applied"]
            assert not seen.is_edited

    async def test_a_revision_is_read_as_it_was_frozen(self, subject: Subject) -> None:
        """Field by field, or stable would roll with every look."""
        await write(subject, desired_first(subject))
        made = next(m for m in desired(subject, 0).manifests if m["kind"] == "ControllerRevision")
        await subject.apply(made, is_ours=False)

        frozen = subject.children().revisions[wanted("2").digest]
        assert frozen.version == "2"
        assert frozen.pod_template == made["data"]["podTemplate"]

    async def test_the_split_is_read_as_it_was_written(self, subject: Subject) -> None:
        """By the names of the Services, and only once the router has taken it over."""
        await write(subject, desired_first(subject))
        await write(subject, desired(subject, 25))
        await subject.time_passes()

        route = subject.children().route
        assert route is not None
        assert route.is_programmed
        digests = (wanted("1").digest, wanted("2").digest)
        assert dict(route.weights) == {f"fraud-{digests[0]}": 75, f"fraud-{digests[1]}": 25}

    async def test_a_route_that_changed_is_not_programmed_before_the_router_says_so(
        self, subject: Subject
    ) -> None:
        """The router's word on the last route does not count for this one."""
        await write(subject, desired_first(subject))
        await subject.time_passes()
        await write(subject, desired(subject, 25))

        route = subject.children().route
        assert route is not None
        assert not route.is_programmed

    async def test_pods_are_seen_by_revision_and_behind_their_services(
        self, subject: Subject
    ) -> None:
        """As many as the Deployments ask for, ready, and where Services lead."""
        await write(subject, desired_first(subject))
        await write(subject, desired(subject, 10))
        await subject.time_passes()

        seen, digest = subject.children(), wanted("1").digest
        stable = {pod.name for pod in seen.pods if pod.revision == digest and pod.is_ready}
        assert len(stable) == 2
        assert len(seen.pods) == 3
        assert dict(seen.workload_sizes) == {digest: 2, wanted("2").digest: 1}
        assert seen.endpoints["fraud"] == stable
        assert seen.endpoints[f"fraud-{digest}"] == stable

    async def test_an_object_of_somebody_else_is_refused(self, subject: Subject) -> None:
        """By name and owner, and left as it is."""
        service = entry_service(desired_first(subject))
        await subject.somebody_owns(service)

        with pytest.raises(NameTaken, match="Service 'fraud'"):
            await subject.apply(service, is_ours=False)
        assert ("Service", "fraud") not in subject.children().objects

    async def test_an_edit_is_seen_and_repaired(self, subject: Subject) -> None:
        """A field of ours that somebody changed is ours again after the next write."""
        made = desired_first(subject)
        await write(subject, made)
        await subject.somebody_edits("Service", "fraud", {"spec": {"selector": {"app": "x"}}})
        service = entry_service(made)

        assert subject.children().objects["Service", "fraud"].is_edited
        await subject.apply(service, is_ours=True)
        assert not subject.children().objects["Service", "fraud"].is_edited

    async def test_what_was_deleted_is_gone_at_once(self, subject: Subject) -> None:
        """And deleting it again is no error."""
        await write(subject, desired_first(subject))
        name = f"fraud-{wanted('1').digest}"

        await subject.delete("Deployment", name)
        await subject.delete("Deployment", name)

        assert ("Deployment", name) not in subject.children().objects
        assert subject.children().workload_sizes == {}

    async def test_what_is_handed_over_has_another_owner_and_is_ours_still(
        self, subject: Subject
    ) -> None:
        """All else of it stays as it was applied."""
        made = desired_first(subject)
        await write(subject, made)
        key = ("ControllerRevision", f"fraud-{wanted('1').digest}")
        before = subject.children().objects[key]

        await subject.hand_over(*key, None)

        after = subject.children().objects[key]
        assert (before.is_owned, after.is_owned) == (True, False)
        assert (after.applied, after.is_edited) == (before.applied, False)

        await subject.hand_over(*key, made.owner)

        again = subject.children().objects[key]
        assert (again.is_owned, again.is_edited) == (True, False)
