"""The verdicts on all objectives by sequential tests: chances of a wrong one are set beforehand.

One error budget for all objectives: the canary is bad once the sum of part × evidence reaches
1/falseRollbackRate. It goes on once each of them has proven that it is not worse by as many
margins as the next weight asks for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import exp, inf, log

from serinus.evidence.account import Told
from serinus.evidence.batch_means import gauge_verdict
from serinus.evidence.dispersion import UNVERIFIED_DIVISOR
from serinus.evidence.drift_verdict import drift_verdict
from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.explanation import Heard, proven, suspected, vouched, waiting
from serinus.evidence.judgement import LONGEST_MESSAGE, verdict_of
from serinus.evidence.ledger import Block
from serinus.evidence.margins import MULTIPLES, multiple_for
from serinus.evidence.pooling import pooled
from serinus.evidence.terms import is_bet_on
from serinus.evidence.variation import GUESSED, Variation
from serinus.evidence.wealth import UNITS_PER_NAT
from serinus.resource.objective import Kind, Objective
from serinus.resource.status import Verdict, VerdictValue

LEAST_BAD_EVENTS = 4.0
"""Fewer are a coincidence in the eyes of anybody who reads of it."""
SUSPICIOUS = log(5)
"""Evidence against a canary that keeps it from more traffic, as long as it is not disproven."""
UNVERIFIED = "unverified"
"""How much counts vary from minute to minute is a guess."""
MEASURED = "measured"
"""It was measured on the stable pods' own past."""
REPLAYED = "replayed"
"""The threshold was set by replays of the policy on the service's own past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What is heard of one objective."""

    objective: Objective
    blocks: Sequence[Block]
    """Of the whole rollout, oldest first."""
    whole: Block | None = None
    """All of them as one; they are added up where it is not known."""
    told: Told = field(default_factory=Told)
    part: float = 0.0
    """Logarithm of its part of the error budget."""
    trouble: str = ""
    """Why there is no fresh evidence, "" where there is; then nothing passes."""
    note: str = ""
    """What else is to be told."""
    variation: Variation = GUESSED
    """What the bets took the dispersion from."""
    is_calibrated: bool = False
    """Whether the threshold is from replays, which have seen what the dispersion is worth."""
    minutes: float | None = None
    """Of evidence so far, for a simulated threshold; see ErrorRates.to_fail_alone."""

    @property
    def trust(self) -> float:
        """Logarithm of how much more its evidence counts, since the dispersion is no guess."""
        is_trusted = self.variation.is_measured and not self.is_calibrated
        return log(UNVERIFIED_DIVISOR) if is_trusted else 0.0

    @property
    def spent(self) -> float:
        """Logarithm of its part of the evidence that ends a rollout."""
        return self.part + self.trust + self.against

    def to_fail(self, rates: ErrorRates) -> float:
        """Return the logarithm of the evidence by which it ends a rollout by itself."""
        return rates.to_fail_alone(self.part + self.trust, self.minutes)

    @property
    def against(self) -> float:
        """Logarithm of the evidence that the canary is bad; too few bad events are none."""
        told = self.told
        return told.against if told.bad >= LEAST_BAD_EVENTS else min(0.0, told.against)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where the rollout stands."""

    weight_percent: int
    next_weight_percent: int
    step_entered_at: datetime | None


def judge_together(
    hearings: Sequence[Hearing], rates: ErrorRates, progress: Progress
) -> tuple[Verdict, ...]:
    """Return the verdict on each objective; those that only advise are judged on their own."""
    binding = [each for each in hearings if not each.objective.advisory]
    total = _log_sum([each.part + each.against for each in binding])
    blamed = _blamed(binding, rates)
    return tuple(
        _judged(
            each,
            rates,
            progress,
            fails=any(each is one for one in blamed)
            or (each.objective.advisory and each.against + each.trust >= rates.to_fail),
            is_suspicious=not each.objective.advisory and total >= SUSPICIOUS,
        )
        for each in hearings
    )


def parts_of(weights: Mapping[str, int], digests: Sequence[str]) -> dict[str, float]:
    """Return the logarithm of each objective's part of the error budget, even ones without."""
    even = -log(len(digests)) if digests else 0.0
    return {each: weights[each] / UNITS_PER_NAT if weights else even for each in digests}


def _log_sum(logs: Sequence[float]) -> float:
    high = max(logs, default=-inf)
    return high + log(sum(exp(each - high) for each in logs)) if high > -inf else -inf


def _blamed(binding: Sequence[Hearing], rates: ErrorRates) -> list[Hearing]:
    """Those whose evidence is enough on its own, else by e-BH (Wang & Ramdas 2022), else the most.

    Nobody, where all of it together is not enough.

    e-BH blames the k with the most evidence if each has M / (k α); false ones among them are at
    most the share α in the mean.
    """
    alone = [each for each in binding if each.against >= each.to_fail(rates)]
    if rates.duration is not None:
        return alone
    if _log_sum([each.spent for each in binding]) < rates.to_fail:
        return []
    ranked = sorted(binding, key=lambda each: -each.spent)
    for number in range(len(ranked), 1, -1):
        least = ranked[number - 1]
        if least.spent + log(number) >= rates.to_fail:
            return ranked[:number]
    return alone or ranked[:1]


def _judged(
    hearing: Hearing,
    rates: ErrorRates,
    progress: Progress,
    *,
    fails: bool,
    is_suspicious: bool,
) -> Verdict:
    objective, told = hearing.objective, hearing.told
    if objective.kind is Kind.DRIFT:
        return _of_drift(hearing, rates, progress, fails=fails)
    if not is_bet_on(objective):
        return gauge_verdict(
            objective,
            hearing.blocks,
            progress.step_entered_at,
            rates.false_rollback,
            hearing.trouble,
        )
    heard = _heard(hearing, rates, progress)
    is_cleared = not is_suspicious or told.within[0] >= rates.to_pass
    value, message = (
        (VerdictValue.FAIL, suspected(heard))
        if fails
        else _on_the_way(hearing, heard, rates, progress, is_cleared=is_cleared)
    )
    message = _with_notes(message, hearing, rates, fails=fails)
    calibration = _calibration(hearing, rates)
    return verdict_of(
        objective, value, heard.evidence, message, calibration=calibration, values=heard.values
    )


def _of_drift(hearing: Hearing, rates: ErrorRates, progress: Progress, *, fails: bool) -> Verdict:
    objective, blocks, entered = hearing.objective, hearing.blocks, progress.step_entered_at
    failed_by = hearing.against if fails else None
    verdict = drift_verdict(objective, blocks, entered, hearing.trouble, failed_by)
    if not is_bet_on(objective):
        return verdict
    message = _with_notes(verdict.message, hearing, rates, fails=fails)[:LONGEST_MESSAGE]
    changes = {"message": message, "calibration": _calibration(hearing, rates)}
    return verdict.model_copy(update=changes)


def _with_notes(message: str, hearing: Hearing, rates: ErrorRates, *, fails: bool) -> str:
    asked = rates.told_alone(hearing.part + hearing.trust, hearing.minutes)
    notes = (vouched(hearing.variation, fails=fails), asked, hearing.note)
    return "; ".join((message, *(note for note in notes if note)))


def _calibration(hearing: Hearing, rates: ErrorRates) -> str:
    if rates.calibrated_to_fail is not None:
        return REPLAYED
    return MEASURED if hearing.variation.is_measured else UNVERIFIED


def _on_the_way(
    hearing: Hearing, heard: Heard, rates: ErrorRates, progress: Progress, *, is_cleared: bool
) -> tuple[VerdictValue, str]:
    if hearing.trouble:
        before = f"; before: {waiting(heard)}" if hearing.blocks else ""
        return VerdictValue.UNDECIDED, hearing.trouble + before
    if not _has_block_since(hearing.blocks, progress.step_entered_at):
        return VerdictValue.UNDECIDED, "no data from the canary on this step yet"
    if hearing.told.within[MULTIPLES.index(heard.multiple)] < rates.to_pass:
        return VerdictValue.UNDECIDED, waiting(heard)
    if not is_cleared:
        suspect = "but all objectives together make it suspect"
        return VerdictValue.UNDECIDED, f"{proven(heard, rates.to_pass)}; {suspect}"
    return VerdictValue.PASS, proven(heard, rates.to_pass)


def _heard(hearing: Hearing, rates: ErrorRates, progress: Progress) -> Heard:
    return Heard(
        objective=hearing.objective,
        evidence=hearing.whole or pooled(hearing.blocks),
        against=hearing.against,
        multiple=multiple_for(progress.next_weight_percent),
        next_weight_percent=progress.next_weight_percent,
        weight_percent=progress.weight_percent,
        to_fail=hearing.to_fail(rates),
        dispersion=hearing.variation.dispersion,
    )


def _has_block_since(blocks: Sequence[Block], entered_at: datetime | None) -> bool:
    return bool(blocks) and (entered_at is None or blocks[-1].since >= entered_at)
