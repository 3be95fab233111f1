"""The Snapshot: one frozen picture of cluster and metrics, with its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import PlainSerializer

from serinus.evidence.captured import Captured
from serinus.evidence.ledger import Ledger
from serinus.resource.calibration import Calibration
from serinus.resource.commands import Command
from serinus.resource.objectives import ObjectivesInForce, Unresolved
from serinus.resource.revision import Revision, Wanted
from serinus.resource.storage import IMAGES, StorageImages

Names = Annotated[frozenset[str], PlainSerializer(sorted, when_used="json")]
"""Written in order, so that the same picture is the same record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PodSeen:
    """The fields of a pod that decisions rest on."""

    name: str
    revision: str
    is_ready: bool
    """Ready by its own condition (readiness gates included) and not terminating."""
    is_going: bool = False
    """It was deleted, or has ended: its Deployment counts it no more, and has made another."""
    is_crash_looping: bool = False
    """A container waits in CrashLoopBackOff, or keeps ending right after its start."""
    trouble: str = ""
    """Why it is not ready, in the kubelet's words."""
    started_at: datetime | None = None
    running_since: datetime | None = None
    """When the youngest of its containers that run began."""
    began_before: tuple[datetime, ...] = ()
    """When its other processes began, of each container that runs and of the one before it."""
    content: str = ""
    """Digest of the model's files it has, "" where it does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSeen:
    """A pod that has read a revision's claim again, while its servers run."""

    name: str
    revision: str
    content: str
    """Digest of what lies there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSeen:
    """An object of ours as it lies in the cluster."""

    kind: str
    name: str
    applied: str
    """Digest of the manifest applied last (annotation serinus.dev/applied)."""
    is_edited: bool = False
    """Whether somebody else has changed a field that is ours since."""
    is_owned: bool = False
    """Whether it goes with its owner when that is deleted."""
    revision: str = ""
    """Value of the revision label, "" without one."""
    resource_version: str = field(default="", compare=False)
    """Grows with the status too, which others write: another version may be the same object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSeen:
    """The router's object as it is now."""

    weights: Mapping[str, int]
    """Weight by Service name, in the route's own units."""
    is_programmed: bool
    """Whether the router has taken over the newest generation."""
    is_behind: bool = False
    """Whether it still sends requests where an older one led."""
    trouble: str = ""
    """Why it has not, in the router's words."""
    decision: str = ""
    """The terminal decision stored with the weights (annotation, JSON), "" without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """Everything the cluster holds for one resource."""

    objects: Mapping[tuple[str, str], ObjectSeen] = field(default_factory=dict)
    """By kind and name."""
    revisions: Mapping[str, Revision] = field(default_factory=dict)
    """Stored revisions by digest."""
    workload_sizes: Mapping[str, int] = field(default_factory=dict)
    """`spec.replicas` of each revision's Deployment."""
    workload_troubles: Mapping[str, str] = field(default_factory=dict)
    """Why the pods of a Deployment are not even made, in the API server's words, by revision."""
    restarts: Mapping[str, str] = field(default_factory=dict)
    """The restart that the pods of a Deployment have had last (annotation), by revision."""
    pods: tuple[PodSeen, ...] = ()
    readings: tuple[ReadingSeen, ...] = ()
    """Of claims, oldest first; those that are still at it have said nothing."""
    route: RouteSeen | None = None
    endpoints: Mapping[str, Names] = field(default_factory=dict)
    """Names of the pods behind each Service, ready or terminating ones included."""
    evidence: str = ""
    """The stored ledger, as text, "" without one."""
    last_asked: str = ""
    """The spec that could be followed last, stored beside it, as `read_asked` reads it."""
    baseline: str = ""
    """What was captured of stable, likewise."""

    @property
    def pods_started_at(self) -> dict[str, datetime]:
        """When each pod was started, by its name, where that is known."""
        return {p.name: p.started_at for p in self.pods if p.started_at is not None}

    @property
    def pods_began_before(self) -> dict[str, tuple[datetime, ...]]:
        """When all other processes of each pod began, as far as the kubelet remembers."""
        return {p.name: p.began_before for p in self.pods if p.began_before}

    @property
    def pods_running_since(self) -> dict[str, datetime]:
        """Since when each pod's containers run without a restart, where that is known."""
        return {p.name: p.running_since for p in self.pods if p.running_since is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was seen at one moment; `decide` knows nothing else of the world."""

    now: datetime
    namespace: str
    name: str
    uid: str
    generation: int
    wanted: Wanted | None
    """The revision the spec asks for; None while that can't be known."""
    wanted_trouble: str = ""
    """Why not: what it refers to and is missing, or what is wrong with it."""
    is_invalid: bool = False
    """Whether the spec as written can't be followed; all else is by the last that could."""
    last_asked: str = ""
    """The spec that all is by, as it is stored while a rollout is under way."""
    not_written: str = ""
    """Why the last look could not write all that it wanted to, as status tells it."""
    objectives: ObjectivesInForce | None = None
    """What must hold, with templates and defaults; None: what the spec lists is all there is."""
    commands: Mapping[str, Command] = field(default_factory=dict)
    recovered: Mapping[str, Revision] = field(default_factory=dict)
    """Revisions at work whose record is gone, as their workloads run them."""
    images: StorageImages = IMAGES
    """What fetches a model's files where the template does not say."""
    children: Children
    ledger: Ledger
    """Evidence so far, this look's closed blocks included."""
    checkpoint: Ledger = field(default_factory=Ledger)
    """How far it is stored."""
    captured: Captured | None = None
    """Of stable's traffic, where an objective is compared with that and it has been."""
    calibration: Calibration | None = None
    """Of the policy on stable's own past, where there is a newer one than is remembered."""
    next_block_at: datetime | None = None
    """When there may be new evidence; None without a rollout."""
    metrics_trouble: str = ""
    """Why there is no fresh evidence, in one sentence, "" when all is well."""
    metrics_troubles: Mapping[str, str] = field(default_factory=dict)
    """The same for each objective that lacks it, by its key."""
    metrics_failures: Names = frozenset()
    """Keys of those whose query failed; the others are answered, with nothing."""

    @property
    def objectives_trouble(self) -> Unresolved | None:
        """Why not every objective that was asked for is known, None if all are."""
        return self.objectives.trouble if self.objectives else None

    def pods_of(self, revision: str) -> tuple[PodSeen, ...]:
        """Return the pods of a revision."""
        return tuple(pod for pod in self.children.pods if pod.revision == revision)

    def ready_count(self, revision: str) -> int:
        """Return how many pods of a revision are ready."""
        return sum(pod.is_ready for pod in self.pods_of(revision))
