"""A run as the API server told it, replayed version by version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.integration.faults.proxy import Write
from tests.integration.faults.recorder import Change, Key, Object
from tests.integration.faults.story import MODEL
from tests.integration.faults.surroundings import is_ready, revision_of


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One change, with everything as it was right after it."""

    change: Change
    before: Object | None
    live: Mapping[Key, Object]

    @property
    def kind(self) -> str:
        """Kind of the object that changed."""
        return self.change.key[0]

    @property
    def name(self) -> str:
        """Its name."""
        return self.change.key[1]

    @property
    def body(self) -> Object | None:
        """The object after the change, None when it is gone."""
        return self.change.body

    @property
    def status(self) -> Object:
        """The resource's status right after the change."""
        return dict((self.live.get(("MLModelDeployment", MODEL)) or {}).get("status") or {})

    @property
    def stable(self) -> str:
        """The stable revision by status."""
        return str((self.status.get("stable") or {}).get("revision", ""))

    def weights(self) -> dict[str, int]:
        """Return the weight of each revision on the route."""
        route = self.live.get(("HTTPRoute", MODEL))
        return weights_of(route) if route else {}

    def ready(self, revision: str) -> int:
        """Return how many pods of a revision are ready."""
        pods = (body for key, body in self.live.items() if key[0] == "Pod")
        return sum(is_ready(pod) and revision_of(pod) == revision for pod in pods)

    def selected(self, service: str) -> str:
        """Return the revision that a Service selects, "" without one."""
        found = self.live.get(("Service", service)) or {}
        selector = (found.get("spec") or {}).get("selector") or {}
        return str(selector.get("serinus.dev/revision", ""))


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the API server told of a run, and what went through the proxy."""

    changes: tuple[Change, ...]
    writes: tuple[Write, ...] = ()
    asked: tuple[Object, ...] = ()
    """The specs that people wrote."""
    replicas: int = 2
    handovers: int = 0
    """How often the Lease went from one operator to another."""
    most_events: Mapping[str, int] = field(default_factory=dict)
    """How often an uninterrupted run announces each thing that happens once."""

    def moments(self) -> Iterator[Moment]:
        """Replay in the order of the store."""
        live: dict[Key, Object] = {}
        for change in sorted(self.changes, key=lambda each: each.version):
            before = live.get(change.key)
            if change.body is None:
                live.pop(change.key, None)
            else:
                live[change.key] = change.body
            yield Moment(change=change, before=before, live=live)


def weights_of(route: Object) -> dict[str, int]:
    """Return the weight of each revision that a route names."""
    (rule,) = route["spec"]["rules"]
    backends = rule.get("backendRefs") or ()
    return {each["name"].removeprefix(f"{MODEL}-"): each["weight"] for each in backends}


def announced(moments: Iterator[Moment]) -> dict[str, int]:
    """Return how often each reason was told as an event."""
    counts: dict[str, int] = {}
    for moment in moments:
        if moment.kind == "Event" and moment.body is not None and moment.before is None:
            reason = moment.body["reason"]
            counts[reason] = counts.get(reason, 0) + 1
    return counts


def ending(live: Mapping[Key, Object]) -> dict[str, Any]:
    """Return what a run ended with, named by versions so that two runs can be compared."""
    status = live["MLModelDeployment", MODEL]["status"]
    versions = {record["revision"]: record["version"] for record in status["history"]}

    def named(text: str) -> str:
        for revision, version in versions.items():
            text = text.replace(revision, f"v{version}")
        return text

    kinds = ("HTTPRoute", "Deployment", "Service", "ConfigMap", "ControllerRevision")
    return {
        "objects": sorted(f"{kind} {named(name)}" for kind, name in live if kind in kinds),
        "stable": status["stableVersion"],
        "phase": status["phase"],
        "fates": [f"{r['version']} {r['fate']} {r['reason']}" for r in status["history"]],
        "route": {named(k): v for k, v in weights_of(live["HTTPRoute", MODEL]).items()},
        "annotations": sorted(live["HTTPRoute", MODEL]["metadata"]["annotations"]),
        "sizes": {
            named(name): body["spec"]["replicas"]
            for (kind, name), body in sorted(live.items())
            if kind == "Deployment"
        },
        "selectors": {
            named(name): named(body["spec"]["selector"]["serinus.dev/revision"])
            for (kind, name), body in sorted(live.items())
            if kind == "Service"
        },
        "ready": sum(is_ready(body) for (kind, _), body in live.items() if kind == "Pod"),
    }
