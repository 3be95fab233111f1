"""Writes: server-side apply, deletion, status and events, each safe to send twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serinus.adapters.kubernetes_api import APPLY, ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_children import ChildrenStore
from serinus.adapters.kubernetes_event_queue import Event
from serinus.adapters.kubernetes_events import Restraint, event_of
from serinus.adapters.kubernetes_kinds import BY_NAME, EVENT, MODEL_DEPLOYMENT, SERVICE, Kind
from serinus.adapters.kubernetes_refusals import translated
from serinus.decide.decision import Happening
from serinus.errors import Conflict, NameTaken
from serinus.observe.snapshot import ObjectSeen
from serinus.resource.names import (
    API_VERSION,
    APPLIED_ANNOTATION,
    FIELD_MANAGER,
    KIND,
    MODEL_LABEL,
)

NEVER_CURRENT = "1"
"""A resourceVersion no object can have (etcd's first write is number 2).

With it, an apply creates what is not there and conflicts with whatever is: it can't take over an
object that happens to have the name we want, not even one whose fields ours would not touch.
"""


class ClusterWriter:
    """Carries out writes and takes their answers in, so that the next look sees them."""

    def __init__(self, api: ApiServer, store: ChildrenStore, instance: str) -> None:
        self._api, self._store, self._instance = api, store, instance
        self._restraint = Restraint()

    async def apply(
        self,
        manifest: Mapping[str, Any],
        *,
        is_ours: bool,
        expected: ObjectSeen | None = None,
        is_urgent: bool = False,
    ) -> None:
        """Make an object what the manifest says; see act.perform.Writer."""
        kind, metadata = BY_NAME[manifest["kind"]], manifest["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        model = metadata["labels"][MODEL_LABEL]
        owner = self._store.model_of(kind.name, namespace, name)
        if owner not in {None, model}:
            raise NameTaken(kind.name, name, f"model {owner!r}")
        version = expected.resource_version if expected else "" if is_ours else NEVER_CURRENT
        try:
            answer = await self._apply(kind, manifest, version, is_urgent=is_urgent)
        except ApiRefusal as refusal:
            if refusal.status_code != 409 or not version:
                raise translated(refusal, f"{kind.name} {name!r}") from refusal
            answer = await self._apply_to_what_is_there(kind, manifest, expected)
        self._store.wrote(kind.name, answer)

    async def _apply(
        self, kind: Kind, manifest: Mapping[str, Any], version: str, *, is_urgent: bool = False
    ) -> Any:
        metadata = manifest["metadata"]
        condition = {"resourceVersion": version}
        if not version:
            # Without one, an apply that arrives late would make anew what was deleted meanwhile.
            condition = {"uid": self._store.uid_of(kind.name, *_place(metadata)) or ""}
        force = {} if version == NEVER_CURRENT else {"force": "true"}
        return await self._api.call(
            Call(
                verb="patch",
                resource=kind.resource,
                method="PATCH",
                path=kind.path(metadata["namespace"], metadata["name"]),
                query={"fieldManager": FIELD_MANAGER, **force},
                body={**manifest, "metadata": {**metadata, **condition}},
                content_type=APPLY,
                is_urgent=is_urgent,
                needs_address=kind is SERVICE and version == NEVER_CURRENT,
            )
        )

    async def _apply_to_what_is_there(
        self, kind: Kind, manifest: Mapping[str, Any], expected: ObjectSeen | None
    ) -> Any:
        """Take in what an apply met instead of what was seen, and go on if that is the same.

        It is the same if only the status was written, if an attempt came through whose answer
        was lost, or if it is what we have deleted and on its way out.

        Raises:
            Conflict: it is something else; the next look will see it.
        """
        found = await self._find_ours(kind, manifest)
        metadata = manifest["metadata"]
        self._store.saw(kind.name, found)
        known = self._store.object_of(kind.name, metadata["namespace"], metadata["name"])
        digest = metadata["annotations"][APPLIED_ANNOTATION]
        if known and known.applied == digest and not known.is_edited:
            return found
        what = f"{kind.name} {metadata['name']!r}"
        if known != expected:
            raise Conflict(f"{what}: somebody wrote in between")
        try:
            return await self._apply(kind, manifest, known.resource_version if known else "")
        except ApiRefusal as refusal:
            raise translated(refusal, what) from refusal

    async def _find_ours(self, kind: Kind, manifest: Mapping[str, Any]) -> Any:
        """Return what has our name already: an object of ours that the watch has yet to show?

        Raises:
            NameTaken: it belongs to somebody else.
            Conflict: it is gone again.
        """
        metadata = manifest["metadata"]
        name = metadata["name"]
        try:
            found = await self._api.call(
                Call(
                    verb="get",
                    resource=kind.resource,
                    method="GET",
                    path=kind.path(metadata["namespace"], name),
                )
            )
        except ApiRefusal as refusal:
            raise translated(refusal, f"{kind.name} {name!r}") from refusal
        model = (found["metadata"].get("labels") or {}).get(MODEL_LABEL)
        managers = _managers(found)
        is_made = FIELD_MANAGER in managers
        if model != metadata["labels"][MODEL_LABEL] or not is_made:
            raise NameTaken(kind.name, name, _owners(model if is_made else None, managers))
        return found

    async def delete(self, kind_name: str, namespace: str, name: str) -> None:
        """Delete an object and, in the background, what it owns; see act.perform.Writer."""
        kind = BY_NAME[kind_name]
        uid = self._store.uid_of(kind_name, namespace, name)
        # Only the object that was seen: its name may be somebody else's by now.
        preconditions = {"preconditions": {"uid": uid}} if uid else {}
        try:
            await self._api.call(
                Call(
                    verb="delete",
                    resource=kind.resource,
                    method="DELETE",
                    path=kind.path(namespace, name),
                    body={"propagationPolicy": "Background", **preconditions},
                )
            )
        except ApiRefusal as refusal:
            if refusal.status_code != 404:
                raise translated(refusal, f"{kind_name} {name!r}") from refusal
        self._store.deleted(kind_name, namespace, name)

    async def write_status(
        self, namespace: str, name: str, resource_version: str, status: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Replace the status of the resource as it was at a version; return it as it is now.

        Raises:
            Conflict: it is at another version, or gone.
            WriteRefused: the API server refused the status for good.
            OutsideUnavailable: no answer, 429 or 5xx.
        """
        metadata = {"namespace": namespace, "name": name, "resourceVersion": resource_version}
        try:
            answer: Mapping[str, Any] = await self._api.call(
                Call(
                    verb="update",
                    resource=f"{MODEL_DEPLOYMENT.resource}/status",
                    method="PUT",
                    path=MODEL_DEPLOYMENT.path(namespace, name, "status"),
                    query={"fieldManager": FIELD_MANAGER},
                    body={
                        "apiVersion": API_VERSION,
                        "kind": KIND,
                        "metadata": metadata,
                        "status": status,
                    },
                )
            )
        except ApiRefusal as refusal:
            failure = translated(refusal, f"status of {name!r}")
            if isinstance(failure, Conflict):
                return await self._written_already(namespace, name, status, failure)
            raise failure from refusal
        return answer

    async def _written_already(
        self, namespace: str, name: str, status: Mapping[str, Any], conflict: Conflict
    ) -> Mapping[str, Any]:
        """Return the resource if an attempt came through whose answer was lost.

        Else what this look decided would be stored, but never told.
        """
        path = MODEL_DEPLOYMENT.path(namespace, name)
        try:
            found: Mapping[str, Any] = await self._api.call(
                Call(verb="get", resource=MODEL_DEPLOYMENT.resource, method="GET", path=path)
            )
        except ApiRefusal as refusal:
            raise conflict from refusal
        if found.get("status") != status:
            raise conflict
        return found

    def event(self, namespace: str, name: str, uid: str, happening: Happening) -> Event | None:
        """Return an event on a resource, told now; none if the like was told all the time."""
        if not self._restraint.allows(uid, happening):
            return None
        return event_of(namespace, name, uid, happening, self._instance)

    async def post(self, event: Event) -> None:
        """Post an event.

        Raises:
            ApiRefusal: the API server said no.
            OutsideUnavailable: no answer, 429 or 5xx.
        """
        path = EVENT.path(event["metadata"]["namespace"])
        call = Call(verb="create", resource=EVENT.resource, method="POST", path=path, body=event)
        try:
            await self._api.call(call)
        except ApiRefusal as refusal:
            if refusal.status_code != 409:  # the first attempt came through after all
                raise


def _place(metadata: Mapping[str, Any]) -> tuple[str, str]:
    return metadata["namespace"], metadata["name"]


def _managers(found: Mapping[str, Any]) -> tuple[str, ...]:
    entries = found["metadata"].get("managedFields") or ()
    return tuple(dict.fromkeys(str(entry.get("manager", "")) for entry in entries))


def _owners(model: str | None, managers: tuple[str, ...]) -> str:
    if model:
        return f"model {model!r}"
    return ", ".join(repr(manager) for manager in managers) or "somebody else"
