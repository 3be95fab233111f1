"""What is known of children, whatever comes late."""

from typing import Any

from serinus.adapters.kubernetes import ChildrenOfKind
from serinus.adapters.kubernetes_children import ChildrenStore


def deployment(uid: str, version: int, replicas: int) -> dict[str, Any]:
    labels = {"serinus.dev/model": "fraud", "serinus.dev/revision": "r1"}
    ours = {"annotations": {"serinus.dev/applied": "digest"}, "labels": labels}
    name = {"namespace": "prod", "name": "fraud-r1", "uid": uid, **ours}
    return {
        "metadata": {**name, "resourceVersion": str(version)},
        "spec": {"replicas": replicas},
    }


def test_late_news_of_a_deletion_are_not_about_what_was_made_anew() -> None:
    """A retry deletes a workload and makes it again; its watch may be behind by both."""
    store = ChildrenStore(lambda _namespace, _model: None)
    told = ChildrenOfKind(kind="Deployment", store=store)
    told.saw(deployment("first", 5, 1))
    store.deleted("Deployment", "prod", "fraud-r1")
    store.wrote("Deployment", deployment("second", 9, 2))

    told.gone(deployment("first", 7, 1))
    assert store.children("prod", "fraud").workload_sizes == {"r1": 2}

    told.gone(deployment("second", 11, 2))
    assert store.children("prod", "fraud").workload_sizes == {}


def test_what_has_a_models_label_alone_is_somebodys_own() -> None:
    """Known as ours, it would be written by force."""
    store = ChildrenStore(lambda _namespace, _model: None)
    theirs, taken_in_hand = deployment("theirs", 5, 1), deployment("in hand", 6, 1)
    for each, manager in ((theirs, "kubectl"), (taken_in_hand, "serinus")):
        each["metadata"]["annotations"] = {}
        each["metadata"]["managedFields"] = [{"manager": manager}]

    store.saw("Deployment", theirs)
    assert store.children("prod", "fraud").objects == {}

    store.saw("Deployment", taken_in_hand)
    assert store.children("prod", "fraud").workload_sizes == {"r1": 1}
