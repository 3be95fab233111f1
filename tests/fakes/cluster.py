"""The cluster of a scenario: objects by server-side apply, pods that start, die and vanish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from serinus.errors import NamespaceGoes, NameTaken, WriteRefused
from serinus.observe.snapshot import Children, ObjectSeen, PodSeen, ReadingSeen, RouteSeen
from serinus.resource.names import (
    APPLIED_ANNOTATION,
    DECISION_ANNOTATION,
    RESTARTED_ANNOTATION,
    REVISION_LABEL,
    VERSION_LABEL,
)
from serinus.resource.revision import Revision, read_revision
from serinus.traffic import gateway_api
from tests.fakes.models import GOOD, Behaviour

Key = tuple[str, str]


@dataclass
class Pod:
    """A pod that the pretended controller made for a Deployment."""

    name: str
    revision: str
    version: str
    born_at: float
    is_lost: bool = False
    content: str = ""
    """Digest of the model's files it found when it started."""


@dataclass
class FakeCluster:
    """Objects and pods of one namespace."""

    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    bucket: str = ""
    """Digest of the files that pods find when they start, "" where they do not tell."""
    readings: list[ReadingSeen] = field(default_factory=list)
    """What was found on claims since."""
    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)
    is_going: bool = False
    """Whether the namespace was deleted, and nothing new is taken."""
    pods: dict[str, Pod] = field(default_factory=dict)
    writes: list[tuple[str, str, str]] = field(default_factory=list)
    """(verb, kind, name) in order."""
    held_endpoints: dict[str, frozenset[str]] = field(default_factory=dict)
    """Services whose EndpointSlice is not kept up to date, and what is in it."""
    edited: set[Key] = field(default_factory=set)
    foreign: set[Key] = field(default_factory=set)
    refused_kinds: dict[str, str] = field(default_factory=dict)
    """Kinds of which nothing new is taken, and the words of the policy that refuses it."""
    refusal: str = ""
    """Why no more pods are made, such as the words of a quota; "" while they are."""
    router_works: bool = True
    router_lag_seconds: float = 1.0
    route_changed_at: float = 0.0
    seconds: float = 0.0
    pods_made: int = 0

    def apply(self, manifest: Mapping[str, Any]) -> None:
        """Make the object what the manifest says."""
        key = (manifest["kind"], manifest["metadata"]["name"])
        if key in self.foreign:
            raise NameTaken(*key, "kubectl")
        if key[0] in self.refused_kinds and key not in self.objects:
            raise WriteRefused(f"{key[0]} {key[1]!r}", 403, self.refused_kinds[key[0]])
        if self.is_going and key not in self.objects:
            raise NamespaceGoes(f"{key[0]} {key[1]!r}", 403, "it is being terminated")
        self.writes.append(("apply", *key))
        self.edited.discard(key)
        if key[0] == "HTTPRoute":
            self.route_changed_at = self.seconds
        self.objects[key] = deepcopy(dict(manifest))
        self.settle()

    def hand_over(self, kind: str, name: str, owner: Mapping[str, Any] | None) -> None:
        """Have the object go with its owner, or outlive it."""
        self.writes.append(("hand over", kind, name))
        metadata = self.objects[kind, name]["metadata"]
        metadata.pop("ownerReferences", None)
        metadata |= {"ownerReferences": [dict(owner)]} if owner else {}

    def delete(self, kind: str, name: str) -> None:
        """Remove the object."""
        self.writes.append(("delete", kind, name))
        self.objects.pop((kind, name), None)
        self.settle()

    def settle(self) -> None:
        """Play the controllers: as many pods as each Deployment asks for."""
        wanted = {
            key[1]: obj["spec"]["replicas"]
            for key, obj in self.objects.items()
            if key[0] == "Deployment"
        }
        for workload, size in wanted.items():
            labels = self.objects["Deployment", workload]["metadata"]["labels"]
            mine = [pod for pod in self.pods.values() if pod.revision == labels[REVISION_LABEL]]
            for _ in range(0 if self.refusal else size - len(mine)):
                self._start_pod(workload, labels)
            for pod in mine[size:]:
                del self.pods[pod.name]
        alive = {
            self.objects["Deployment", w]["metadata"]["labels"][REVISION_LABEL] for w in wanted
        }
        self.pods = {name: pod for name, pod in self.pods.items() if pod.revision in alive}

    def _start_pod(self, workload: str, labels: Mapping[str, str]) -> None:
        self.pods_made += 1
        name = f"{workload}-rs-{self.pods_made:05}"
        self.pods[name] = Pod(
            name=name,
            revision=labels[REVISION_LABEL],
            version=labels[VERSION_LABEL],
            born_at=self.seconds,
            content=self.bucket,
        )

    def read_claims(self) -> None:
        """Play the CronJobs, all at once: each keeps its newest pod alone."""
        self.readings = [
            ReadingSeen(
                name=f"{name}-{self.seconds:.0f}",
                revision=cron_job["metadata"]["labels"][REVISION_LABEL],
                content=self.bucket,
            )
            for (kind, name), cron_job in self.objects.items()
            if kind == "CronJob"
        ]

    def behaviour(self, pod: Pod) -> Behaviour:
        """Return how a pod's version behaves."""
        return self.behaviours.get(pod.version, GOOD)

    def is_ready(self, pod: Pod) -> bool:
        """Return whether a pod is ready now."""
        its = self.behaviour(pod)
        has_started = self.seconds - pod.born_at >= its.start_seconds
        return has_started and not its.crashes and not pod.is_lost and self.seconds < its.dies_at

    def weights(self) -> dict[str, int]:
        """Return the weight of each Service on the route."""
        route = self.objects.get(("HTTPRoute", "fraud"))
        return gateway_api.read(route) if route else {}

    def children(self, start: datetime) -> Children:
        """Return what an adapter would have seen."""
        workloads = {k: o for k, o in self.objects.items() if k[0] == "Deployment"}
        return Children(
            objects={key: self._seen(key, obj) for key, obj in self.objects.items()},
            revisions=dict(
                _revision(obj)
                for key, obj in self.objects.items()
                if key[0] == "ControllerRevision"
            ),
            workload_sizes={
                obj["metadata"]["labels"][REVISION_LABEL]: obj["spec"]["replicas"]
                for obj in workloads.values()
            },
            workload_troubles=self._troubles(),
            restarts=dict(_restarts(workloads.values())),
            pods=tuple(self._pod_seen(pod, start) for pod in self.pods.values()),
            readings=tuple(self.readings),
            route=self._route_seen(),
            endpoints=self._endpoints(),
            evidence=self._stored("fraud-evidence", "ledger"),
            last_asked=self._stored("fraud-evidence", "lastAsked"),
            baseline=self._stored("fraud-baseline", "baseline"),
        )

    def _troubles(self) -> dict[str, str]:
        if not self.refusal:
            return {}
        sizes = Counter(pod.revision for pod in self.pods.values())
        return {
            revision: self.refusal
            for (kind, _), obj in self.objects.items()
            if kind == "Deployment"
            and sizes[revision := obj["metadata"]["labels"][REVISION_LABEL]]
            < obj["spec"]["replicas"]
        }

    def _seen(self, key: Key, obj: Mapping[str, Any]) -> ObjectSeen:
        metadata = obj["metadata"]
        return ObjectSeen(
            kind=key[0],
            name=key[1],
            applied=metadata["annotations"][APPLIED_ANNOTATION],
            is_edited=key in self.edited,
            is_owned="ownerReferences" in metadata,
            revision=metadata["labels"].get(REVISION_LABEL, ""),
        )

    def _pod_seen(self, pod: Pod, start: datetime) -> PodSeen:
        crashing = self.behaviour(pod).crashes and self.seconds - pod.born_at > 10
        born_at = datetime.fromtimestamp(start.timestamp() + pod.born_at, tz=start.tzinfo)
        return PodSeen(
            name=pod.name,
            revision=pod.revision,
            is_ready=self.is_ready(pod),
            is_crash_looping=crashing,
            content=pod.content,
            trouble="CrashLoopBackOff: back-off restarting" if crashing else "",
            started_at=born_at,
            running_since=None if crashing else born_at,
        )

    def _route_seen(self) -> RouteSeen | None:
        route = self.objects.get(("HTTPRoute", "fraud"))
        if route is None:
            return None
        is_old = self.seconds - self.route_changed_at >= self.router_lag_seconds
        return RouteSeen(
            weights=gateway_api.read(route),
            is_programmed=self.router_works and is_old,
            is_behind=not (self.router_works and is_old),
            trouble="" if self.router_works else "the Gateway has not taken the newest route yet",
            decision=route["metadata"]["annotations"].get(DECISION_ANNOTATION, ""),
        )

    def _endpoints(self) -> dict[str, frozenset[str]]:
        kept = {
            key[1]: frozenset(
                pod.name
                for pod in self.pods.values()
                if pod.revision == obj["spec"]["selector"][REVISION_LABEL] and self.is_ready(pod)
            )
            for key, obj in self.objects.items()
            if key[0] == "Service"
        }
        return {**kept, **self.held_endpoints}

    def _stored(self, name: str, key: str) -> str:
        found = self.objects.get(("ConfigMap", name))
        return str(found["data"].get(key, "")) if found else ""


def _restarts(workloads: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for obj in workloads:
        annotations = obj["spec"]["template"]["metadata"].get("annotations") or {}
        if RESTARTED_ANNOTATION in annotations:
            yield obj["metadata"]["labels"][REVISION_LABEL], annotations[RESTARTED_ANNOTATION]


def _revision(obj: Mapping[str, Any]) -> tuple[str, Revision]:
    digest, data = obj["metadata"]["labels"][REVISION_LABEL], obj["data"]
    return digest, read_revision(digest, data)
