"""Carrying out what was decided for good: a restart finishes it and does not decide anew.

A rule that has nothing left to wait for is silent; what is complete is for `complete.py` to tell.
"""

from __future__ import annotations

from serinus.decide.case import Case
from serinus.decide.decision import Decision, Happening
from serinus.resource.names import entry_service_name, stable_service_name
from serinus.resource.status import (
    Fate,
    Memory,
    Phase,
    ServingRevision,
    TerminalDecision,
    TerminalKind,
)
from serinus.traffic.split import ALL_STABLE, canary_at

AT_ONCE_SECONDS = 0.0
CLEAN_ENDS = (Fate.PROMOTED, Fate.REVERTED, Fate.SUPERSEDED)


def take_rollback(
    case: Case, fate: Fate, reason: str, message: str, memory: Memory | None = None
) -> Decision:
    """Decide to roll back; the route goes to stable in the same look, all else after."""
    terminal = case.terminal(TerminalKind.ROLLBACK, fate, reason, message)
    rollout = case.rollout.model_copy(update={"weight": 0})
    memory = (memory or case.memory).model_copy(update={"decision": terminal, "rollout": rollout})
    return case.decided(
        Phase.ROLLING_BACK,
        reason,
        message,
        memory=memory,
        split=ALL_STABLE,
        happenings=(Happening(reason=reason, message=message, is_warning=fate not in CLEAN_ENDS),),
        look_again_after_seconds=AT_ONCE_SECONDS,
    )


def take_promotion(case: Case, reason: str, message: str) -> Decision:
    """Decide to promote; nothing moves before the decision is stored."""
    terminal = case.terminal(TerminalKind.PROMOTE, Fate.PROMOTED, reason, message)
    # Whoever said so, by promote or by approve of the last step, has what they asked for.
    granted = case.handled(case.command("promote"), case.command("approve"))
    memory = case.remembering(decision=terminal, handled=granted)
    return case.decided(
        Phase.PROMOTING,
        reason,
        message,
        memory=memory,
        happenings=(Happening(reason="PromotionDecided", message=message),),
        look_again_after_seconds=AT_ONCE_SECONDS,
    )


def rollback_is_being_carried_out(case: Case) -> Decision | None:
    """All traffic back to stable, before anything else."""
    terminal = case.memory.decision
    if terminal is None or terminal.kind is not TerminalKind.ROLLBACK:
        return None
    if case.is_routed(terminal.revision, 0):
        return None  # it is complete
    return case.decided(
        Phase.ROLLING_BACK,
        terminal.reason,
        f"{terminal.message}; waiting for the router to send everything to stable"
        + _router_trouble(case),
        split=ALL_STABLE,
    )


def promotion_is_being_carried_out(case: Case) -> Decision | None:
    """The swap: route, then the stable selectors, then drain; no pod is loaded twice."""
    terminal = case.memory.decision
    if terminal is None or terminal.kind is not TerminalKind.PROMOTE:
        return None
    if case.stable == terminal.revision:
        return _wait_for_the_services(case, terminal)
    if case.seen.ready_count(terminal.revision) == 0:
        message = "the canary lost its last ready pod while it was being promoted"
        return take_rollback(case, Fate.ROLLED_BACK, "CanaryLost", message)
    if case.is_routed(terminal.revision, 100):
        return _swap(case, terminal)
    if unreachable := case.why_unreachable(terminal.revision):
        message = f"{terminal.message}; {unreachable}"
        return case.decided(Phase.PROMOTING, terminal.reason, message)
    return case.decided(
        Phase.PROMOTING,
        terminal.reason,
        f"{terminal.message}; moving all traffic to version {case.rollout.version}"
        + _router_trouble(case),
        memory=case.in_rollout(weight=100),
        split=canary_at(100),
    )


def _swap(case: Case, terminal: TerminalDecision) -> Decision:
    rollout = case.rollout
    serving = ServingRevision(revision=rollout.revision, version=rollout.version, since=case.now)
    memory = case.remembering(
        stable=serving,
        rollout=None,
        draining=case.draining(case.stable),
        history=case.recorded(Fate.PROMOTED, terminal.reason, terminal.message),
    )
    return case.decided(
        Phase.PROMOTING,
        terminal.reason,
        f"{terminal.message}; moving the stable Services to version {rollout.version}",
        memory=memory,
        look_again_after_seconds=AT_ONCE_SECONDS,
    )


def _wait_for_the_services(case: Case, terminal: TerminalDecision) -> Decision | None:
    """The old pods drain only once no Service leads to them any more."""
    new = {pod.name for pod in case.seen.pods_of(terminal.revision) if pod.is_ready}
    name = case.seen.name
    for service in (entry_service_name(name), stable_service_name(name)):
        behind = case.seen.children.endpoints.get(service, frozenset())
        if not behind <= new or (new and not behind):
            return case.decided(
                Phase.PROMOTING,
                terminal.reason,
                f"{terminal.message}; waiting until Service {service} holds only the new pods",
            )
    return None  # it is complete


def _router_trouble(case: Case) -> str:
    route = case.seen.children.route
    return f" ({route.trouble})" if route is not None and route.trouble else ""
