"""The Services in front of the tracks, and the fixed ones of each revision."""

from __future__ import annotations

from typing import Any

from serinus.render.metadata import Manifest, Owner, manifest
from serinus.resource.names import REVISION_LABEL, pod_labels, workload_name
from serinus.resource.revision import Revision
from serinus.resource.spec import Spec
from serinus.servers.filling import DEFAULT_PORT

Ports = list[dict[str, Any]]


def ports_of(spec: Spec, revision: Revision) -> Ports:
    """Return the Service ports: as asked for, or as the revision's own containers have them."""
    if spec.ports:
        return [
            {
                "name": port.name,
                "port": port.port,
                "targetPort": port.target_port or port.port,
                "protocol": "TCP",
                **({"appProtocol": port.app_protocol} if port.app_protocol else {}),
            }
            for port in spec.ports
        ]
    containers = revision.pod_template["spec"]["containers"]
    named = [port for container in containers for port in container.get("ports") or ()]
    return [_container_port(n, port) for n, port in enumerate(named)] or [
        {"name": "http", "port": DEFAULT_PORT, "targetPort": DEFAULT_PORT, "protocol": "TCP"}
    ]


def _container_port(number: int, port: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": port.get("name") or f"port-{number}",
        "port": port["containerPort"],
        "targetPort": port["containerPort"],
        "protocol": port.get("protocol", "TCP"),
    }


def service(owner: Owner, name: str, revision: Revision, spec: Spec) -> Manifest:
    """Return a Service that selects a revision's pods."""
    content = {
        "spec": {
            "type": "ClusterIP",
            "selector": pod_labels(owner.name, revision.digest),
            "ports": ports_of(spec, revision),
        }
    }
    return manifest(
        owner, "v1", "Service", name, content, labels={REVISION_LABEL: revision.digest}
    )


def revision_service(owner: Owner, revision: Revision, spec: Spec) -> Manifest:
    """Return the revision's own Service, named in routes; its selector never changes."""
    return service(owner, workload_name(owner.name, revision.digest), revision, spec)
