"""Templates as the watches bring them: who refers to one is told, and nothing is requested."""

from collections.abc import Callable
from typing import Any

import pytest

from serinus.adapters.kubernetes_templates import ObjectiveTemplates, TemplatesOfKind
from serinus.resource.objective_template import TemplateKind, TemplateReference

NAMESPACED, CLUSTER = TemplateKind.NAMESPACED, TemplateKind.CLUSTER
SPEC = {"objectives": [{"preset": "error-rate", "limit": "1%"}]}
OTHER = {"objectives": [{"preset": "error-rate", "limit": "2%"}]}


class Sight:
    """The store, its two listeners, and who was woken."""

    def __init__(self) -> None:
        self.woken: list[tuple[str, str]] = []
        self.store = ObjectiveTemplates(
            lambda namespace, model: self.woken.append((namespace, model)), reads_cluster=True
        )
        self.beside = TemplatesOfKind(kind=NAMESPACED, store=self.store)
        self.clusters = TemplatesOfKind(kind=CLUSTER, store=self.store)

    def refers(self, model: str, *references: TemplateReference, namespace: str = "prod") -> Any:
        return self.store.read(namespace, references, model).specs

    def tell(self) -> list[tuple[str, str]]:
        woken, self.woken = self.woken, []
        return woken


@pytest.fixture
def sight() -> Sight:
    return Sight()


def beside(name: str = "serving") -> TemplateReference:
    return TemplateReference(name=name)


def clusters(name: str = "serving") -> TemplateReference:
    return TemplateReference(kind=CLUSTER, name=name)


def raw(spec: Any = SPEC, namespace: str = "prod", name: str = "serving") -> dict[str, Any]:
    place = {"namespace": namespace, "name": name} if namespace else {"name": name}
    return {"metadata": {**place, "resourceVersion": "7"}, "spec": spec}


def test_a_template_is_read_by_those_of_its_namespace(sight: Sight) -> None:
    sight.beside.saw(raw())
    assert sight.refers("fraud", beside()) == {(NAMESPACED, "serving"): SPEC}
    assert sight.refers("fraud", beside(), namespace="search") == {}
    assert sight.refers("fraud", clusters()) == {}


def test_a_cluster_s_template_is_read_by_all(sight: Sight) -> None:
    sight.clusters.saw(raw(namespace=""))
    for namespace in ("prod", "search"):
        assert sight.refers("fraud", clusters(), namespace=namespace) == {
            (CLUSTER, "serving"): SPEC
        }


def test_who_refers_to_one_is_told_of_every_change_of_it_and_of_no_other(sight: Sight) -> None:
    sight.refers("fraud", beside(), clusters("slo"))
    sight.refers("search", beside("other"))
    changes: list[tuple[Callable[[], None], list[tuple[str, str]]]] = [
        (lambda: sight.beside.saw(raw()), [("prod", "fraud")]),
        (lambda: sight.beside.saw(raw()), []),
        (lambda: sight.beside.saw(raw(OTHER)), [("prod", "fraud")]),
        (lambda: sight.beside.saw(raw(namespace="elsewhere")), []),
        (lambda: sight.clusters.saw(raw(namespace="", name="slo")), [("prod", "fraud")]),
        (lambda: sight.beside.gone(raw(OTHER)), [("prod", "fraud")]),
        (lambda: sight.beside.gone(raw(OTHER)), []),
    ]
    for change, told in changes:
        change()
        assert sight.tell() == told


def test_who_refers_to_it_no_more_is_told_no_more(sight: Sight) -> None:
    sight.refers("fraud", beside())
    sight.refers("fraud")
    sight.beside.saw(raw())
    assert sight.tell() == []


def test_what_a_list_lacks_is_gone_where_it_was_listed(sight: Sight) -> None:
    for namespace in ("prod", "search"):
        sight.beside.saw(raw(namespace=namespace))
    sight.clusters.saw(raw(namespace=""))
    sight.refers("fraud", beside(), clusters())

    sight.beside.listed("search", set(), 8)
    assert (sight.tell(), len(sight.refers("fraud", beside(), clusters()))) == ([], 2)
    sight.clusters.listed("", {("", "serving")}, 9)
    assert sight.tell() == []
    sight.beside.listed("", set(), 9)
    assert sight.tell() == [("prod", "fraud")]
    assert sight.refers("fraud", beside(), clusters()) == {(CLUSTER, "serving"): SPEC}
