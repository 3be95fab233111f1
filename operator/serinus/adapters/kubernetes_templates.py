"""Objective templates, kept whole from their watches, and who is to be told of their changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serinus.adapters.kubernetes_children import OnChange
from serinus.resource.objective_template import TemplateKind, TemplateReference
from serinus.resource.objectives import Templates

Place = tuple[TemplateKind, str, str]
"""Kind, namespace ("" for the cluster's) and name."""


class ObjectiveTemplates:
    """What the watches know of templates of both kinds, and which models refer to which."""

    def __init__(self, on_change: OnChange, *, reads_cluster: bool) -> None:
        self._on_change, self._reads_cluster = on_change, reads_cluster
        self._specs: dict[Place, Mapping[str, Any]] = {}
        self._referred: dict[tuple[str, str], frozenset[Place]] = {}
        """What a model refers to, by its namespace and name; it need not exist."""

    def read(
        self, namespace: str, references: Sequence[TemplateReference], referrer: str
    ) -> Templates:
        """Return those that exist, and tell the referrer of changes from now on."""
        places = {(each.kind, each.name): _place(namespace, each) for each in references}
        self.refer(namespace, referrer, places.values())
        return Templates(
            specs={key: self._specs[at] for key, at in places.items() if at in self._specs},
            reads_cluster=self._reads_cluster,
        )

    def refer(self, namespace: str, referrer: str, places: Iterable[Place]) -> None:
        """Take in what a model refers to now."""
        referred = frozenset(places)
        if referred:
            self._referred[namespace, referrer] = referred
        else:
            self._referred.pop((namespace, referrer), None)

    def saw(self, place: Place, spec: Mapping[str, Any]) -> None:
        """Take in a template; one that says the same as before is no news."""
        if self._specs.get(place) != spec:
            self._specs[place] = spec
            self._tell(place)

    def gone(self, place: Place) -> None:
        """Take in that a template was deleted."""
        if self._specs.pop(place, None) is not None:
            self._tell(place)

    def listed(
        self, kind: TemplateKind, namespace: str, names: Collection[tuple[str, str]]
    ) -> None:
        """Take in that these were all there were of a kind; "" means in all namespaces."""
        for place in [*self._specs]:
            if place[0] is kind and namespace in {"", place[1]} and place[1:] not in names:
                self.gone(place)

    def _tell(self, place: Place) -> None:
        for (namespace, model), referred in list(self._referred.items()):
            if place in referred:
                self._on_change(namespace, model)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatesOfKind:
    """Tells the store what a watch of one kind brings."""

    kind: TemplateKind
    store: ObjectiveTemplates

    def saw(self, raw: Mapping[str, Any]) -> None:
        """Take in an object."""
        self.store.saw(self._place(raw), raw.get("spec") or {})

    def gone(self, raw: Mapping[str, Any]) -> None:
        """Take in a deletion."""
        self.store.gone(self._place(raw))

    def listed(self, namespace: str, names: Collection[tuple[str, str]], _version: int) -> None:
        """Take in a whole list."""
        self.store.listed(self.kind, namespace, names)

    def _place(self, raw: Mapping[str, Any]) -> Place:
        metadata = raw["metadata"]
        return self.kind, metadata.get("namespace", ""), metadata["name"]


def _place(namespace: str, reference: TemplateReference) -> Place:
    is_clusters = reference.kind is TemplateKind.CLUSTER
    return reference.kind, "" if is_clusters else namespace, reference.name
