"""Sum one look up: the status people read, and the events they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from serinus.act.perform import Outcome
from serinus.decide.content import mixed_revisions
from serinus.decide.decision import Decision, Happening
from serinus.errors import (
    UNRESOLVED,
    NameTaken,
    SpecInvalid,
    WriteRefused,
)
from serinus.evidence.wording import limit_text
from serinus.observe.snapshot import Snapshot
from serinus.report.conditions import LONGEST_MESSAGE, Claim, conditions
from serinus.report.freshness import only_numbers_changed, untold_seconds
from serinus.report.performed import told_of_the_writes
from serinus.report.publish import Report
from serinus.report.record import is_transition, write_record
from serinus.report.unjudged import claims_of_judging, told_of_judging
from serinus.resource.body import Resource
from serinus.resource.defaults import policy_in_force
from serinus.resource.names import pod_labels
from serinus.resource.objectives import OWN
from serinus.resource.segments import whole_of
from serinus.resource.spec import Spec
from serinus.resource.status import ObjectiveInForce, Phase, Status, Verdict, VerdictValue

UNCLEAR_REASONS = ("MetricsUnavailable", "Inconclusive", "InconclusiveAnalysis")
WORRYING_REASONS = (*UNCLEAR_REASONS, "InvalidSpec", "ReferenceMissing", *UNRESOLVED)
HOLDING_REASONS = (*WORRYING_REASONS, "WaitingForApproval", "StepPaused")
"""Told once when they begin: somebody may have to do something."""
FAILURES_FOR_PEOPLE = (NameTaken, WriteRefused)


def summarise(
    resource: Resource,
    spec: Spec,
    status: Status,
    seen: Snapshot,
    decision: Decision,
    outcome: Outcome,
) -> Report:
    """Return what is to be told after a look."""
    claims, rollout = _claims(spec, seen, decision, outcome), decision.memory.rollout
    told = Status(
        **dict(decision.memory),
        observed_generation=seen.generation,
        phase=decision.phase,
        message=_message(decision, outcome)[:LONGEST_MESSAGE],
        conditions=conditions(claims, status.conditions, seen.generation, seen.now),
        stable_version=decision.memory.stable.version if decision.memory.stable else None,
        canary_version=rollout.version if rollout else None,
        weight=rollout.weight if rollout else 0,
        step=_step(decision),
        objectives=_objectives(spec, seen),
        policy=policy_in_force(spec.rollout, resource.raw_spec),
        **_judged(status, seen, decision),
        replicas=sum(not pod.is_going for pod in seen.pods_of(decision.stable)),
        ready_replicas=seen.ready_count(decision.stable),
        selector=_selector(seen, decision),
    )
    unjudged = told_of_judging(claims, spec, status, decision)
    told_now = (*_of_the_hold(status, decision), *told_of_the_writes(outcome, status, seen))
    happenings = (*decision.happenings, *unjudged, *told_now)
    report = _unless_fresh(_report(resource, told, happenings), status, told, seen.now)
    if not report.is_changed or not is_transition(status, decision):
        return report
    record = write_record(resource, spec, status.memory(), seen, decision)
    return replace(report, record=record)


def rehearse(resource: Resource, status: Status, seen: Snapshot, decision: Decision) -> Report:
    """Return what is told in a dry run: the decision, with nothing of it remembered."""
    message = f"dry run: would be {decision.phase} ({decision.reason}): {decision.message}"
    changes: dict[str, Any] = {
        "observed_generation": seen.generation,
        "message": message[:LONGEST_MESSAGE],
        "verdicts": decision.verdicts,
        "verdict": _worst(decision.verdicts),
    }
    told = status.model_copy(update=changes)
    is_new = status.message.partition(":")[0] != "dry run" or decision.reason not in status.message
    happening = Happening(reason="DryRun", message=message)
    return _report(resource, told, (happening,) if is_new else ())


def refuse(resource: Resource, status: Status, invalid: SpecInvalid, now: datetime) -> Report:
    """Return what is told about a spec that can't be followed; what serves goes on serving."""
    message = str(invalid)[:LONGEST_MESSAGE]
    claims = (
        Claim(type="Ready", is_true=False, reason="InvalidSpec", message=message),
        Claim(type="Reconciling", is_true=False, reason="InvalidSpec", message=message),
        Claim(type="Stalled", is_true=True, reason="InvalidSpec", message=message),
    )
    claimed = {claim.type for claim in claims}
    kept = tuple(old for old in status.conditions if old.type not in claimed)
    changes: dict[str, Any] = {
        "observed_generation": resource.generation,
        "phase": Phase.INVALID,
        "message": message,
        "conditions": (*conditions(claims, status.conditions, resource.generation, now), *kept),
    }
    is_new = status.message != message
    happening = Happening(reason="InvalidSpec", message=message, is_warning=True)
    told = status.model_copy(update=changes)
    return _report(resource, told, (happening,) if is_new else ())


def _report(resource: Resource, told: Status, happenings: tuple[Happening, ...]) -> Report:
    dumped = told.model_dump(mode="json", by_alias=True, exclude_none=True)
    content = {name: value for name, value in dumped.items() if value not in ([], {})}
    return Report(
        status=content, is_changed=content != dict(resource.raw_status), happenings=happenings
    )


def _unless_fresh(report: Report, before: Status, told: Status, now: datetime) -> Report:
    """Have nothing written where what was told before is fresh enough."""
    if report.happenings or not report.is_changed:
        return report
    left = untold_seconds(before, told, now)
    is_fresh = left > 0 or only_numbers_changed(before, told)
    return replace(report, is_changed=not is_fresh, untold_seconds=left)


def _claims(spec: Spec, seen: Snapshot, decision: Decision, outcome: Outcome) -> tuple[Claim, ...]:
    reason, message = decision.reason, decision.message
    failures = outcome.failures
    if failures:
        reason, message = type(failures[0]).__name__, outcome.words
    is_refused = any(isinstance(failure, FAILURES_FOR_PEOPLE) for failure in failures)
    needs_a_person = decision.is_stalled or is_refused
    is_ready = decision.is_settled and not failures and not spec.paused
    is_serving = seen.ready_count(decision.stable) > 0
    serving = f"{seen.ready_count(decision.stable)} stable pods are ready"
    return (
        Claim(type="Ready", is_true=is_ready, reason=reason, message=message),
        Claim(
            type="Reconciling",
            is_true=not is_ready and not needs_a_person,
            reason=reason,
            message="nothing is under way" if is_ready or needs_a_person else message,
        ),
        Claim(
            type="Stalled",
            is_true=needs_a_person,
            reason=reason,
            message=message if needs_a_person else "nobody has to act",
        ),
        Claim(
            type="Available",
            is_true=is_serving,
            reason="StableServes" if is_serving else "NoStablePodReady",
            message=serving,
        ),
        *_of_the_content(decision),
        *claims_of_judging(spec, seen),
    )


def _of_the_content(decision: Decision) -> tuple[Claim, ...]:
    """Only where pods tell what they hold."""
    if not decision.memory.contents:
        return ()
    mixed = mixed_revisions(decision.memory)
    return (
        Claim(
            type="ContentUnchanged",
            is_true=not mixed,
            reason="ModelContentChanged" if mixed else "OneContent",
            message=f"version {', '.join(mixed)} has had different content under one name"
            if mixed
            else "each version's pods hold the same, and so does its claim where it has one",
        ),
    )


def _message(decision: Decision, outcome: Outcome) -> str:
    if not outcome.failures:
        return decision.message
    return f"{outcome.words} (while: {decision.message})"


def _step(decision: Decision) -> str | None:
    rollout = decision.memory.rollout
    return f"{rollout.step + 1}/{rollout.steps}" if rollout and decision.stable else None


def _judged(status: Status, seen: Snapshot, decision: Decision) -> dict[str, Any]:
    """After a decision its last verdicts stay, so that "why?" has an answer with numbers."""
    is_judged = decision.memory.rollout is not None and status.decision is None
    verdicts = decision.verdicts if is_judged else status.verdicts
    as_of = seen.now if is_judged and verdicts else status.as_of
    return {"verdict": _worst(verdicts), "verdicts": verdicts, "as_of": as_of}


def _objectives(spec: Spec, seen: Snapshot) -> tuple[ObjectiveInForce, ...]:
    sources = seen.objectives.sources if seen.objectives else {}
    return tuple(
        ObjectiveInForce(
            name=each.title,
            source=sources.get(whole_of(each.title), OWN),
            limit=f"{limit_text(each)} (built in)" if each.has_usual_limit else limit_text(each),
            advisory=each.advisory,
        )
        for each in spec.objectives
    )


def _worst(verdicts: tuple[Verdict, ...]) -> str | None:
    binding = [verdict for verdict in verdicts if not verdict.advisory]
    for value in (VerdictValue.FAIL, VerdictValue.UNDECIDED):
        found = [verdict.objective for verdict in binding if verdict.verdict is value]
        if found:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            return f"{value}: {found[0]}{more}"
    return str(VerdictValue.PASS) if binding else None


def _selector(seen: Snapshot, decision: Decision) -> str | None:
    if not decision.stable:
        return None
    labels = pod_labels(seen.name, decision.stable)
    return ",".join(f"{key}={value}" for key, value in labels.items())


def _of_the_hold(status: Status, decision: Decision) -> tuple[Happening, ...]:
    before = {condition.type: condition.reason for condition in status.conditions}
    is_new = before.get("Ready") != decision.reason
    if decision.reason not in HOLDING_REASONS or not is_new:
        return ()
    is_warning = decision.reason in WORRYING_REASONS
    return (Happening(reason=decision.reason, message=decision.message, is_warning=is_warning),)
