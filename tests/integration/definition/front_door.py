"""The API server as a user meets it: what it stores of a manifest, or why it refuses it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from kubernetes import client

from serinus.resource.names import API_VERSION, GROUP, KIND, PLURAL, VERSION

NAMESPACE = "definition"


@dataclass(frozen=True)
class Answer:
    """What became of a manifest."""

    stored: dict[str, Any] = field(default_factory=dict)
    """The object with the API server's defaults; empty if it was refused."""
    message: str = ""
    causes: tuple[tuple[str, str], ...] = ()
    """Field and message of each fault."""

    @property
    def is_accepted(self) -> bool:
        return bool(self.stored)


def manifest(spec: dict[str, Any], name: str = "fraud") -> dict[str, Any]:
    return {
        "apiVersion": API_VERSION,
        "kind": KIND,
        "metadata": {"namespace": NAMESPACE, "name": name},
        "spec": spec,
    }


class FrontDoor:
    """Requests for MLModelDeployments of one namespace, with strict validation."""

    def __init__(self, api: client.ApiClient) -> None:
        self._objects = client.CustomObjectsApi(api)
        self._place = {
            "group": GROUP,
            "version": VERSION,
            "namespace": NAMESPACE,
            "plural": PLURAL,
        }

    def ask(self, spec: dict[str, Any], name: str = "fraud") -> Answer:
        """Ask what would become of a resource, without leaving it there."""
        return self.create(spec, name, dry_run="All")

    def create(
        self, spec: dict[str, Any], name: str, dry_run: str | None = None, strict: str = "Strict"
    ) -> Answer:
        try:
            return Answer(
                self._objects.create_namespaced_custom_object(
                    **self._place,
                    body=manifest(spec, name),
                    dry_run=dry_run,
                    field_validation=strict,
                )
            )
        except client.ApiException as refusal:
            return _refusal(refusal)

    def get(self, name: str) -> dict[str, Any]:
        stored: dict[str, Any] = self._objects.get_namespaced_custom_object(
            **self._place, name=name
        )
        return stored

    def replace(self, body: dict[str, Any]) -> dict[str, Any]:
        stored: dict[str, Any] = self._objects.replace_namespaced_custom_object(
            **self._place, name=body["metadata"]["name"], body=body
        )
        return stored

    def replace_status(self, body: dict[str, Any]) -> Answer:
        try:
            return Answer(
                self._objects.replace_namespaced_custom_object_status(
                    **self._place,
                    name=body["metadata"]["name"],
                    body=body,
                    field_validation="Strict",
                )
            )
        except client.ApiException as refusal:
            return _refusal(refusal)

    def scale(self, name: str) -> dict[str, Any]:
        scale: dict[str, Any] = self._objects.get_namespaced_custom_object_scale(
            **self._place, name=name
        )
        return scale

    def replace_scale(self, name: str, scale: dict[str, Any]) -> None:
        self._objects.replace_namespaced_custom_object_scale(**self._place, name=name, body=scale)


def _refusal(refusal: client.ApiException) -> Answer:
    status = json.loads(refusal.body)
    causes = (status.get("details") or {}).get("causes") or ()
    told = tuple((cause.get("field", ""), cause.get("message", "")) for cause in causes)
    return Answer(message=status["message"], causes=told)
