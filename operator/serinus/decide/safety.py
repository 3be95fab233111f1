"""What can't wait for evidence: canaries that crash, die or never start."""

from __future__ import annotations

import re

from serinus.decide.carry_out import take_rollback
from serinus.decide.case import Case
from serinus.decide.decision import Decision, Happening
from serinus.resource.status import Fate, Phase, TerminalKind
from serinus.traffic.split import ALL_STABLE

REVIVALS_ALLOWED = 2
NO_NODE = "Unschedulable"
"""How the scheduler's own words about a pod without a node begin."""
NO_QUOTA = re.compile(r"(FailedCreate|(.*; )?\w+ '[^']+'): .*exceeded quota")
"""What a Deployment is told whose pods a quota has no room for, or who would write one."""


def canary_is_crash_looping(case: Case) -> Decision | None:
    """A canary that keeps crashing is rolled back at once, not after a deadline.

    The first revision is no canary: there is nothing to roll back to.
    """
    if case.memory.rollout is None or not case.stable or case.spec.paused:
        return None
    crashing = [p for p in case.seen.pods_of(case.rollout.revision) if p.is_crash_looping]
    if not crashing:
        return None
    pod = crashing[0]
    message = f"version {case.rollout.version} keeps crashing: pod {pod.name}: {pod.trouble}"
    return take_rollback(case, Fate.ROLLED_BACK, "CanaryCrashLooping", message)


def canary_lost_its_last_ready_pod(case: Case) -> Decision | None:
    """Nothing unready gets traffic; it may come back at the lowest step, twice."""
    if case.memory.rollout is None or case.rollout.weight == 0:
        return None
    if case.seen.ready_count(case.rollout.revision) > 0:
        return None
    revivals = case.rollout.revivals + 1
    trouble = case.trouble_of(case.rollout.revision)
    message = f"version {case.rollout.version} lost its last ready pod at "
    message += f"{case.rollout.weight} % of the traffic" + (f": {trouble}" if trouble else "")
    if revivals > REVIVALS_ALLOWED and not case.spec.paused:
        return take_rollback(case, Fate.ROLLED_BACK, "CanaryLost", f"{message}, once too often")
    memory = case.in_rollout(
        weight=0,
        step=0,
        step_entered_at=None,
        capacity_asked_at=case.now,
        revivals=revivals,
        approved_step=-1,
    )
    return case.decided(
        Phase.PROGRESSING,
        "CanaryLost",
        f"{message}; stable has all traffic until it is ready again",
        memory=memory,
        split=ALL_STABLE,
        happenings=(Happening(reason="CanaryLost", message=message, is_warning=True),),
    )


def canary_cannot_start(case: Case) -> Decision | None:
    """Pods that are not ready within the progress deadline won't be waited for."""
    rollout = case.rollout
    ready, size = case.seen.ready_count(rollout.revision), case.size_now(rollout.revision)
    if ready >= max(size, 1):
        return None
    deadline = case.spec.rollout.progress_deadline
    if case.seconds_since(rollout.capacity_asked_at) <= deadline:
        return None
    trouble = case.trouble_of(rollout.revision) or case.why_not_made(rollout.revision)
    message = f"{ready} of {max(size, 1)} pods of version {rollout.version} became ready within "
    message += f"{deadline:g} s" + (f": {trouble}" if trouble else "")
    if trouble.startswith(NO_NODE) or NO_QUOTA.match(trouble):
        message += "; that says nothing of the model: retry once the cluster has room"
        return take_rollback(case, Fate.ROLLED_BACK, "CanaryUnschedulable", message)
    return take_rollback(case, Fate.ROLLED_BACK, "CanaryCannotStart", message)


def promotion_lacks_capacity(case: Case) -> Decision | None:
    """Pods went missing after the decision: what is left of the canary can't carry everything."""
    terminal = case.memory.decision
    if terminal is None or terminal.kind is not TerminalKind.PROMOTE:
        return None
    if case.memory.rollout is None:
        return None  # it is stable already
    ready, needed = case.seen.ready_count(terminal.revision), case.capacity(100)
    if ready == 0 or ready >= needed:
        return None
    held = case.decided(
        Phase.PROMOTING,
        terminal.reason,
        f"{terminal.message}; {ready} of {needed} pods are ready to carry all traffic",
        canary_size=max(needed, case.size_now(terminal.revision)),
    )
    return canary_is_crash_looping(case) or canary_cannot_start(case) or held
