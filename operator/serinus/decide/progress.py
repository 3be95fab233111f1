"""The way up: capacity first, then weight, then evidence, step by step."""

from __future__ import annotations

from dataclasses import replace

from serinus.decide.carry_out import take_promotion, take_rollback
from serinus.decide.case import Case
from serinus.decide.decision import Decision, Happening
from serinus.decide.maturity import may_go_on
from serinus.decide.verdicts import judge_all
from serinus.resource.rollout import OnInconclusive
from serinus.resource.status import Fate, Phase, Verdict, VerdictValue
from serinus.traffic.split import canary_at


def an_objective_failed(case: Case) -> Decision | None:
    """The evidence says the canary is bad."""
    failed = [v for v in _binding(case) if v.verdict is VerdictValue.FAIL]
    if not failed or case.rollout.weight == 0:
        return None
    message = "; ".join(f"{verdict.objective}: {verdict.message}" for verdict in failed)
    return take_rollback(case, Fate.ROLLED_BACK, "ObjectiveFailed", message[:2000])


def not_all_objectives_are_known(case: Case) -> Decision | None:
    """A template is missing or makes no sense: the rest of the objectives must not pass alone.

    Somebody has to act, so the clock of maxDuration stands still.
    """
    trouble, rollout = case.seen.objectives_trouble, case.rollout
    if trouble is None:
        return None
    return case.decided(
        Phase.PAUSED,
        trouble.reason,
        f"holding at {rollout.weight} %: {trouble.message}",
        memory=case.in_rollout(waiting_since=rollout.waiting_since or case.now),
        is_stalled=True,
    )


def canary_lacks_capacity(case: Case) -> Decision | None:
    """A weight rises only once ready pods are there to carry it, and requests get to them."""
    rollout, weight = case.rollout, case.current_step.weight
    needed, ready = case.capacity(weight), case.seen.ready_count(case.rollout.revision)
    if rollout.weight >= weight and rollout.step_entered_at is not None:
        return None
    unreachable = case.why_unreachable(rollout.revision)
    if ready >= needed and not unreachable:
        return None
    trouble = case.trouble_of(rollout.revision) if ready < needed else unreachable
    return case.decided(
        Phase.PROGRESSING,
        "CanaryStarting",
        f"{ready} of {needed} pods of version {rollout.version} are ready for {weight} %"
        + (f": {trouble}" if trouble else ""),
        canary_size=max(needed, case.size_now(rollout.revision)),
    )


def step_is_due_to_be_entered(case: Case) -> Decision | None:
    """The pods are ready: give the canary the step's share of the traffic."""
    if case.rollout.step_entered_at is not None:
        return None
    return _enter(case)


def _enter(case: Case) -> Decision:
    rollout, weight = case.rollout, case.current_step.weight
    steps = len(case.spec.rollout.steps)
    message = f"version {rollout.version} gets {weight} % of the traffic, "
    message += f"step {rollout.step + 1} of {steps}"
    memory = case.in_rollout(
        weight=weight,
        steps=steps,
        step_entered_at=case.now,
        evidence_since=rollout.evidence_since or (case.now if weight else None),
    )
    # What passed the step before is judged as the next look will: to take it back is a write more.
    verdicts = judge_all(case.spec, memory, case.seen)
    return replace(case, verdicts=verdicts).decided(
        Phase.PROGRESSING,
        "StepEntered",
        message,
        memory=memory,
        split=canary_at(weight),
        happenings=(Happening(reason="StepEntered", message=message),),
    )


def step_pauses(case: Case) -> Decision | None:
    """A pause with a duration; an approval cuts it short."""
    pause, rollout = case.current_step.pause, case.rollout
    if pause is None or pause.duration is None or rollout.approved_step >= rollout.step:
        return None
    left = pause.duration - _seconds_on_step(case)
    if left <= 0 or case.command("approve"):
        return None
    return case.decided(
        Phase.PAUSED,
        "StepPaused",
        f"step {rollout.step + 1} at {rollout.weight} % pauses for {pause.duration:g} s",
        look_again_after_seconds=min(left, case.spec.rollout.interval_seconds),
    )


def step_is_too_young(case: Case) -> Decision | None:
    """Every step is stood on for its shortest time."""
    shortest = _shortest_seconds(case)
    left = shortest - _seconds_on_step(case)
    if left <= 0:
        return None
    return case.decided(
        Phase.PROGRESSING,
        "Analysing",
        f"step {case.rollout.step + 1} at {case.rollout.weight} % lasts at least {shortest:g} s",
        look_again_after_seconds=min(left, case.spec.rollout.interval_seconds),
    )


def evidence_stayed_thin_for_too_long(case: Case) -> Decision | None:
    """Time is over (maxDuration) and nothing is proven: do what onInconclusive says."""
    policy, rollout = case.spec.rollout, case.rollout
    spent = case.seconds_since(rollout.started_at) - rollout.waited_seconds
    open_ones = _undecided(case)
    if not open_ones or spent <= policy.max_duration:
        return None
    message = f"no verdict within {policy.max_duration:g} s: {_told(open_ones)}"
    if policy.on_inconclusive is OnInconclusive.ROLLBACK:
        return take_rollback(case, Fate.ROLLED_BACK, "Inconclusive", message)
    if policy.on_inconclusive is OnInconclusive.PROMOTE:
        return _promote_at_full_size(case, "Inconclusive", f"{message}; promoted all the same")
    return case.decided(
        Phase.PROGRESSING,
        "Inconclusive",
        f"{message}; holding at {rollout.weight} %: promote or abort",
        is_stalled=True,
    )


def evidence_is_missing(case: Case) -> Decision | None:
    """No data is not bad data and not good data: the weight holds."""
    open_ones = _undecided(case)
    if not open_ones:
        return None
    reason = "MetricsUnavailable" if case.seen.metrics_trouble else "Analysing"
    message = f"holding at {case.rollout.weight} %: {_told(open_ones)}"
    return case.decided(
        Phase.PROGRESSING,
        reason,
        message[:2000],
        look_again_after_seconds=_until_the_step_shows_something(case),
    )


def _until_the_step_shows_something(case: Case) -> float | None:
    """Who waits for nothing but a step's first scrape need not wait a whole interval for it.

    Who has waited an interval for it already does: it may never come.
    """
    entered, next_at = case.rollout.step_entered_at, case.seen.next_block_at
    if entered is None or next_at is None:
        return None
    interval = case.spec.rollout.interval_seconds
    begun = [blocks[-1].since for blocks in case.seen.ledger.blocks.values() if blocks]
    is_shown = len(begun) == len(case.seen.ledger.begun) and min(begun, default=entered) >= entered
    if is_shown or _seconds_on_step(case) >= interval + _shortest_seconds(case):
        return None
    return min(interval, (next_at - case.now).total_seconds())


def next_step_is_due(case: Case) -> Decision | None:
    """Everything passed on this step: enter the next, once its pods are ready."""
    rollout, steps = case.rollout, case.spec.rollout.steps
    if rollout.step + 1 >= len(steps):
        return None
    needed = case.capacity(steps[rollout.step + 1].weight)
    memory = case.in_rollout(
        step=rollout.step + 1, step_entered_at=None, capacity_asked_at=case.now
    ).model_copy(update={"handled": case.handled(case.command("approve"))})
    is_ready = case.seen.ready_count(rollout.revision) >= needed
    if is_ready and not case.why_unreachable(rollout.revision):
        return _enter(replace(case, memory=memory))
    return case.decided(
        Phase.PROGRESSING,
        "StepPassed",
        f"step {rollout.step + 1} at {rollout.weight} % passed",
        memory=memory,
        canary_size=max(needed, case.size_now(rollout.revision)),
        look_again_after_seconds=0.0,
    )


def every_step_passed(case: Case) -> Decision | None:
    """Promote, once the canary is large enough to carry everything."""
    message = f"version {case.rollout.version} passed every step"
    return _promote_at_full_size(case, "EveryStepPassed", message)


def _promote_at_full_size(case: Case, reason: str, message: str) -> Decision:
    needed, ready = case.capacity(100), case.seen.ready_count(case.rollout.revision)
    if ready >= needed:
        return take_promotion(case, reason, message)
    size = max(needed, case.size_now(case.rollout.revision))
    is_new = size > case.size_now(case.rollout.revision)
    return case.decided(
        Phase.PROGRESSING,
        "ScalingUp",
        f"{message}; {ready} of {needed} pods are ready to carry all traffic",
        memory=case.in_rollout(capacity_asked_at=case.now) if is_new else None,
        canary_size=size,
    )


def _binding(case: Case) -> list[Verdict]:
    return [verdict for verdict in case.verdicts if not verdict.advisory]


def _undecided(case: Case) -> list[Verdict]:
    """Objectives not passed, nor left to a person who has approved the step.

    A step without traffic has no evidence to wait for.
    """
    rollout = case.rollout
    if rollout.weight == 0:
        return []
    is_approved = rollout.approved_step >= rollout.step
    return [
        verdict
        for verdict in _binding(case)
        if verdict.verdict is not VerdictValue.PASS
        and not (verdict.is_inconclusive and is_approved)
        and not (verdict.is_immature and may_go_on(case, verdict))
    ]


def _told(verdicts: list[Verdict]) -> str:
    return "; ".join(f"{verdict.objective}: {verdict.message}" for verdict in verdicts)


def _shortest_seconds(case: Case) -> float:
    own = case.current_step.min_time
    return case.spec.rollout.min_time if own is None else own


def _seconds_on_step(case: Case) -> float:
    entered = case.rollout.step_entered_at
    return case.seconds_since(entered) if entered is not None else 0.0
