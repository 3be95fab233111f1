from typing import Any

from serinus.adapters.kubernetes_resources import Resources


def body(version: int) -> dict[str, Any]:
    metadata = {"namespace": "prod", "name": "fraud", "resourceVersion": str(version)}
    return {"metadata": {**metadata, "managedFields": [{"manager": "kubectl"}]}, "spec": {}}


def test_who_manages_which_field_is_not_kept() -> None:
    """It is half of a body, a thousand times over."""
    resources, read = Resources(), body(1)
    resources.learn(read)
    known = resources.newest("prod", "fraud")
    assert known is not None
    assert "managedFields" not in known["metadata"]
    assert "managedFields" in read["metadata"]


def test_older_news_do_not_count() -> None:
    resources = Resources()
    for version in (9, 8):
        resources.learn(body(version))
    known = resources.newest("prod", "fraud")
    assert known is not None
    assert known["metadata"]["resourceVersion"] == "9"


def test_a_body_is_known_as_it_was_delivered() -> None:
    resources, read = Resources(), body(1)
    read |= {
        "spec": {"replicas": 3},
        "status": {"phase": "Healthy", "conditions": [{"type": "é"}]},
    }
    resources.learn(read)
    known = resources.newest("prod", "fraud")
    assert known is not None
    del read["metadata"]["managedFields"]
    assert (dict(known), len(known), repr(known)) == (read, 3, repr(read))
    assert known.get("other") is None


def test_what_is_done_to_a_part_of_a_body_is_not_done_to_the_body() -> None:
    resources, read = Resources(), body(1)
    resources.learn(read)
    read["spec"]["replicas"] = 3
    known = resources.newest("prod", "fraud")
    assert known is not None
    known["spec"]["replicas"] = 3
    assert known["spec"] == {}


def test_a_split_is_known_as_long_as_the_newest_body_tells_of_it() -> None:
    resources, place = Resources(), ("prod", "fraud")
    rollout = {"rollout": {"evidenceSince": "2030-01-01T00:00:00Z"}}
    statuses = [{}, rollout, rollout | {"decision": {"id": "1"}}, rollout]
    known = []
    for version, status in enumerate(statuses, 1):
        resources.learn(body(version) | {"status": status})
        known.append(resources.has_split(*place))
    assert known == [False, True, False, True]
    resources.forget(*place)
    assert not resources.has_split(*place)
