"""Play a past rollout again: the very same observing and deciding, look by look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from serinus.decide.decision import Decision
from serinus.decide.rules import decide
from serinus.evidence.ledger import Ledger
from serinus.observe.ask import MetricsReader
from serinus.observe.gather import observe
from serinus.replay.past import Past, PastWorld, world_of
from serinus.report.record import Record
from serinus.resource.body import NO_TEMPLATE, Resource
from serinus.resource.objectives import ObjectivesInForce, Templates, in_force, resolve
from serinus.resource.revision import Wanted
from serinus.resource.spec import Spec, parse_spec
from serinus.resource.status import Memory, Rollout
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels

SHORTEST_PAUSE_SECONDS = 1.0
"""Between looks: what is to be looked at again at once is, a second later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One look: what was decided, and the evidence it rests on."""

    at: datetime
    decision: Decision
    ledger: Ledger

    @property
    def weight_percent(self) -> int:
        """The canary's weight from then on."""
        rollout = self.decision.memory.rollout
        return rollout.weight if rollout else 0

    @property
    def is_terminal(self) -> bool:
        """Whether the rollout's end was decided."""
        return self.decision.memory.decision is not None


async def play(
    past: Past,
    metrics: MetricsReader,
    scrape_interval_seconds: float,
    instead: Mapping[str, Any] | None = None,
    labels: ScrapeLabels = KUBERNETES_LABELS,
) -> tuple[Moment, ...]:
    """Return every look from the canary's first traffic to the end of what was logged.

    Args:
        past: the rollout.
        metrics: what Prometheus knows, or knew.
        scrape_interval_seconds: how often it scraped.
        instead: fields of another spec, such as `objectives` and `rollout`, to decide by. The
            cluster then does what is decided, pods at once included; the counts are those of the
            weights there were.
        labels: what says whose a series is.
    """
    world = world_of(past, metrics, scrape_interval_seconds, labels)
    memory, to_come = past.records[0].memory, list(past.records[1:])
    moments, is_logged = list[Moment](), True
    while world.moment <= past.ends_at:
        moment = await _look(world, past.rollout, memory, instead)
        if instead is not None or is_logged or not _is_news(moment, moments):
            moments.append(moment)
            memory = moment.decision.memory
        if moments[-1].is_terminal:
            break
        world.last = None if instead is None else moments[-1].decision
        world.moment = _due(moment)
        is_logged = bool(to_come) and to_come[0].seen.now <= world.moment
        if is_logged:
            world.logged, *to_come = to_come
            world.moment = world.logged.seen.now
    return tuple(moments)


def _is_news(moment: Moment, before: Sequence[Moment]) -> bool:
    """What would have been news at a look is in the log, or nobody looked at that time."""
    return _told(moment.decision) != _told(before[-1].decision)


def _told(decision: Decision) -> tuple[object, ...]:
    rollout = decision.memory.rollout
    weight = rollout.weight if rollout else 0
    return decision.phase, decision.reason, weight, decision.memory.decision


async def _look(
    world: PastWorld, rollout: Rollout, memory: Memory, instead: Mapping[str, Any] | None
) -> Moment:
    logged = world.logged
    resource, asked = _resource(logged, instead or {}), _asked(logged, instead)
    seen = replace(
        await observe(resource, asked, memory, world),
        # The digest of what the template was is known, the template is not.
        wanted=Wanted(digest=rollout.revision, version=rollout.version, template={}),
        objectives=_objectives(logged, instead),
        commands=logged.seen.commands if instead is None else {},
    )
    decision = decide(decided_by(logged, instead), memory, seen)
    return Moment(at=world.moment, decision=decision, ledger=seen.ledger)


def decided_by(logged: Record, instead: Mapping[str, Any] | None) -> Spec:
    """Return the spec that a look decides by, with all objectives in force as its own."""
    return in_force(_asked(logged, instead), None)


def _asked(logged: Record, instead: Mapping[str, Any] | None) -> Spec:
    """Return the same with no objective told apart by segment yet, which observing does."""
    spec, found = (
        parse_spec(_resource(logged, instead or {}).raw_spec),
        _objectives(logged, instead),
    )
    objectives = spec.objectives if found is None else found.objectives
    return spec.model_copy(update={"objectives": objectives, "objective_templates": ()})


def _objectives(logged: Record, instead: Mapping[str, Any] | None) -> ObjectivesInForce | None:
    """Those that were logged have templates and defaults filled in already."""
    if instead is None or "objectives" not in instead:
        return logged.seen.objectives
    return resolve(parse_spec(_resource(logged, instead).raw_spec), Templates(), None)


def _resource(logged: Record, instead: Mapping[str, Any]) -> Resource:
    return Resource(
        namespace=logged.seen.namespace,
        name=logged.seen.name,
        uid=logged.seen.uid,
        generation=logged.seen.generation,
        resource_version="",
        raw_spec={**logged.raw_spec, **instead, "template": NO_TEMPLATE},
    )


def _due(moment: Moment) -> datetime:
    pause = max(SHORTEST_PAUSE_SECONDS, moment.decision.look_again_after_seconds)
    return moment.at + timedelta(seconds=pause)
