"""What people said: pause, abort, promote, approve; each word bound to its revision.

The rules see words for the revision at hand only: all others were refused before.
"""

from __future__ import annotations

from serinus.decide.carry_out import take_promotion, take_rollback
from serinus.decide.case import LONGEST_MESSAGE, STEADY_LOOK_SECONDS, Case
from serinus.decide.decision import Decision, Happening
from serinus.decide.target import failure_of
from serinus.resource.commands import Command
from serinus.resource.status import Fate, Memory, Phase, Rollout


def refuse_stale_commands(case: Case) -> tuple[Memory, tuple[Happening, ...]]:
    """Return the memory and the events after commands meant for another moment were refused."""
    handled, refusals = dict(case.memory.handled), []
    for name in case.seen.commands:
        command = case.command(name)
        refusal = command and _refusal(case, command)
        if command and refusal:
            handled[name] = command.text
            message = f"{name} {command.text} is not carried out: {refusal}"
            refusals.append(Happening(reason="CommandRefused", message=message, is_warning=True))
    return case.remembering(handled=handled), tuple(refusals)


def _refusal(case: Case, command: Command) -> str:
    """Return why a command is not for now, "" if it is (or may soon be)."""
    rollout = case.memory.rollout
    if command.name == "retry":
        if command.revision != case.wanted:
            return f"the spec asks for {case.wanted}"
        is_under_way = rollout is not None and rollout.revision == command.revision
        failure = None if is_under_way else failure_of(case.memory, command.revision)
        return "" if failure or case.memory.decision else "there is no failure to retry"
    if rollout is not None and command.revision == rollout.revision:
        is_late = command.name == "approve" and command.detail not in ("", str(rollout.step))
        return _told_where(rollout) if is_late else ""
    if rollout is None and command.revision == case.wanted != case.stable:
        failed = failure_of(case.memory, command.revision)
        return "" if failed is None else "that rollout has failed; retry it"
    return f"the rollout is {rollout.revision}" if rollout else "no rollout of it is under way"


def _told_where(rollout: Rollout) -> str:
    """Annotations count steps from 0, and people from 1."""
    at = f"the rollout is at step {rollout.step + 1} of {rollout.steps}"
    return f"{at}, which {rollout.revision}/{rollout.step} would approve"


def a_person_aborted(case: Case) -> Decision | None:
    """Back to stable, and not tried again before a retry or a new spec."""
    command = case.command("abort")
    if case.memory.rollout is None or command is None:
        return None
    message = f"version {case.rollout.version} was aborted by a person"
    memory = case.remembering(handled=case.handled(command))
    return take_rollback(case, Fate.ABORTED, "Aborted", message, memory)


def everything_is_suspended(case: Case) -> Decision | None:
    """spec.paused: nothing is decided, what runs goes on."""
    if not case.spec.paused:
        return None
    memory = case.memory
    if memory.rollout is not None and memory.rollout.waiting_since is None:
        memory = case.in_rollout(waiting_since=case.now)
    return case.decided(
        Phase.SUSPENDED,
        "Suspended",
        "spec.paused is set: nothing is decided until it is taken away",
        memory=memory,
        look_again_after_seconds=STEADY_LOOK_SECONDS,
    )


def promotion_was_asked_for(case: Case) -> Decision | None:
    """A person's promote, or skipAnalysis: no evidence is asked for, readiness still is."""
    command = case.command("promote")
    if command is None and not case.spec.skip_analysis:
        return None
    version = case.rollout.version
    who = "a person" if command else "skipAnalysis"
    needed, ready = case.capacity(100), case.seen.ready_count(case.rollout.revision)
    if ready >= needed:
        reason = "PromotedByPerson" if command else "AnalysisSkipped"
        message = f"version {version} is promoted without analysis, asked for by {who}"
        return take_promotion(case, reason, message)
    size = case.size_now(case.rollout.revision)
    return case.decided(
        Phase.PROGRESSING,
        "ScalingUp",
        f"{who} asked to promote version {version}: {ready} of {needed} pods are ready",
        memory=case.in_rollout(capacity_asked_at=case.now) if needed > size else None,
        canary_size=max(needed, size),
    )


def step_waits_for_a_person(case: Case) -> Decision | None:
    """A pause without a duration lasts until it is approved; the clock stands still."""
    pause, rollout = case.current_step.pause, case.rollout
    if pause is None or pause.duration is not None or rollout.approved_step >= rollout.step:
        return None
    waiting = rollout.waiting_since or case.now
    return _approved(case) or case.decided(
        Phase.PAUSED,
        "WaitingForApproval",
        f"step {rollout.step + 1} of {rollout.steps} at {rollout.weight} % waits for approval",
        memory=case.in_rollout(waiting_since=waiting),
    )


def inconclusive_evidence_waits_for_a_person(case: Case) -> Decision | None:
    """So many windows were neither good nor bad that more of them won't say (inconclusiveLimit).

    Whoever approved the step has said so already; the clock stands still until somebody does.
    """
    rollout = case.rollout
    unclear = [v for v in case.verdicts if v.is_inconclusive and not v.advisory]
    if not unclear or rollout.weight == 0 or rollout.approved_step >= rollout.step:
        return None
    told = "; ".join(f"{verdict.objective}: {verdict.message}" for verdict in unclear)
    message = f"holding at {rollout.weight} %: {told}: approve, promote or abort"
    return _approved(case) or case.decided(
        Phase.PAUSED,
        "InconclusiveAnalysis",
        message[:LONGEST_MESSAGE],
        memory=case.in_rollout(waiting_since=rollout.waiting_since or case.now),
        is_stalled=True,
    )


def _approved(case: Case) -> Decision | None:
    approval, rollout = case.command("approve"), case.rollout
    if approval is None:
        return None
    message = f"step {rollout.step + 1} of version {rollout.version} was approved"
    memory = case.in_rollout(approved_step=rollout.step).model_copy(
        update={"handled": case.handled(approval)}
    )
    return case.decided(
        Phase.PROGRESSING,
        "Approved",
        message,
        memory=memory,
        happenings=(Happening(reason="Approved", message=message),),
        look_again_after_seconds=0.0,
    )
