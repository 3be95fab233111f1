"""Which writes are due, in which order, and that only what is ours goes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from serinus.act.plan import WRITE_ORDER, Apply, Delete, HandOver, plan
from serinus.observe.snapshot import Children, ObjectSeen, RouteSeen
from serinus.render.desired import Desired
from serinus.render.metadata import Manifest, Owner, manifest
from tests.build import MODEL

OWNER = Owner(namespace="prod", name=MODEL, uid="uid-1", is_owner=True)
KINDS = ("Service", "Deployment", "ConfigMap", "ControllerRevision", "HTTPRoute", "CronJob")


def made(kind: str, name: str = "a", size: int = 1) -> Manifest:
    return manifest(OWNER, "v1", kind, name, {"spec": {"size": size}})


def desired(*manifests: Manifest, kept: frozenset[tuple[str, str]] = frozenset()) -> Desired:
    return Desired(manifests=manifests, kept=kept)


def cluster(*manifests: Manifest, is_edited: bool = False) -> Children:
    """A cluster in which these manifests were applied."""
    keys = [(m["kind"], m["metadata"]["name"]) for m in manifests]
    digests = [m["metadata"]["annotations"]["serinus.dev/applied"] for m in manifests]
    return Children(
        objects={
            key: ObjectSeen(
                kind=key[0],
                name=key[1],
                applied=digest,
                is_edited=is_edited,
                resource_version="7",
            )
            for key, digest in zip(keys, digests, strict=True)
        }
    )


def shown(actions: Any) -> list[tuple[str, str, str]]:
    verbs = {Apply: "apply", HandOver: "hand over", Delete: "delete"}
    return [(verbs[type(action)], action.kind, action.name) for action in actions]


def test_the_route_is_written_before_anything_else() -> None:
    manifests = [made(kind) for kind in KINDS]
    actions = plan(desired(*manifests), Children())
    assert [action.kind for action in actions] == list(WRITE_ORDER)
    assert WRITE_ORDER[0] == "HTTPRoute"


def test_of_one_kind_the_order_of_the_manifests_is_kept() -> None:
    actions = plan(desired(made("Service", "b"), made("Service", "a")), Children())
    assert [action.name for action in actions] == ["b", "a"]


def test_deletes_come_last_in_a_steady_order() -> None:
    there = cluster(made("Service", "b"), made("Service", "a"), made("Deployment", "z"))
    actions = plan(desired(made("Service", "new")), there)
    assert shown(actions) == [
        ("apply", "Service", "new"),
        ("delete", "Deployment", "z"),
        ("delete", "Service", "a"),
        ("delete", "Service", "b"),
    ]


def test_who_reads_claims_is_made_when_all_that_serves_is_as_it_should_be() -> None:
    """What a quota refuses there would hold up a deletion."""
    actions = plan(
        desired(made("CronJob"), made("Deployment")), cluster(made("Deployment", "old"))
    )
    assert shown(actions) == [
        ("apply", "Deployment", "a"),
        ("delete", "Deployment", "old"),
        ("apply", "CronJob", "a"),
    ]


def test_what_was_never_applied_is_not_deleted() -> None:
    """Whoever gives their own object our label may have it selected, not removed."""
    theirs = ObjectSeen(kind="Service", name="fraud-metrics", applied="")
    there = Children(objects={("Service", "fraud-metrics"): theirs})
    assert plan(desired(), there) == ()


def test_nothing_is_due_while_everything_is_as_it_was_applied() -> None:
    manifests = [made(kind) for kind in KINDS]
    assert plan(desired(*manifests), cluster(*manifests)) == ()


def test_what_changed_is_written_and_nothing_else() -> None:
    there = cluster(made("Service"), made("Deployment"))
    actions = plan(desired(made("Service"), made("Deployment", size=2)), there)
    assert shown(actions) == [("apply", "Deployment", "a")]
    assert isinstance(actions[0], Apply)
    assert actions[0].manifest["spec"] == {"size": 2}


def test_what_somebody_else_edited_is_repaired() -> None:
    there = cluster(made("Service"), is_edited=True)
    assert shown(plan(desired(made("Service")), there)) == [("apply", "Service", "a")]


def test_force_is_for_what_is_known_to_be_ours() -> None:
    there = cluster(made("Service", "ours", size=2))
    actions = plan(desired(made("Service", "ours"), made("Service", "new")), there)
    is_ours = {a.name: a.is_ours for a in actions if isinstance(a, Apply)}
    assert is_ours == {"ours": True, "new": False}


def test_a_route_is_written_over_what_was_seen_and_nothing_else() -> None:
    """It is written before status, which stops everything else that is decided too late."""
    there = cluster(made("HTTPRoute", "a"), made("Service", "a"))
    actions = plan(desired(made("HTTPRoute", size=2), made("Service", size=2)), there)
    expected = {a.kind: a.expected for a in actions if isinstance(a, Apply)}
    assert expected == {"HTTPRoute": there.objects["HTTPRoute", "a"], "Service": None}


def test_what_is_kept_stays_and_what_is_not_ours_is_unheard_of() -> None:
    there = cluster(made("ConfigMap", "kept"), made("ConfigMap", "old"))
    actions = plan(desired(kept=frozenset({("ConfigMap", "kept")})), there)
    assert shown(actions) == [("delete", "ConfigMap", "old")]


def test_what_is_kept_is_released_where_it_is_to_outlive_the_resource() -> None:
    """What is written has no owner then; what is not would go with the resource."""
    old, kept = made("ConfigMap", "old"), made("ConfigMap", "kept")
    there = cluster(old, kept)
    owned = {key: replace(found, is_owned=True) for key, found in there.objects.items()}
    seen = replace(there, objects=owned)
    staying = desired(kept=frozenset({("ConfigMap", "kept")}))

    released = plan(replace(staying, outlives=True), seen)

    assert shown(released) == [("hand over", "ConfigMap", "kept"), ("delete", "ConfigMap", "old")]
    assert shown(plan(staying, seen)) == [("delete", "ConfigMap", "old")]
    assert shown(plan(replace(staying, outlives=True), there)) == shown(plan(staying, seen))


def test_what_was_left_by_orphan_is_owned_again_though_it_is_not_written() -> None:
    """Else it would stay behind, whatever the policy says by now."""
    old, kept, wanted = (made("ConfigMap", name) for name in ("old", "kept", "wanted"))
    reference = {"kind": "MLModelDeployment", "uid": "uid-1"}
    staying = desired(wanted, kept=frozenset({("ConfigMap", "kept")}))

    actions = plan(replace(staying, owner=reference), cluster(old, kept, wanted))

    assert shown(actions) == [
        ("hand over", "ConfigMap", "kept"),
        ("hand over", "ConfigMap", "wanted"),
        ("delete", "ConfigMap", "old"),
    ]
    owners = [action.owner for action in actions if isinstance(action, HandOver)]
    assert owners == [reference, reference]


def test_what_is_written_without_its_owner_and_has_one_still_is_handed_over() -> None:
    """The API server keeps what was said in another way than by an apply."""
    service = made("Service")
    there = cluster(service)
    seen = {key: replace(each, is_owned=True) for key, each in there.objects.items()}
    orphaned = replace(desired(service), outlives=True)
    assert shown(plan(orphaned, replace(there, objects=seen))) == [("hand over", "Service", "a")]


def test_a_job_is_not_released_since_it_has_nobody_to_tell_without_the_resource() -> None:
    kept = made("CronJob", "kept")
    owned = {key: replace(found, is_owned=True) for key, found in cluster(kept).objects.items()}
    staying = replace(desired(kept=frozenset({("CronJob", "kept")})), outlives=True)
    assert plan(staying, replace(cluster(kept), objects=owned)) == ()


def test_a_kept_object_that_is_wanted_is_still_repaired() -> None:
    key = ("ConfigMap", "kept")
    there = cluster(made(*key, size=2))
    actions = plan(desired(made(*key), kept=frozenset({key})), there)
    assert shown(actions) == [("apply", *key)]


def test_an_object_of_the_same_name_and_another_kind_is_another_one() -> None:
    actions = plan(desired(made("Service", "a")), cluster(made("Deployment", "a")))
    assert shown(actions) == [("apply", "Service", "a"), ("delete", "Deployment", "a")]


def route(**weights: int) -> Manifest:
    rules = [{"backendRefs": [{"name": name, "weight": w} for name, w in weights.items()]}]
    return manifest(OWNER, "v1", "HTTPRoute", MODEL, {"spec": {"rules": rules}})


@pytest.mark.parametrize(
    ("before", "after", "is_urgent"),
    [
        ({"a": 90, "b": 10}, {"a": 100, "b": 0}, True),
        ({"a": 90, "b": 10}, {"a": 100}, True),
        ({"a": 90, "b": 10}, {"a": 50, "b": 50}, False),
        ({"a": 100}, {"a": 90, "b": 10}, False),
        ({"a": 100}, {"a": 100}, False),
    ],
)
def test_a_route_that_ends_a_split_is_urgent(
    before: dict[str, int], after: dict[str, int], is_urgent: bool
) -> None:
    """A step is not, nor is any other kind."""
    seen = replace(cluster(), route=RouteSeen(weights=before, is_programmed=True))
    found = plan(desired(route(**after), made("Service")), seen)
    assert [getattr(action, "is_urgent", None) for action in found] == [is_urgent, False]


def test_a_promotion_is_routine() -> None:
    """A hundred at once would keep each other's statuses waiting."""
    seen = replace(cluster(), route=RouteSeen(weights={"a": 50, "b": 50}, is_programmed=True))
    (action,) = plan(replace(desired(route(b=100)), moves_to_canary=True), seen)
    assert isinstance(action, Apply)
    assert not action.is_urgent


def test_the_first_route_of_all_is_routine() -> None:
    (action,) = plan(desired(route(a=100)), Children())
    assert isinstance(action, Apply)
    assert not action.is_urgent
