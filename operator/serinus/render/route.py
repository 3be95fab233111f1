"""The owned route: the split in force, and a rollback stored in the same write."""

from __future__ import annotations

from serinus.decide.decision import Decision
from serinus.render.metadata import Manifest, Owner, manifest
from serinus.render.services import ports_of
from serinus.resource.names import DECISION_ANNOTATION, route_name, workload_name
from serinus.resource.revision import Revision
from serinus.resource.spec import Spec
from serinus.resource.status import TerminalKind
from serinus.traffic import gateway_api
from serinus.traffic.gateway_api import Backend
from serinus.traffic.split import Split


def route(
    owner: Owner,
    spec: Spec,
    decision: Decision,
    split: Split,
    stable: Revision,
    canary: Revision | None,
) -> Manifest:
    """Return the HTTPRoute of a model."""
    content = gateway_api.write(
        spec.traffic.gateway_api,
        split,
        _backend(owner, spec, stable),
        _backend(owner, spec, canary) if canary is not None else None,
    )
    terminal = decision.memory.decision
    annotations = {}
    if terminal is not None and terminal.kind is TerminalKind.ROLLBACK:
        annotations[DECISION_ANNOTATION] = terminal.model_dump_json(by_alias=True)
    return manifest(
        owner,
        gateway_api.API_VERSION,
        gateway_api.KIND,
        route_name(owner.name),
        {"spec": content},
        annotations=annotations,
    )


def _backend(owner: Owner, spec: Spec, revision: Revision) -> Backend:
    port = int(ports_of(spec, revision)[0]["port"])
    return Backend(service=workload_name(owner.name, revision.digest), port=port)
