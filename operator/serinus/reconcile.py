"""The loop: look once, decide once, act once, tell once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from serinus.act.perform import Outcome, Writer, perform, perform_last
from serinus.act.plan import plan
from serinus.decide.decision import Decision, Happening
from serinus.decide.farewell import leave_stable_serving
from serinus.decide.foresight import Foresights
from serinus.decide.rules import decide
from serinus.errors import NamespaceGoes, OutsideUnavailable, SpecInvalid, StatusUnreadable
from serinus.observe.gather import Reader, observe
from serinus.observe.last_asked import read_asked
from serinus.observe.snapshot import Snapshot
from serinus.render.desired import render
from serinus.report.publish import Report, Teller, publish
from serinus.report.summary import refuse, rehearse, summarise
from serinus.resource.body import Resource
from serinus.resource.objectives import in_force
from serinus.resource.spec import DeletionPolicy, Spec, parse_spec
from serinus.resource.status import Status, parse_status

RETRY_SECONDS = 2.0
"""After a write that failed: soon, and longer only if the server asks for it."""
REFUSED_SECONDS = 60.0
"""After a refusal, at the latest: nobody tells that a name is free again, or a right granted."""
UNTIL_EDITED_SECONDS = 300.0


class World(Reader, Writer, Teller, Protocol):
    """The outside, as the loop sees it."""

    @property
    def foresights(self) -> Foresights:
        """What the alarm saw and decided a moment ago."""


async def reconcile(resource: Resource, world: World) -> float:
    """Bring one resource a look further and return the seconds until the next is due."""
    status = await _remembered(resource, world)
    try:
        asked = parse_spec(resource.raw_spec, world.defaults.policy)
    except SpecInvalid as invalid:
        return await _unfollowed(resource, status, invalid, world)
    children = world.children(resource.namespace, resource.name)
    if foreseen := world.foresights.take(resource, children, world.now()):
        spec = in_force(asked, foreseen.seen.objectives)
        return await _done(resource, status, spec, foreseen.seen, foreseen.decision, world)
    return await _followed(resource, status, asked, world)


async def _unfollowed(
    resource: Resource, status: Status, invalid: SpecInvalid, world: World
) -> float:
    """What is on its way is judged by what was asked last: a bad canary waits for no edit."""
    stored = world.children(resource.namespace, resource.name).last_asked
    last = read_asked(stored, status.memory())
    asked = _parsed(last or {}, world)
    if last is None or asked is None:
        await _publish(refuse(resource, status, invalid, world.now()), resource, world)
        return UNTIL_EDITED_SECONDS
    return await _followed(replace(resource, raw_spec=last), status, asked, world, invalid)


async def _followed(
    resource: Resource,
    status: Status,
    asked: Spec,
    world: World,
    invalid: SpecInvalid | None = None,
) -> float:
    seen = await observe(resource, asked, status.memory(), world)
    if invalid is not None:
        seen = replace(seen, wanted=None, wanted_trouble=str(invalid), is_invalid=True)
    spec = in_force(asked, seen.objectives)
    return await _done(resource, status, spec, seen, decide(spec, status.memory(), seen), world)


async def _done(
    resource: Resource,
    status: Status,
    spec: Spec,
    seen: Snapshot,
    decision: Decision,
    world: World,
) -> float:
    """Act on a decision and tell of it, or only tell, where that is asked for."""
    if spec.dry_run:
        await _publish(rehearse(resource, status, seen, decision), resource, world)
        return spec.rollout.interval_seconds
    # What is as it should be is let go here, not kept for as long as the writes take.
    actions = plan(render(spec, seen, decision), seen.children)
    outcome = await perform(actions, resource.namespace, world)
    report = summarise(resource, spec, status, seen, decision, outcome)
    await _publish(report, resource, world)
    due_in = _next_look(decision, outcome, (world.now() - seen.now).total_seconds())
    return min(due_in, report.untold_seconds or due_in)


async def _remembered(resource: Resource, world: World) -> Status:
    """Read what is stored; a status that can't be read can't be told in a status."""
    try:
        return parse_status(resource.raw_status)
    except StatusUnreadable as unreadable:
        happening = Happening(reason="StatusUnreadable", message=str(unreadable), is_warning=True)
        await world.tell(resource.namespace, resource.name, resource.uid, happening)
        raise


async def let_go(resource: Resource, world: World) -> None:
    """Before the resource is gone: with Orphan, stable keeps serving and the canary goes."""
    spec = _parsed(resource.raw_spec, world)
    if spec is None or spec.deletion_policy is DeletionPolicy.DELETE or spec.dry_run:
        return
    status = parse_status(resource.raw_status)
    seen = await observe(resource, spec, status.memory(), world)
    decision = leave_stable_serving(spec, status.memory(), seen)
    actions = plan(render(spec, seen, decision), seen.children)
    outcome = await perform_last(actions, resource.namespace, world)
    # What is in a namespace that goes can't be left serving, and its end need not wait for us.
    is_going = any(isinstance(failure, NamespaceGoes) for failure in outcome.failures)
    if outcome.failures and not is_going:
        raise outcome.failures[0]


def _parsed(raw_spec: Mapping[str, Any], world: World) -> Spec | None:
    """Return a spec, None for one that can't be followed."""
    try:
        return parse_spec(raw_spec, world.defaults.policy)
    except SpecInvalid:
        return None


async def _publish(report: Report, resource: Resource, world: World) -> None:
    await publish(report, resource.namespace, resource.name, resource.uid, world)


def _next_look(decision: Decision, outcome: Outcome, took_seconds: float) -> float:
    """Seconds from when this look began; what failed is given its time from now on."""
    if not outcome.failures:
        return decision.look_again_after_seconds
    last = outcome.failures[-1]
    if isinstance(last, OutsideUnavailable):
        return took_seconds + max(RETRY_SECONDS, last.retry_after_seconds or 0.0)
    due_in = min(REFUSED_SECONDS, decision.look_again_after_seconds)
    return took_seconds + max(RETRY_SECONDS, due_in)
