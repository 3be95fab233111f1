"""Desired against seen: which writes make them equal, in the order that is safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from serinus.observe.snapshot import Children, ObjectSeen
from serinus.render.desired import Desired
from serinus.resource.names import APPLIED_ANNOTATION, REVISION_LABEL
from serinus.traffic import gateway_api

Key = tuple[str, str]
"""Kind and name."""

WRITE_ORDER = (
    "HTTPRoute",  # a rollback restores the traffic before anything else
    "ControllerRevision",
    "ConfigMap",
    "Deployment",
    "Service",
    "CronJob",
)
"""New things get traffic only after they were seen ready, so a route may always go first."""

WRITTEN_LAST = frozenset({"CronJob"})
"""Nothing that serves needs them: they come after deletions, since a quota or a policy may refuse
them, and go with the resource whatever outlives it.
"""

WRITTEN_AS_SEEN = frozenset({"HTTPRoute"})
"""Kinds that are written before status is: what was decided on an old picture must not arrive.

For all else the status write is the gate: who built on an old picture gets no further than that.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """Make an object what the manifest says."""

    manifest: Mapping[str, Any] = field(repr=False)
    kind: str
    name: str
    is_ours: bool
    """Whether it was seen with our labels, so that force repairs and never takes over."""
    expected: ObjectSeen | None = None
    """What must be there still when the write arrives; None where it may be whatever is."""
    is_urgent: bool = False
    """Whether it goes before all that is routine, whoever's that is."""

    @property
    def revision(self) -> str:
        """The revision that it is for, "" where it is for the model as a whole."""
        return str(self.manifest["metadata"]["labels"].get(REVISION_LABEL, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove an object of ours."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Say whom an object of ours goes with; it is not written else, nor known in full."""

    kind: str
    name: str
    owner: Mapping[str, Any] | None = None
    """None where it is to outlive the resource."""


Action = Apply | HandOver | Delete


def plan(desired: Desired, seen: Children) -> tuple[Action, ...]:
    """Return the writes that are due; none when everything is as it should be."""
    manifests = {(m["kind"], m["metadata"]["name"]): m for m in desired.manifests}
    applies = [
        Apply(
            manifest=manifest,
            kind=key[0],
            name=key[1],
            is_ours=key in seen.objects,
            expected=seen.objects.get(key) if key[0] in WRITTEN_AS_SEEN else None,
            is_urgent=not desired.moves_to_canary and _takes_traffic_away(manifest, seen),
        )
        for key, manifest in manifests.items()
        if _is_due(manifest, key, seen)
    ]
    applies.sort(key=lambda action: WRITE_ORDER.index(action.kind))
    last = [action for action in applies if action.kind in WRITTEN_LAST]
    # What has our label alone may be somebody's own, such as a Service for its metrics.
    ours = {key for key, found in seen.objects.items() if found.applied}
    gone = ours - manifests.keys() - desired.kept
    staying = sorted(ours - gone - {(action.kind, action.name) for action in applies})
    unwritten: tuple[Action, ...] = (
        *_handed_over(staying, desired, seen),
        *(Delete(kind=kind, name=name) for kind, name in sorted(gone)),
    )
    return (*applies[: len(applies) - len(last)], *unwritten, *last)


def _handed_over(staying: list[Key], desired: Desired, seen: Children) -> Iterator[HandOver]:
    """What is not written anew may be owned as another deletionPolicy had it."""
    for kind, name in staying:
        is_owned = seen.objects[kind, name].is_owned
        if is_owned and desired.outlives and kind not in WRITTEN_LAST:
            yield HandOver(kind=kind, name=name)
        if desired.owner is not None and not is_owned:
            yield HandOver(kind=kind, name=name, owner=desired.owner)


def _is_due(manifest: Mapping[str, Any], key: tuple[str, str], seen: Children) -> bool:
    live = seen.objects.get(key)
    if live is None:
        return True
    digest = manifest["metadata"]["annotations"][APPLIED_ANNOTATION]
    return live.applied != digest or live.is_edited


def _takes_traffic_away(manifest: Mapping[str, Any], seen: Children) -> bool:
    """Whether a split ends here: traffic may be going where it must not go any more."""
    if manifest["kind"] != "HTTPRoute" or seen.route is None:
        return False
    before, after = seen.route.weights, gateway_api.read(manifest)
    return sum(map(bool, after.values())) == 1 < sum(map(bool, before.values()))
