"""Revisions whose record somebody deleted: what runs still says what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from serinus.observe.snapshot import Children
from serinus.resource.names import workload_name
from serinus.resource.revision import Revision
from serinus.resource.status import Memory


class WorkloadReader(Protocol):
    """What recovering needs of the cluster."""

    async def pod_template(self, namespace: str, workload: str) -> Mapping[str, Any] | None:
        """Return the pod template of a workload, None if there is no such workload."""


async def recovered(
    namespace: str, name: str, memory: Memory, children: Children, reader: WorkloadReader
) -> dict[str, Revision]:
    """Return the revisions with traffic that have a workload and no record.

    Without them there would be no way back: a route and its Services are made from revisions. A
    request is made for such a one alone.
    """
    at_work = [each for each in (memory.stable, memory.rollout) if each is not None]
    versions = {each.revision: each.version for each in at_work}
    lost = versions.keys() & children.workload_sizes.keys() - children.revisions.keys()
    found = {}
    for digest in sorted(lost):
        template = await reader.pod_template(namespace, workload_name(name, digest))
        if template is not None:
            found[digest] = Revision(
                digest=digest, version=versions[digest], pod_template=template
            )
    return found
