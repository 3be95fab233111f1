"""The cluster as the operator knows it: watches that fill caches, reads from them, and writes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_children import ChildrenStore, OnChange
from serinus.adapters.kubernetes_config_maps import ConfigMaps
from serinus.adapters.kubernetes_event_queue import EventQueue
from serinus.adapters.kubernetes_kinds import (
    CLUSTER_OBJECTIVE_TEMPLATE,
    CONFIG_MAP,
    DEPLOYMENT,
    MODEL_DEPLOYMENT,
    OBJECTIVE_TEMPLATE,
    POD,
    WATCHED,
    Kind,
)
from serinus.adapters.kubernetes_projections import READING
from serinus.adapters.kubernetes_resources import Resources
from serinus.adapters.kubernetes_secrets import Secrets
from serinus.adapters.kubernetes_templates import ObjectiveTemplates, TemplatesOfKind
from serinus.adapters.kubernetes_watch import Collected, Listener, Watch
from serinus.adapters.kubernetes_writes import ClusterWriter
from serinus.decide.foresight import Foresights
from serinus.errors import OutsideUnavailable
from serinus.observe.ledgers import Ledgers
from serinus.resource.names import MODEL_LABEL, READS_LABEL
from serinus.resource.objective_template import TemplateKind

logger = logging.getLogger(__name__)

DEFINITION_PAUSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildrenOfKind:
    """Tells the store what a watch of one kind brings."""

    kind: str
    store: ChildrenStore

    def saw(self, raw: Mapping[str, Any]) -> None:
        """Take in an object."""
        self.store.saw(self.kind, raw)

    def gone(self, raw: Mapping[str, Any]) -> None:
        """Take in a deletion."""
        metadata = raw["metadata"]
        self.store.gone(self.kind, metadata["namespace"], metadata["name"], metadata["uid"])

    def listed(self, namespace: str, names: Collection[tuple[str, str]], version: int) -> None:
        """Take in a whole list."""
        self.store.listed(self.kind, namespace, names, version)


def ignore_change(_namespace: str, _model: str) -> None:
    """Wake nobody."""


class Cluster:
    """Everything of one cluster; as a context manager it keeps its watches going."""

    def __init__(
        self,
        api: ApiServer,
        *,
        namespaces: Collection[str] = (),
        own_namespace: str = "default",
        tracks_secrets: bool = True,
        instance: str = "serinus",
        silence_seconds: float = 70.0,
        count_bug: Callable[[], None] = lambda: None,
    ) -> None:
        self.on_change: OnChange = ignore_change
        """Told of every change that a decision could rest on; set by whoever looks."""
        self.api = api
        self.store = ChildrenStore(self._changed)
        self.config_maps = ConfigMaps(api, self._changed)
        self.secrets = Secrets(api, own_namespace, self._changed, is_granted=tracks_secrets)
        # Who may look into some namespaces only has no right to anything of the cluster's.
        self.templates = ObjectiveTemplates(self._changed, reads_cluster=not namespaces)
        self.resources = Resources()
        self.ledgers = Ledgers()
        self.foresights = Foresights()
        self.writer = ClusterWriter(api, self.store, instance)
        self.events = EventQueue(self.writer.post)
        self.watches = tuple(
            Watch(api, collected, listener, silence_seconds=silence_seconds, count_bug=count_bug)
            for namespace in namespaces or ("",)
            for collected, listener in self._plan_watches(namespace)
        )
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Start watching."""
        self._tasks = [
            asyncio.create_task(watch.run(), name=f"watch of {watch.collected}")
            for watch in self.watches
        ]
        posting = asyncio.create_task(self.events.keep_posting(), name="events")
        self._tasks.append(posting)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching and close the connections."""
        await self.secrets.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.api.close()

    @property
    def is_filled(self) -> bool:
        """Whether every cache holds what the cluster holds."""
        return all(watch.is_filled for watch in self.watches)

    async def filled(self) -> None:
        """Wait until every cache was filled once."""
        for watch in self.watches:
            await watch.filled()

    async def defined(self) -> None:
        """Wait until the API server knows the resource's kind, saying so if it does not."""
        ours = [watch for watch in self.watches if watch.collected.kind is MODEL_DEPLOYMENT]
        for watch in ours:
            await watch.filled()
            while watch.is_absent:
                logger.warning("No %s yet: waiting for its definition", watch.collected)
                await asyncio.sleep(DEFINITION_PAUSE_SECONDS)

    def watch_ages(self) -> dict[str, float]:
        """Return how long ago the API server was heard of, by resource, the longest each."""
        ages: dict[str, float] = {}
        for watch in self.watches:
            name = watch.collected.kind.resource
            ages[name] = max(ages.get(name, 0.0), watch.age_seconds())
        return ages

    def troubles(self) -> tuple[str, ...]:
        """Return what can't be watched at present, and why."""
        return tuple(
            f"{watch.collected}: {watch.trouble}" for watch in self.watches if watch.trouble
        )

    async def refresh(self, namespace: str, name: str) -> None:
        """Read a resource anew; for those who were told that they built on an old version.

        Raises:
            OutsideUnavailable: no answer, 429 or 5xx, or it may not be read.
        """
        found = await self._read(MODEL_DEPLOYMENT, namespace, name)
        if found is not None:  # its deletion is kopf's to tell
            self.resources.learn(found)

    async def pod_template(self, namespace: str, workload: str) -> Mapping[str, Any] | None:
        """Return the pod template of a Deployment as it runs, None if there is none.

        Raises:
            OutsideUnavailable: no answer, 429 or 5xx, or it may not be read.
        """
        found = await self._read(DEPLOYMENT, namespace, workload)
        return None if found is None else found["spec"]["template"]

    async def _read(self, kind: Kind, namespace: str, name: str) -> dict[str, Any] | None:
        """Return an object as it is now, None if there is none."""
        path = kind.path(namespace, name)
        call = Call(verb="get", resource=kind.resource, method="GET", path=path)
        try:
            found: dict[str, Any] = await self.api.call(call)
        except ApiRefusal as refusal:
            if refusal.status_code == 404:
                return None
            raise OutsideUnavailable(f"{name!r}: {refusal}") from refusal
        return found

    async def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""
        self.resources.forget(namespace, name)
        self.ledgers.forget(namespace, name)
        self.foresights.forget(namespace, name)
        self.config_maps.refer(namespace, name, ())
        self.templates.refer(namespace, name, ())
        await self.secrets.refer(namespace, name, ())

    def _changed(self, namespace: str, model: str) -> None:
        self.on_change(namespace, model)

    def _plan_watches(self, namespace: str) -> Iterator[tuple[Collected, Listener]]:
        of_models = {"labelSelector": MODEL_LABEL}
        for kind in WATCHED:
            collected = Collected(kind=kind, namespace=namespace, selector=of_models)
            yield collected, ChildrenOfKind(kind=kind.name, store=self.store)
        readers = Collected(kind=POD, namespace=namespace, selector={"labelSelector": READS_LABEL})
        yield readers, ChildrenOfKind(kind=READING, store=self.store)
        yield from self._plan_templates(namespace)
        yield _metadata(CONFIG_MAP, namespace), self.config_maps
        yield _metadata(MODEL_DEPLOYMENT, namespace), self.resources

    def _plan_templates(self, namespace: str) -> Iterator[tuple[Collected, Listener]]:
        kinds = [(OBJECTIVE_TEMPLATE, TemplateKind.NAMESPACED)]
        if not namespace:
            kinds.append((CLUSTER_OBJECTIVE_TEMPLATE, TemplateKind.CLUSTER))
        for kind, of in kinds:
            listener = TemplatesOfKind(kind=of, store=self.templates)
            yield Collected(kind=kind, namespace=namespace), listener


def _metadata(kind: Kind, namespace: str) -> Collected:
    return Collected(kind=kind, namespace=namespace, is_metadata_only=True)
