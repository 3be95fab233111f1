"""What a revision leaves in the cluster: its ControllerRevision and its copies of ConfigMaps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from serinus.render.metadata import Manifest, Owner, manifest
from serinus.resource.names import (
    REVISION_LABEL,
    VERSION_LABEL,
    config_copy_name,
    workload_name,
)
from serinus.resource.revision import Revision, Wanted


def controller_revision(owner: Owner, revision: Revision, now: datetime) -> Manifest:
    """Return the ControllerRevision that keeps a frozen revision."""
    data = {
        "version": revision.version,
        "podTemplate": revision.pod_template,
        "configNames": list(revision.config_names),
    }
    if revision.shows is not None:
        data["server"] = revision.shows.server
        data["servedName"] = revision.shows.served_name or ""
    return manifest(
        owner,
        "apps/v1",
        "ControllerRevision",
        workload_name(owner.name, revision.digest),
        {"data": data, "revision": int(now.timestamp())},
        labels=_labels(revision),
    )


def config_copies(owner: Owner, wanted: Wanted) -> list[Manifest]:
    """Return immutable copies of the ConfigMaps a revision refers to."""
    return [_config_copy(owner, wanted, name, dict(c)) for name, c in wanted.config.items()]


def _config_copy(owner: Owner, wanted: Wanted, name: str, content: Mapping[str, Any]) -> Manifest:
    return manifest(
        owner,
        "v1",
        "ConfigMap",
        config_copy_name(owner.name, wanted.digest, name),
        {"immutable": True, **content},
        labels={REVISION_LABEL: wanted.digest},
    )


def _labels(revision: Revision) -> dict[str, str]:
    return {REVISION_LABEL: revision.digest, VERSION_LABEL: revision.version}
