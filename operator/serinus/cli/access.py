"""The cluster as these commands need it: read one resource, set one annotation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml

from serinus.cli.exits import Ended, ExitCode
from serinus.cli.given import in_one_line
from serinus.resource.names import (
    CLUSTER_TEMPLATE_PLURAL,
    GROUP,
    KIND,
    PLURAL,
    TEMPLATE_PLURAL,
    VERSION,
)
from serinus.resource.objective_template import TemplateKind

REQUEST_TIMEOUT_SECONDS = (5, 20)
"""To connect, and to answer: somebody is waiting at a terminal."""

MALFORMED = (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError)
"""What the client raises of a kubeconfig that is none."""

NAMESPACE_OF_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class ResourceChanged(Exception):
    """Somebody else, mostly the operator, wrote the resource since it was read."""


class NotThere(Ended):
    """There is no such object."""


class NoAnswer(Ended):
    """The API server did not answer, or said that it can't just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Which object a request is about."""

    kind: str
    plural: str
    name: str
    namespace: str
    """Empty where it is in none."""

    def __str__(self) -> str:
        where = f" in namespace {self.namespace!r}" if self.namespace else ""
        return f"{self.kind} {self.name!r}{where}"

    @property
    def place(self) -> dict[str, str]:
        place = {"group": GROUP, "version": VERSION, "plural": self.plural, "name": self.name}
        return place | ({"namespace": self.namespace} if self.namespace else {})


class Access(Protocol):
    """What the commands need."""

    def read(self, name: str) -> Mapping[str, Any]:
        """Return the resource as it is now.

        Raises:
            Ended: it could not be had; the message says what to do.
        """

    def template(self, kind: TemplateKind, name: str) -> Mapping[str, Any] | None:
        """Return the spec of a template that the resource may refer to, None where it is not.

        Raises:
            Ended: it could not be asked for; the message says what to do.
        """

    def annotate(self, name: str, annotation: str, value: str, resource_version: str) -> None:
        """Set an annotation, if the resource still has this version.

        Raises:
            ResourceChanged: it has not.
            Ended: it could not be written; the message says what to do.
        """


class Cluster:
    """One namespace of a cluster, spoken to by the official client."""

    def __init__(self, api: Any, host: str, namespace: str) -> None:
        self._api, self._host, self._namespace = api, host, namespace

    def read(self, name: str) -> Mapping[str, Any]:
        """Return the resource as it is now; see Access."""
        resource: Mapping[str, Any] = self._ask(
            "read", self._model(name), self._api.get_namespaced_custom_object
        )
        return resource

    def template(self, kind: TemplateKind, name: str) -> Mapping[str, Any] | None:
        """Return the spec of a template; see Access."""
        plural, namespace = TEMPLATE_PLURAL, self._namespace
        request = self._api.get_namespaced_custom_object
        if kind is TemplateKind.CLUSTER:
            plural, namespace = CLUSTER_TEMPLATE_PLURAL, ""
            request = self._api.get_cluster_custom_object
        asked = _Asked(kind=kind, plural=plural, name=name, namespace=namespace)
        try:
            return self._ask("read", asked, request).get("spec") or {}
        except NotThere:
            return None

    def annotate(self, name: str, annotation: str, value: str, resource_version: str) -> None:
        """Set an annotation, if the resource still has this version; see Access."""
        metadata = {"annotations": {annotation: value}, "resourceVersion": resource_version}
        self._ask(
            "annotate",
            self._model(name),
            self._api.patch_namespaced_custom_object,
            body={"metadata": metadata},
            _content_type="application/merge-patch+json",
        )

    def _model(self, name: str) -> _Asked:
        return _Asked(kind=KIND, plural=PLURAL, name=name, namespace=self._namespace)

    def _ask(
        self, doing: str, asked: _Asked, request: Callable[..., Any], **arguments: Any
    ) -> Any:
        from kubernetes.client import ApiException  # noqa: PLC0415 - takes most of a second
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        try:
            return request(**asked.place, **arguments, _request_timeout=REQUEST_TIMEOUT_SECONDS)
        except ApiException as answer:
            if answer.status == 409:
                raise ResourceChanged from answer
            raise _kind_of(answer)(
                ExitCode.NOT_REACHED, self._told(answer, doing, asked)
            ) from answer
        except (HTTPError, OSError) as trouble:
            message = f"no answer from {self._host}: {trouble}; is it up, and the context right?"
            raise NoAnswer(ExitCode.NOT_REACHED, message) from trouble

    def _told(self, answer: Any, doing: str, what: _Asked) -> str:
        """Return what went wrong and what to do about it."""
        reason = _message_of(answer)
        match answer.status:
            case 404 if _is_about_an_object(answer):
                return (
                    f"there is no {what}; `kubectl get mlmd -A` lists those there are, "
                    "-n/--namespace and --context choose where to look"
                )
            case 404:
                return f"{self._host} has no resource {what.plural}.{GROUP}: install serinus there"
            case 401:
                return f"{self._host} does not know you: log in again, or choose --context"
            case 403:
                verb = "get" if doing == "read" else "patch"
                return (
                    f"you may not {doing} {what}: ask for {verb!r} on {what.plural}.{GROUP} there"
                )
            case 0 | None:
                return f"no answer from {self._host}: {reason}; is it up, and the context right?"
            case status:
                return f"{self._host} would not {doing} {what} ({status}): {reason}"


def connect(kubeconfig: Path | None, context: str | None, namespace: str | None) -> Cluster:
    """Return the cluster that the kubeconfig names, or the one whose pod we are in.

    Raises:
        Ended: there is no usable kubeconfig.
    """
    from kubernetes import client, config  # noqa: PLC0415 - takes most of a second

    configuration = client.Configuration()
    configuration.retries = False  # a person sees at once that it does not answer
    file = str(kubeconfig) if kubeconfig else None
    try:
        if NAMESPACE_OF_POD.exists() and not (file or context) and _has_no_kubeconfig():
            config.load_incluster_config(client_configuration=configuration)
            home = NAMESPACE_OF_POD.read_text().strip()
        else:
            config.load_kube_config(file, context, client_configuration=configuration)
            home = _namespace_of(config.list_kube_config_contexts(file), context)
    except (config.ConfigException, OSError, *MALFORMED) as trouble:
        why = in_one_line(trouble)
        message = f"no usable kubeconfig: {why}; give --kubeconfig, or set KUBECONFIG"
        raise Ended(ExitCode.NOT_REACHED, message) from trouble
    api = client.CustomObjectsApi(client.ApiClient(configuration))
    return Cluster(api, configuration.host, namespace or home)


def _has_no_kubeconfig() -> bool:
    from kubernetes.config import kube_config  # noqa: PLC0415

    places = kube_config.KUBE_CONFIG_DEFAULT_LOCATION.split(
        kube_config.ENV_KUBECONFIG_PATH_SEPARATOR
    )
    return not any(Path(place).expanduser().exists() for place in places)


def _namespace_of(contexts: tuple[list[dict[str, Any]], dict[str, Any]], name: str | None) -> str:
    known, current = contexts
    chosen = next((context for context in known if context["name"] == name), current)
    return str(chosen["context"].get("namespace") or "default")


def _kind_of(answer: Any) -> type[Ended]:
    if answer.status == 404 and _is_about_an_object(answer):
        return NotThere
    can_not_just_now = not answer.status or answer.status == 429 or answer.status >= 500
    return NoAnswer if can_not_just_now else Ended


def _is_about_an_object(answer: Any) -> bool:
    """A missing object is told with its name; a missing kind with a bare "not found"."""
    return bool((_status_of(answer).get("details") or {}).get("name"))


def _message_of(answer: Any) -> str:
    return str(_status_of(answer).get("message") or answer.reason)


def _status_of(answer: Any) -> dict[str, Any]:
    try:
        status = json.loads(answer.body or "{}")
    except ValueError:
        return {}
    return status if isinstance(status, dict) else {}
