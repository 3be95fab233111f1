"""Whom an object goes with: the resource, or nobody, so that it outlives that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_children import ChildrenStore
from serinus.adapters.kubernetes_kinds import BY_NAME
from serinus.adapters.kubernetes_refusals import translated
from serinus.resource.names import FIELD_MANAGER

MERGE = "application/merge-patch+json"


async def hand_over(
    api: ApiServer,
    store: ChildrenStore,
    kind_name: str,
    namespace: str,
    name: str,
    owner: Mapping[str, Any] | None,
) -> None:
    """Give an object, of unknown content, an owner or none; see act.perform.Writer."""
    kind, uid = BY_NAME[kind_name], store.uid_of(kind_name, namespace, name)
    call = Call(
        verb="patch",
        resource=kind.resource,
        method="PATCH",
        path=kind.path(namespace, name),
        query={"fieldManager": FIELD_MANAGER},
        # Only the object that was seen: its name may be somebody else's by now.
        body={"metadata": {"uid": uid, "ownerReferences": [owner] if owner else None}},
        content_type=MERGE,
    )
    try:
        answer = await api.call(call)
    except ApiRefusal as refusal:
        raise translated(refusal, f"{kind_name} {name!r}") from refusal
    store.wrote(kind_name, answer)
