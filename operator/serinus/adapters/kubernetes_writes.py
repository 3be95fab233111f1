"""Writes: server-side apply, deletion, status and events, each safe to send twice."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from serinus.adapters.kubernetes_api import APPLY, ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_children import ChildrenStore
from serinus.adapters.kubernetes_kinds import BY_NAME, EVENT, MODEL_DEPLOYMENT, Kind
from serinus.decide.decision import Happening
from serinus.errors import Conflict, NameTaken, WriteRefused
from serinus.resource.names import API_VERSION, FIELD_MANAGER, GROUP, KIND, MODEL_LABEL

NEVER_CURRENT = "1"
"""A resourceVersion no object can have (etcd's first write is number 2).

With it, an apply creates what is not there and conflicts with whatever is: it can't take over an
object that happens to have the name we want, not even one whose fields ours would not touch.
"""

LONGEST_NOTE = 1024
"""Bytes the API server takes for an event's message; it counts UTF-8."""


class ClusterWriter:
    """Carries out writes and takes their answers in, so that the next look sees them."""

    def __init__(self, api: ApiServer, store: ChildrenStore, instance: str) -> None:
        self._api, self._store, self._instance = api, store, instance

    async def apply(self, manifest: Mapping[str, Any], *, is_ours: bool) -> None:
        """Make an object what the manifest says; see act.perform.Writer."""
        kind, metadata = BY_NAME[manifest["kind"]], manifest["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        model = metadata["labels"][MODEL_LABEL]
        owner = self._store.model_of(kind.name, namespace, name)
        if owner not in {None, model}:
            raise NameTaken(kind.name, name, f"model {owner!r}")
        try:
            answer = await self._apply(kind, manifest, is_ours=is_ours)
        except ApiRefusal as refusal:
            if refusal.status_code != 409 or is_ours:
                raise _translated(refusal, f"{kind.name} {name!r}") from refusal
            await self._expect_ours(kind, manifest)
            answer = await self._repair(kind, manifest)
        self._store.wrote(kind.name, answer)

    async def _apply(self, kind: Kind, manifest: Mapping[str, Any], *, is_ours: bool) -> Any:
        metadata = manifest["metadata"]
        sent = manifest
        if not is_ours:
            sent = {**manifest, "metadata": {**metadata, "resourceVersion": NEVER_CURRENT}}
        force = {"force": "true"} if is_ours else {}
        return await self._api.call(
            Call(
                verb="patch",
                resource=kind.resource,
                method="PATCH",
                path=kind.path(metadata["namespace"], metadata["name"]),
                query={"fieldManager": FIELD_MANAGER, **force},
                body=sent,
                content_type=APPLY,
            )
        )

    async def _repair(self, kind: Kind, manifest: Mapping[str, Any]) -> Any:
        try:
            return await self._apply(kind, manifest, is_ours=True)
        except ApiRefusal as refusal:
            what = f"{kind.name} {manifest['metadata']['name']!r}"
            raise _translated(refusal, what) from refusal

    async def _expect_ours(self, kind: Kind, manifest: Mapping[str, Any]) -> None:
        """Look at what has our name already: an object of ours that the watch has yet to show?

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
            raise _translated(refusal, f"{kind.name} {name!r}") from refusal
        model = (found["metadata"].get("labels") or {}).get(MODEL_LABEL)
        managers = _managers(found)
        if model != metadata["labels"][MODEL_LABEL] or FIELD_MANAGER not in managers:
            raise NameTaken(kind.name, name, _owners(model, managers))

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
                raise _translated(refusal, f"{kind_name} {name!r}") from refusal
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
            failure = _translated(refusal, f"status of {name!r}")
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

    async def tell(self, namespace: str, name: str, uid: str, happening: Happening) -> None:
        """Post an event on a resource.

        Raises:
            ApiRefusal: the API server said no.
            OutsideUnavailable: no answer, 429 or 5xx.
        """
        event = _event(namespace, name, uid, happening, self._instance)
        try:
            await self._api.call(
                Call(
                    verb="create",
                    resource=EVENT.resource,
                    method="POST",
                    path=EVENT.path(namespace),
                    body=event,
                )
            )
        except ApiRefusal as refusal:
            if refusal.status_code != 409:  # the first attempt came through after all
                raise


KIND_IS_UNKNOWN = ("could not find the requested resource", "404 page not found")
"""What the API server says of a kind whose CRD is missing, with the status of a missing object."""


def _translated(refusal: ApiRefusal, what: str) -> Conflict | WriteRefused:
    is_about_kind = any(words in refusal.message for words in KIND_IS_UNKNOWN)
    is_overtaken = refusal.reason in {"NotFound", "Conflict"} and not is_about_kind
    if is_overtaken:
        return Conflict(f"{what}: {refusal.message}")
    if is_about_kind:
        message = f"the cluster does not know this kind; is its CRD installed? ({refusal.message})"
        return WriteRefused(what, refusal.status_code, message)
    return WriteRefused(what, refusal.status_code, refusal.message)


def _managers(found: Mapping[str, Any]) -> tuple[str, ...]:
    entries = found["metadata"].get("managedFields") or ()
    return tuple(dict.fromkeys(str(entry.get("manager", "")) for entry in entries))


def _owners(model: str | None, managers: tuple[str, ...]) -> str:
    if model:
        return f"model {model!r}"
    return ", ".join(repr(manager) for manager in managers) or "somebody else"


def _event(
    namespace: str, name: str, uid: str, happening: Happening, instance: str
) -> dict[str, Any]:
    now = datetime.now(UTC)
    second = now.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"namespace": namespace, "name": f"{name}.{uuid.uuid4().hex[:16]}"},
        "eventTime": now.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "firstTimestamp": second,
        "lastTimestamp": second,
        "count": 1,
        "type": "Warning" if happening.is_warning else "Normal",
        "reason": happening.reason[:128],
        "action": happening.reason[:128],
        "message": happening.message.encode()[:LONGEST_NOTE].decode(errors="ignore"),
        "reportingComponent": f"{GROUP}/operator",
        "reportingInstance": instance[:128],
        "involvedObject": {
            "apiVersion": API_VERSION,
            "kind": KIND,
            "namespace": namespace,
            "name": name,
            "uid": uid,
        },
    }
