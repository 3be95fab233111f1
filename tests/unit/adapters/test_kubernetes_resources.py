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
