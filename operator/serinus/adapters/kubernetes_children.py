"""What the watches know of each model's children, so that looking costs no request."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from serinus.adapters.kubernetes_projections import (
    BASELINE,
    LAST_ASKED,
    LEDGER,
    EndpointsSeen,
    Projection,
    StoredText,
    project,
)
from serinus.adapters.kubernetes_workloads import WorkloadSeen
from serinus.observe.snapshot import Children, ObjectSeen, PodSeen, ReadingSeen, RouteSeen
from serinus.resource.revision import Revision, read_revision

OnChange = Callable[[str, str], None]
"""Told the namespace and the model of whatever changed."""

Place = tuple[str, str, str]
"""Kind, namespace and name."""


class StoredRevisions(Mapping[str, Revision]):
    """Revisions kept as the text they came in: pod templates as objects take ten times as much."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts

    def __getitem__(self, digest: str) -> Revision:
        return read_revision(digest, json.loads(self._texts[digest]))

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


class ChildrenStore:
    """Projections of all children by namespace and model, newest version only."""

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change
        self._by_model: dict[tuple[str, str], dict[Place, Projection]] = {}
        self._models: dict[Place, str] = {}
        self._built: dict[tuple[str, str], Children] = {}
        self._settled: dict[Place, int] = {}
        """Ownership of an object's content right after our own last write."""
        self._deleted: dict[Place, str] = {}
        """Objects that we deleted, by uid: watch events that are still on their way are old."""

    def children(self, namespace: str, model: str) -> Children:
        """Return what is known of a model's children."""
        key = (namespace, model)
        if key not in self._built:
            self._built[key] = _build(self._by_model.get(key, {}).values())
        return self._built[key]

    def model_of(self, kind: str, namespace: str, name: str) -> str | None:
        """Return the model an object belongs to; None if no such object is known."""
        return self._models.get((kind, namespace, name))

    def uid_of(self, kind: str, namespace: str, name: str) -> str | None:
        """Return the uid of an object that is known."""
        known = self._known((kind, namespace, name))
        return known.uid if known else None

    def object_of(self, kind: str, namespace: str, name: str) -> ObjectSeen | None:
        """Return what is known of an object that we write."""
        known = self._known((kind, namespace, name))
        return known.seen if known else None

    def saw(self, kind: str, raw: Mapping[str, Any]) -> None:
        """Take in an object from a watch; one that is older than what is known is left out."""
        new = project(kind, raw)
        place = (kind, new.namespace, new.name)
        known = self._known(place)
        is_old = known is not None and new.resource_version <= known.resource_version
        if is_old or self._deleted.get(place) == new.uid:
            return
        self._put(place, self._judged(place, new))

    def wrote(self, kind: str, raw: Mapping[str, Any]) -> None:
        """Take in the answer to a write of ours: what it left is as good as we can make it.

        So a field of somebody else's that we can't undo is not fought over for ever.
        """
        new = project(kind, raw)
        place = (kind, new.namespace, new.name)
        self._settled[place] = new.ownership
        known = self._known(place)
        is_newest = known is None or new.resource_version >= known.resource_version
        newest = new if is_newest or known is None else known
        self._put(place, self._judged(place, newest))

    def gone(self, kind: str, namespace: str, name: str, uid: str = "") -> None:
        """Take in that an object is no more; another one of its name may be there already."""
        place = (kind, namespace, name)
        self._deleted.pop(place, None)
        known = self._known(place)
        if known is None or uid in {"", known.uid}:
            self._remove(place)

    def deleted(self, kind: str, namespace: str, name: str) -> None:
        """Take in that we deleted an object."""
        place = (kind, namespace, name)
        known = self._known(place)
        if known is not None:
            self._deleted[place] = known.uid
            self._remove(place)

    def listed(
        self, kind: str, namespace: str, names: Collection[tuple[str, str]], version: int
    ) -> None:
        """Take in a whole list: what is not on it and not newer than it is no more.

        Args:
            kind: The kind that was listed.
            namespace: The only namespace that was listed, "" for all.
            names: Namespace and name of everything on the list.
            version: The resourceVersion of the list.
        """
        for place in [*self._models, *self._deleted]:
            is_meant = place[0] == kind and namespace in {"", place[1]}
            known = self._known(place)
            is_newer = known is not None and known.resource_version > version
            if is_meant and place[1:] not in names and not is_newer:
                self.gone(*place)

    def _known(self, place: Place) -> Projection | None:
        model = self._models.get(place)
        return None if model is None else self._by_model[place[1], model][place]

    def _judged(self, place: Place, new: Projection) -> Projection:
        settled = self._settled.get(place)
        if new.seen is None or settled is None:
            return new
        return replace(new, seen=replace(new.seen, is_edited=new.ownership != settled))

    def _put(self, place: Place, new: Projection) -> None:
        known = self._known(place)
        if known is not None and known.model != new.model:
            self._remove(place)
            known = None
        if not new.model:
            return
        self._models[place] = new.model
        self._by_model.setdefault((new.namespace, new.model), {})[place] = new
        self._built.pop((new.namespace, new.model), None)
        if known is None or (known.detail, known.seen) != (new.detail, new.seen):
            self._changed(new)

    def _remove(self, place: Place) -> None:
        known = self._known(place)
        self._settled.pop(place, None)
        if known is None:
            return
        del self._models[place]
        siblings = self._by_model[known.namespace, known.model]
        del siblings[place]
        if not siblings:
            del self._by_model[known.namespace, known.model]
        self._changed(known)

    def _changed(self, child: Projection) -> None:
        self._built.pop((child.namespace, child.model), None)
        is_stored = isinstance(child.detail, StoredText)
        # Our own ledger tells nothing new: each block written would cause one more look.
        if not (is_stored and child.seen and not child.seen.is_edited):
            self._on_change(child.namespace, child.model)


def _build(projections: Collection[Projection]) -> Children:
    found: dict[type, list[Any]] = {}
    for each in projections:
        found.setdefault(type(each.detail), []).append(each.detail)
    endpoints: dict[str, frozenset[str]] = {}
    for slice_ in found.get(EndpointsSeen, ()):
        endpoints[slice_.service] = endpoints.get(slice_.service, frozenset()) | slice_.pods
    texts: dict[str, str] = {}
    for stored in found.get(StoredText, ()):
        texts |= stored.texts
    workloads = {
        each.revision: each.detail for each in projections if isinstance(each.detail, WorkloadSeen)
    }
    return Children(
        objects={(each.kind, each.name): each.seen for each in projections if each.seen},
        revisions=StoredRevisions(
            {each.revision: each.detail for each in projections if isinstance(each.detail, bytes)}
        ),
        workload_sizes={of: each.size for of, each in workloads.items()},
        workload_troubles={of: each.trouble for of, each in workloads.items() if each.trouble},
        restarts={of: each.restart for of, each in workloads.items() if each.restart},
        pods=_in_order(found.get(PodSeen, ())),
        readings=_in_order(found.get(ReadingSeen, ())),
        route=(found.get(RouteSeen) or [None])[-1],
        endpoints=endpoints,
        evidence=texts.get(LEDGER, ""),
        last_asked=texts.get(LAST_ASKED, ""),
        baseline=texts.get(BASELINE, ""),
    )


def _in_order(found: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda each: each.name))
