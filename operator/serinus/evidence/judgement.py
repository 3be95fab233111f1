"""The verdict on an objective: pass, fail or undecided, with its numbers and a sentence.

Plain and honest: a number of samples at least, a limit or a margin, and so many bad windows of
the last ones. It says nothing of chance; sequential statistics belong behind the same function.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from serinus.evidence.assessment import assess, has_enough, value_of
from serinus.evidence.ledger import Block
from serinus.evidence.windows import pooled, windows
from serinus.evidence.wording import (
    allowed,
    count,
    facts,
    limit_text,
    samples_noun,
    value_text,
)
from serinus.resource.objective import Objective
from serinus.resource.status import Verdict, VerdictValue

LONGEST_MESSAGE = 1024


def judge(
    objective: Objective,
    blocks: Sequence[Block],
    step_entered_at: datetime | None,
    trouble: str = "",
) -> Verdict:
    """Return the verdict on an objective.

    Args:
        objective: what must hold.
        blocks: the objective's blocks of the whole rollout, oldest first.
        step_entered_at: since when evidence counts for going on; all of it without a time.
        trouble: why there is no fresh evidence, "" where there is; then nothing passes.
    """
    case = _Case.of(objective, blocks, step_entered_at)
    if case.bad and len(case.bad) >= objective.failure_limit.failed:
        evidence = pooled(case.bad)
        return verdict_of(objective, VerdictValue.FAIL, evidence, _failing(case, evidence))
    if trouble:
        message = f"{trouble}; before: {_pending(case)}" if case.step else trouble
        return verdict_of(objective, VerdictValue.UNDECIDED, case.step, message)
    if case.step and assess(objective, case.step).holds and not case.is_last_bad:
        message = f"{facts(objective, case.step)}; {allowed(objective, case.step)}"
        return verdict_of(objective, VerdictValue.PASS, case.step, message)
    return verdict_of(objective, VerdictValue.UNDECIDED, case.step, _pending(case))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """The evidence as it is looked at."""

    objective: Objective
    step: Block | None
    """Everything since the step was entered."""
    last: tuple[Block, ...]
    """The last windows that the failure limit looks at."""
    bad: tuple[Block, ...]
    """The bad ones among them."""

    @classmethod
    def of(
        cls, objective: Objective, blocks: Sequence[Block], step_entered_at: datetime | None
    ) -> _Case:
        last = windows(blocks, objective.min_samples)[-objective.failure_limit.of :]
        since = [b for b in blocks if step_entered_at is None or b.since >= step_entered_at]
        return cls(
            objective=objective,
            step=pooled(since),
            last=last,
            bad=tuple(window for window in last if assess(objective, window).is_bad),
        )

    @property
    def is_last_bad(self) -> bool:
        return bool(self.bad) and self.bad[-1] is self.last[-1]

    @property
    def bad_windows(self) -> str:
        if len(self.last) == 1:
            return f"bad in {len(self.bad)} of 1 window"
        return f"bad in {len(self.bad)} of the last {len(self.last)} windows"


def _failing(case: _Case, evidence: Block | None) -> str:
    objective = case.objective
    if evidence is None:
        return case.bad_windows
    return f"{facts(objective, evidence)}; {allowed(objective, evidence)}; {case.bad_windows}"


def _pending(case: _Case) -> str:
    """What is missing, or what speaks against going on."""
    objective, step = case.objective, case.step
    if step is None:
        return "no data from the canary on this step yet"
    needed = f"{count(objective.min_samples)} {samples_noun(objective)} needed"
    if not has_enough(objective, step.canary):
        return f"{count(max(0.0, step.canary.total))} of {needed} so far"
    text = f"{facts(objective, step)}; {allowed(objective, step)}"
    assessment = assess(objective, step)
    if assessment.is_worse is None and not has_enough(objective, step.stable):
        text += f"; stable has shown {count(max(0.0, step.stable.total))} of {needed} to compare"
    elif assessment.breaks_limit is None or assessment.is_worse is None:
        text += "; the histogram's largest edge is too low to say"
    if case.bad:
        limit = objective.failure_limit
        text += f"; {case.bad_windows}, {limit.failed} of {limit.of} fail"
    return text


def verdict_of(
    objective: Objective,
    value: VerdictValue,
    evidence: Block | None,
    message: str,
    calibration: str | None = None,
) -> Verdict:
    """Return a verdict with the numbers of the evidence it rests on."""
    canary = value_of(objective, evidence.canary) if evidence else None
    stable = value_of(objective, evidence.stable) if evidence else None
    return Verdict(
        objective=objective.title,
        verdict=value,
        advisory=objective.advisory,
        canary=value_text(objective, canary),
        stable=value_text(objective, stable),
        limit=limit_text(objective),
        canary_samples=_whole(evidence.canary.total) if evidence else 0,
        stable_samples=_whole(evidence.stable.total) if evidence else 0,
        message=message[:LONGEST_MESSAGE],
        calibration=calibration,
    )


def _whole(number: float) -> int:
    return int(number) if isfinite(number) else 0
