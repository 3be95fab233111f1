"""What was decided for good is carried out: its fate is remembered, and what follows is told."""

from __future__ import annotations

from dataclasses import replace

from serinus.decide.carry_out import AT_ONCE_SECONDS, CLEAN_ENDS
from serinus.decide.case import Case
from serinus.decide.decision import Decision, Happening
from serinus.decide.target import nothing_to_roll_out, revision_has_failed_before
from serinus.resource.status import Phase, TerminalKind


def rollback_is_complete(case: Case) -> Decision | None:
    """All traffic is on stable: let the canary drain and remember its fate."""
    terminal = case.memory.decision
    if terminal is None or terminal.kind is not TerminalKind.ROLLBACK:
        return None
    canary, version = terminal.revision, case.rollout.version
    memory = case.remembering(
        decision=None,
        rollout=None,
        draining=case.draining(canary),
        history=case.recorded(terminal.fate, terminal.reason, terminal.message),
    )
    happening = Happening(
        reason="RolledBack",
        message=f"version {version} ({canary}) is out, all traffic is on stable: "
        f"{terminal.message}",
        is_warning=terminal.fate not in CLEAN_ENDS,
    )
    after = replace(case, memory=memory, happenings=(*case.happenings, happening))
    return (
        revision_has_failed_before(after)
        or nothing_to_roll_out(after)
        or after.decided(
            Phase.ROLLING_BACK,
            terminal.reason,
            terminal.message,
            look_again_after_seconds=AT_ONCE_SECONDS,
        )
    )


def promotion_is_complete(case: Case) -> Decision | None:
    """Route and Services lead to the new revision alone: let the old one drain."""
    terminal = case.memory.decision
    if terminal is None or terminal.kind is not TerminalKind.PROMOTE:
        return None
    version = case.memory.stable.version if case.memory.stable else ""
    drained_from_now = tuple(
        gone.model_copy(update={"since": case.now}) for gone in case.memory.draining
    )
    happening = Happening(
        reason="Promoted", message=f"version {version} ({terminal.revision}) is stable"
    )
    after = replace(
        case,
        memory=case.remembering(decision=None, draining=drained_from_now),
        happenings=(*case.happenings, happening),
    )
    return nothing_to_roll_out(after) or after.decided(
        Phase.PROMOTING,
        terminal.reason,
        terminal.message,
        look_again_after_seconds=AT_ONCE_SECONDS,
    )
