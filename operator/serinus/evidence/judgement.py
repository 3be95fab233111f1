"""The verdict on an objective: pass, fail or undecided, with its numbers and a sentence.

Plain and honest: a number of samples at least, a limit or a margin, and so many bad windows of
the last ones. It says nothing of chance; sequential statistics belong behind the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isfinite

from serinus.evidence.assessment import assess, has_enough
from serinus.evidence.classic import Windows
from serinus.evidence.ledger import Block
from serinus.evidence.pooling import pooled
from serinus.evidence.wording import (
    allowed,
    count,
    duration,
    facts,
    limit_text,
    samples_noun,
    values_of,
)
from serinus.resource.objective import Objective
from serinus.resource.status import Verdict, VerdictValue

LONGEST_MESSAGE = 1024


def judge(
    objective: Objective,
    blocks: Sequence[Block],
    step_entered_at: datetime | None,
    trouble: str = "",
    window_seconds: float = 0.0,
) -> Verdict:
    """Return the verdict on an objective.

    Args:
        objective: what must hold.
        blocks: the objective's blocks of the whole rollout, oldest first.
        step_entered_at: since when evidence counts for going on; all of it without a time.
        trouble: why there is no fresh evidence, "" where there is; then nothing passes.
        window_seconds: the least that a window of the failure limit lasts.
    """
    case = Windows.of(objective, blocks, step_entered_at, window_seconds)
    if case.failing:
        evidence = pooled(case.failing)
        return verdict_of(objective, VerdictValue.FAIL, evidence, _failing(case, evidence))
    is_unclear = case.is_inconclusive
    if trouble:
        message = f"{trouble}; before: {_pending(case)}" if case.step else trouble
        return verdict_of(
            objective, VerdictValue.UNDECIDED, case.step, message, is_inconclusive=is_unclear
        )
    if case.holds and case.are_enough_good and not case.is_last_bad and not is_unclear:
        return verdict_of(objective, VerdictValue.PASS, case.step, _shown(case))
    return verdict_of(
        objective, VerdictValue.UNDECIDED, case.step, _pending(case), is_inconclusive=is_unclear
    )


def _shown(case: Windows) -> str:
    objective, step = case.objective, case.step
    return f"{facts(objective, step)}; {allowed(objective, step)}" if step else ""


def _bad_windows(case: Windows) -> str:
    """How many are bad, of those that the failure limit looks at or in a row."""
    row, counted = len(case.bad_in_a_row), len(case.last)
    if case.failing and len(case.bad) < case.objective.failure_limit.failed:
        return f"bad in the last {row} windows, one after the other"
    if counted == 1:
        return f"bad in {len(case.bad)} of 1 window"
    return f"bad in {len(case.bad)} of the last {counted} windows"


def _failing(case: Windows, evidence: Block | None) -> str:
    objective = case.objective
    if evidence is None:
        return _bad_windows(case)
    return f"{facts(objective, evidence)}; {allowed(objective, evidence)}; {_bad_windows(case)}"


def _pending(case: Windows) -> str:
    """What is missing, or what speaks against going on."""
    objective, step = case.objective, case.step
    if step is None:
        return "no data from the canary on this step yet" + _delayed(objective)
    needed = f"{count(objective.min_samples)} {samples_noun(objective)} needed"
    if not has_enough(objective, step.canary):
        return f"{count(max(0.0, step.canary.total))} of {needed} so far"
    text = _shown(case)
    assessment = assess(objective, step)
    if assessment.is_worse is None and not has_enough(objective, step.stable):
        text += f"; stable has shown {count(max(0.0, step.stable.total))} of {needed} to compare"
    elif assessment.breaks_limit is None or assessment.is_worse is None:
        text += "; the histogram's largest edge is too low to say"
    if case.bad:
        limit = objective.failure_limit
        text += f"; {_bad_windows(case)}, {limit.failed} of {limit.of} fail"
    return text + _not_good_enough(case)


def _not_good_enough(case: Windows) -> str:
    """What a step lacks that is not bad."""
    objective, text = case.objective, ""
    if case.too_weak and objective.to_pass is not objective:
        text += f"; to pass it takes {limit_text(objective.to_pass)}"
    if case.is_inconclusive:
        text += f"; not good enough in {case.too_weak} windows of this step: a person has to say"
    needed = objective.consecutive_success_limit
    if needed and not case.are_enough_good:
        text += f"; good in {case.good_in_a_row} of {needed} windows in a row"
    return text


def _delayed(objective: Objective) -> str:
    delay = objective.initial_delay
    return f" (its first {duration(delay)} are not judged)" if delay else ""


def verdict_of(
    objective: Objective,
    value: VerdictValue,
    evidence: Block | None,
    message: str,
    *,
    is_inconclusive: bool = False,
    calibration: str | None = None,
    values: tuple[str | None, str | None] | None = None,
) -> Verdict:
    """Return a verdict with the numbers of the evidence it rests on, as `values` where known."""
    canary, stable = values or values_of(objective, evidence)
    return Verdict(
        objective=objective.title,
        verdict=value,
        advisory=objective.advisory,
        canary=canary,
        stable=stable,
        limit=limit_text(objective),
        canary_samples=_whole(evidence.canary.total) if evidence else 0,
        stable_samples=_whole(evidence.stable.total) if evidence else 0,
        message=message[:LONGEST_MESSAGE],
        is_inconclusive=is_inconclusive,
        calibration=calibration,
    )


def _whole(number: float) -> int:
    return int(number) if isfinite(number) else 0
