"""Where each kind of object lives in the API: its path and the word that RBAC uses for it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from serinus.resource.names import (
    CLUSTER_TEMPLATE_PLURAL,
    GROUP,
    KIND,
    PLURAL,
    TEMPLATE_PLURAL,
    VERSION,
)
from serinus.resource.objective_template import TemplateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of object that the operator deals with."""

    name: str
    prefix: str
    """Path of its API group and version."""
    plural: str

    @property
    def resource(self) -> str:
        """The word RBAC and metrics know it by: `httproutes.gateway.networking.k8s.io`."""
        group = self.prefix.split("/")[2] if self.prefix.startswith("/apis/") else ""
        return f"{self.plural}.{group}" if group else self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the path of one object, or of the collection where no name is given.

        Raises:
            ValueError: a name would lead to somewhere else.
        """
        space = f"/namespaces/{_segment(namespace)}" if namespace else ""
        tail = "".join(f"/{_segment(part)}" for part in (name, subresource) if part)
        return f"{self.prefix}{space}/{self.plural}{tail}"


def _segment(name: str) -> str:
    """One step of a path: whoever names an object must not choose another collection with it."""
    if name in {".", ".."}:
        raise ValueError(f"{name!r} is no name of an object")
    return quote(name, safe="")


HTTP_ROUTE = Kind(
    name="HTTPRoute", prefix="/apis/gateway.networking.k8s.io/v1", plural="httproutes"
)
DEPLOYMENT = Kind(name="Deployment", prefix="/apis/apps/v1", plural="deployments")
SERVICE = Kind(name="Service", prefix="/api/v1", plural="services")
CONTROLLER_REVISION = Kind(
    name="ControllerRevision", prefix="/apis/apps/v1", plural="controllerrevisions"
)
CONFIG_MAP = Kind(name="ConfigMap", prefix="/api/v1", plural="configmaps")
CRON_JOB = Kind(name="CronJob", prefix="/apis/batch/v1", plural="cronjobs")
POD = Kind(name="Pod", prefix="/api/v1", plural="pods")
ENDPOINT_SLICE = Kind(
    name="EndpointSlice", prefix="/apis/discovery.k8s.io/v1", plural="endpointslices"
)
SECRET = Kind(name="Secret", prefix="/api/v1", plural="secrets")
EVENT = Kind(name="Event", prefix="/api/v1", plural="events")
"""The core kind: `kubectl describe` sorts by its time stamps, which the newer may not carry."""
LEASE = Kind(name="Lease", prefix="/apis/coordination.k8s.io/v1", plural="leases")
OBJECTIVE_TEMPLATE, CLUSTER_OBJECTIVE_TEMPLATE = (
    Kind(name=kind, prefix=f"/apis/{GROUP}/{VERSION}", plural=plural)
    for kind, plural in (
        (TemplateKind.NAMESPACED, TEMPLATE_PLURAL),
        (TemplateKind.CLUSTER, CLUSTER_TEMPLATE_PLURAL),
    )
)
MODEL_DEPLOYMENT = Kind(name=KIND, prefix=f"/apis/{GROUP}/{VERSION}", plural=PLURAL)

OWNED = (DEPLOYMENT, SERVICE, CONTROLLER_REVISION, CONFIG_MAP, HTTP_ROUTE, CRON_JOB)
"""What we write, by server-side apply."""

WATCHED = (*OWNED, POD, ENDPOINT_SLICE)
"""What is seen of a model through its label."""

BY_NAME = {kind.name: kind for kind in OWNED}
