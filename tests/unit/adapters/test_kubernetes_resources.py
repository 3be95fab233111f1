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
