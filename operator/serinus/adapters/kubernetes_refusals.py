"""What the API server's refusals of a write mean to whoever wanted it."""

from __future__ import annotations

from serinus.adapters.kubernetes_api import ApiRefusal
from serinus.errors import Conflict, NamespaceGoes, WriteRefused

KIND_IS_UNKNOWN = ("could not find the requested resource", "404 page not found")
"""What the API server says of a kind whose CRD is missing, with the status of a missing object."""

NAMESPACE_GOES = "because it is being terminated"
"""How the refusal of anything new in a namespace that was deleted ends."""


def translated(refusal: ApiRefusal, what: str) -> Conflict | WriteRefused:
    """Return a refusal as the loop knows it: to be looked at again, or a person's to mend."""
    is_about_kind = any(words in refusal.message for words in KIND_IS_UNKNOWN)
    is_overtaken = refusal.reason in {"NotFound", "Conflict"} and not is_about_kind
    if is_overtaken:
        return Conflict(f"{what}: {refusal.message}")
    if is_about_kind:
        message = (
            "the cluster does not know this kind, or not in the version we write; is its CRD "
        )
        message += f"installed, and new enough? ({refusal.message})"
        return WriteRefused(what, refusal.status_code, message)
    is_going = refusal.message.endswith(NAMESPACE_GOES)
    refused = NamespaceGoes if is_going else WriteRefused
    return refused(what, refusal.status_code, refusal.message)
