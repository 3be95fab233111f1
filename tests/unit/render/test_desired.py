"""What should exist: which objects, made from which revision, and what is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from serinus.observe.snapshot import ObjectSeen
from serinus.render.desired import Desired, render
from serinus.render.metadata import Manifest, Owner, manifest
from serinus.resource.status import Fate, Memory, TerminalKind
from tests.build import (
    CANARY,
    MODEL,
    NOW,
    STABLE,
    THIRD,
    Given,
    ago,
    drained,
    given,
    memory,
    preparing,
    record,
    revision,
    rollout,
    spec,
    terminal,
)

Key = tuple[str, str]
DECISION = "serinus.dev/decision"


def desired(case: Given) -> Desired:
    return render(case.spec, case.seen, case.decide())


def objects(case: Given) -> dict[Key, Manifest]:
    return {(m["kind"], m["metadata"]["name"]): m for m in desired(case).manifests}


def names(case: Given, kind: str) -> list[str]:
    return sorted(name for each, name in objects(case) if each == kind)


def seen(case: Given, *there: tuple[str, str, str]) -> Given:
    """The case with objects of ours in the cluster, each of a revision."""
    found = {
        (kind, name): ObjectSeen(kind=kind, name=name, applied="x", revision=digest)
        for kind, name, digest in there
    }
    return case.with_children(objects=found)


def test_each_revision_at_work_has_a_workload_and_a_service_of_its_name() -> None:
    case = given(memory=memory(rollout=rollout(), draining=(drained(THIRD, ago(5)),)))
    workloads = [f"{MODEL}-{digest}" for digest in (STABLE, CANARY, THIRD)]

    assert names(case, "Deployment") == workloads
    assert names(case, "Service") == sorted(
        [MODEL, f"{MODEL}-stable", f"{MODEL}-canary", *workloads]
    )


def test_the_fixed_services_lead_to_their_tracks() -> None:
    found = objects(given())
    selected = {
        name: found["Service", name]["spec"]["selector"]["serinus.dev/revision"]
        for name in (MODEL, f"{MODEL}-stable", f"{MODEL}-canary")
    }
    assert selected == {MODEL: STABLE, f"{MODEL}-stable": STABLE, f"{MODEL}-canary": CANARY}


def test_without_a_canary_its_service_leads_to_stable() -> None:
    canary = objects(given(memory=memory()))["Service", f"{MODEL}-canary"]
    assert canary["spec"]["selector"]["serinus.dev/revision"] == STABLE


def test_before_anything_serves_there_is_neither_route_nor_entry() -> None:
    case = given(memory=memory("", rollout=preparing()), ready={CANARY: 0})
    assert {kind for kind, _ in objects(case)} == {"Deployment", "Service"}
    assert names(case, "Service") == [f"{MODEL}-{CANARY}"]


def test_tracks_are_labelled_on_the_workload_and_not_on_its_pods() -> None:
    found = objects(given())
    for digest, track in ((STABLE, "stable"), (CANARY, "canary")):
        workload = found["Deployment", f"{MODEL}-{digest}"]
        assert workload["metadata"]["labels"]["serinus.dev/track"] == track
        pod = workload["spec"]["template"]["metadata"]["labels"]
        assert pod == workload["spec"]["selector"]["matchLabels"]
        assert pod == {"serinus.dev/model": MODEL, "serinus.dev/revision": digest}


def test_the_frozen_template_wins_over_the_spec_of_today() -> None:
    """An operator upgrade, a changed default or another ConfigMap must roll no pod."""
    odd = replace(revision(STABLE), pod_template={"metadata": {}, "spec": {"containers": []}})
    case = given(memory=memory()).with_children(revisions={STABLE: odd})

    workload = objects(case)["Deployment", f"{MODEL}-{STABLE}"]

    assert workload["spec"]["template"] == odd.pod_template
    assert ("ControllerRevision", f"{MODEL}-{STABLE}") not in objects(case)


def test_a_new_revision_is_frozen_in_the_write_that_starts_it() -> None:
    known = given(memory=memory(), wants=CANARY).with_children(
        revisions={STABLE: revision(STABLE)}
    )
    kept = objects(known)["ControllerRevision", f"{MODEL}-{CANARY}"]
    assert kept["revision"] == int(NOW.timestamp())
    assert kept["data"]["version"] == "2"
    started = objects(known)["Deployment", f"{MODEL}-{CANARY}"]
    assert started["spec"]["template"] == kept["data"]["podTemplate"]


def test_a_revision_that_is_not_to_run_is_not_frozen() -> None:
    failed = memory(history=(record(CANARY, Fate.ROLLED_BACK),))
    case = given(memory=failed, wants=CANARY)
    assert names(case, "ControllerRevision") == []
    assert names(case, "Deployment") == [f"{MODEL}-{STABLE}"]


@pytest.mark.parametrize(
    ("known", "has_decision"),
    [
        (memory(rollout=rollout(weight=0), decision=terminal(TerminalKind.ROLLBACK)), True),
        (memory(rollout=rollout(), decision=terminal(TerminalKind.PROMOTE)), False),
        (memory(rollout=rollout()), False),
    ],
    ids=["a rollback", "a promotion, which must be in the status before it moves", "none"],
)
def test_a_rollback_is_stored_with_its_weights(known: Any, has_decision: bool) -> None:
    route = objects(given(memory=known, is_programmed=False))["HTTPRoute", MODEL]
    assert (DECISION in route["metadata"]["annotations"]) is has_decision


@pytest.mark.parametrize(
    ("restart_at", "restarts"),
    [(None, False), ("2026-01-05T13:00:01Z", False), ("2026-01-05T13:00:00Z", True)],
    ids=["never", "to come", "now"],
)
def test_pods_restart_when_their_time_has_come(restart_at: str | None, restarts: bool) -> None:
    fields = {"restartAt": restart_at} if restart_at else {}
    found = objects(given(spec=spec(**fields)))
    for digest in (STABLE, CANARY):
        template = found["Deployment", f"{MODEL}-{digest}"]["spec"]["template"]
        annotations = template["metadata"].get("annotations", {})
        assert ("serinus.dev/restarted-at" in annotations) is restarts
    assert "annotations" not in revision(STABLE).pod_template["metadata"]


@pytest.mark.parametrize(
    "asked", [{}, {"restartAt": "2026-01-05T13:00:01Z"}], ids=["none", "next"]
)
def test_pods_keep_the_restart_they_have_had_until_another_is_due(asked: dict[str, Any]) -> None:
    case = given(spec=spec(**asked)).with_children(
        restarts={STABLE: "2026-01-05T12:00:00+00:00"}, revisions={STABLE: revision(STABLE)}
    )
    template = objects(case)["Deployment", f"{MODEL}-{STABLE}"]["spec"]["template"]
    assert template["metadata"]["annotations"]["serinus.dev/restarted-at"].startswith(
        "2026-01-05T12:00:00"
    )


def test_evidence_is_kept_while_its_rollout_goes_on() -> None:
    evidence = ("ConfigMap", f"{MODEL}-evidence")
    case = given(verdicts=["undecided"])
    assert evidence in objects(case)
    assert evidence not in objects(given()), "there is none yet"
    other = replace(case.seen.ledger, rollout="of another one")
    assert evidence not in objects(replace(case, seen=replace(case.seen, ledger=other)))
    ended = replace(case, memory=memory())
    assert evidence not in objects(replace(ended, seen=replace(case.seen, wanted=None)))


def test_evidence_of_before_is_left_where_it_is() -> None:
    assert ("ConfigMap", f"{MODEL}-evidence") in desired(
        seen(given(memory=memory()), ("ConfigMap", f"{MODEL}-evidence", ""))
    ).kept


PAST = memory(history=(record(CANARY, Fate.ROLLED_BACK),))
FOUND: dict[str, tuple[Given, tuple[str, str, str], bool]] = {
    "the record of a past revision is kept": (
        given(memory=PAST, wants=STABLE),
        ("ControllerRevision", f"{MODEL}-{CANARY}", CANARY),
        True,
    ),
    "and so are its copies": (
        given(memory=PAST, wants=STABLE),
        ("ConfigMap", f"{MODEL}-{CANARY}-thresholds", CANARY),
        True,
    ),
    "its workload is not": (
        given(memory=PAST, wants=STABLE),
        ("Deployment", f"{MODEL}-{CANARY}", CANARY),
        False,
    ),
    "a record that history has forgotten goes": (
        given(memory=PAST, wants=STABLE),
        ("ControllerRevision", f"{MODEL}-{THIRD}", THIRD),
        False,
    ),
    "records of what is at work are kept": (
        given(memory=memory(rollout=rollout(), draining=(drained(THIRD, ago(5)),))),
        ("ControllerRevision", f"{MODEL}-{THIRD}", THIRD),
        True,
    ),
    "what can't be rendered any more is left alone": (
        given().with_children(revisions={STABLE: revision(STABLE)}).wanting(None),
        ("Deployment", f"{MODEL}-{CANARY}", CANARY),
        True,
    ),
    "a lost canary takes the route and the Services along, as they can be rendered": (
        given().with_children(revisions={STABLE: revision(STABLE)}).wanting(None),
        ("Service", f"{MODEL}-old", ""),
        False,
    ),
    "a lost stable leaves the route as it is": (
        given(memory=memory()).with_children(revisions={}).wanting(None),
        ("HTTPRoute", MODEL, ""),
        True,
    ),
    "and the Services": (
        given(memory=memory()).with_children(revisions={}).wanting(None),
        ("Service", MODEL, THIRD),
        True,
    ),
    "but nothing else": (
        given(memory=memory()).with_children(revisions={}).wanting(None),
        ("Deployment", f"{MODEL}-{THIRD}", THIRD),
        False,
    ),
    "before anything serves nothing is taken away: an orphan may be serving": (
        given(memory=memory("", rollout=preparing()), ready={CANARY: 0}),
        ("Deployment", f"{MODEL}-{THIRD}", THIRD),
        True,
    ),
}


@pytest.mark.parametrize("sentence", FOUND)
def test_what_is_kept(sentence: str) -> None:
    case, there, is_kept = FOUND[sentence]
    assert ((there[0], there[1]) in desired(seen(case, there)).kept) is is_kept


def test_a_lost_stable_is_not_sent_to_the_canary() -> None:
    case = given().with_children(revisions={CANARY: revision(CANARY)}).wanting(None)
    assert names(case, "HTTPRoute") == []
    assert names(case, "Deployment") == [f"{MODEL}-{CANARY}"]


OWNER = Owner(namespace="prod", name=MODEL, uid="uid-1", is_owner=True)


def test_a_manifest_names_its_owner_and_its_own_digest() -> None:
    made = manifest(OWNER, "v1", "Service", "a", {"spec": {}}, labels={"b": "c"})
    assert made["metadata"]["ownerReferences"][0] | {"uid": "uid-1"} == {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "MLModelDeployment",
        "name": MODEL,
        "uid": "uid-1",
        "controller": True,
        "blockOwnerDeletion": False,
    }
    assert made["metadata"]["labels"] == {
        "serinus.dev/model": MODEL,
        "app.kubernetes.io/managed-by": "serinus",
        "b": "c",
    }
    assert len(made["metadata"]["annotations"]["serinus.dev/applied"]) == 16


def test_the_digest_changes_with_anything_written_and_with_nothing_else() -> None:
    def digest(owner: Owner = OWNER, **changes: Any) -> str:
        made = manifest(owner, "v1", "Service", "a", {"spec": changes.pop("spec", {})}, **changes)
        return str(made["metadata"]["annotations"]["serinus.dev/applied"])

    assert digest() == digest(labels={}, annotations={})
    others = {
        digest(spec={"a": 1}),
        digest(labels={"a": "b"}),
        digest(annotations={"a": "b"}),
        digest(replace(OWNER, is_owner=False)),
        digest(replace(OWNER, uid="uid-2")),
    }
    assert len(others | {digest()}) == 6


def test_orphans_have_no_owner() -> None:
    case = given(spec=spec(deletionPolicy="Orphan"), verdicts=["undecided"])
    assert not any("ownerReferences" in m["metadata"] for m in desired(case).manifests)
    owned = desired(given(verdicts=["undecided"])).manifests
    assert all("ownerReferences" in m["metadata"] for m in owned)


@pytest.mark.parametrize(
    ("remembered", "moves"),
    [
        (memory(rollout=rollout(), decision=terminal(TerminalKind.PROMOTE)), True),
        (memory(rollout=rollout(), decision=terminal(TerminalKind.ROLLBACK)), False),
        (memory(rollout=rollout()), False),
    ],
)
def test_a_promotion_moves_all_of_the_traffic_to_the_canary_and_a_rollback_does_not(
    remembered: Memory, moves: bool
) -> None:
    assert desired(given(memory=remembered, sizes={CANARY: 4})).moves_to_canary is moves
