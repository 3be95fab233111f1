"""The verdict on drift: what it is a sign of, and whether it passes, holds or fails.

Both tracks' traffic drifts from training data alike, so that says nothing of the canary alone and
never ends a rollout. Inputs of both tracks come from the same callers: where they differ, the
split is biased or one track is fed otherwise, which is no fault of the model either. Predictions
that differ from stable's at the same time are the model's own: those fail it, by bets that are
in the one error budget (`drift_bets`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from math import isinf

from serinus.evidence.block import Block
from serinus.evidence.drifted import Finding, findings
from serinus.evidence.judgement import verdict_of
from serinus.evidence.pooling import pooled
from serinus.evidence.wording import chance, count, percent, plain, stretch
from serinus.resource.objective import Objective
from serinus.resource.objective_kinds import Against, Statistic
from serinus.resource.status import Verdict, VerdictValue
from serinus.resource.verdict import MOST_FEATURES_TOLD, FeatureDrift

NAMED = 3
"""Features named in a sentence; the others are in the list."""
NAMES = {
    Statistic.PSI: "PSI",
    Statistic.JENSEN_SHANNON: "JS distance",
    Statistic.KOLMOGOROV_SMIRNOV: "KS distance",
    Statistic.TOTAL_VARIATION: "total variation",
    Statistic.WASSERSTEIN: "Wasserstein distance",
}


def drift_verdict(
    objective: Objective,
    blocks: Sequence[Block],
    step_entered_at: datetime | None,
    trouble: str = "",
    failed_by: float | None = None,
) -> Verdict:
    """Return the verdict on drift: passed, or not decided, unless the bets on it say otherwise.

    Args:
        objective: of preset drift.
        blocks: its blocks of the whole rollout, oldest first.
        step_entered_at: a step needs data of its own; none is needed without a time.
        trouble: why there is no fresh evidence, "" where there is; then nothing passes.
        failed_by: logarithm of the evidence that ends the rollout, None where none does.
    """
    evidence = pooled(blocks)
    if evidence is not None and failed_by is not None:
        return _failed(objective, evidence, failed_by)
    is_stale = step_entered_at is not None and (not blocks or blocks[-1].since < step_entered_at)
    if evidence is None or trouble or is_stale:
        message = trouble or "no data from the canary on this step yet"
        return verdict_of(objective, VerdictValue.UNDECIDED, evidence, message)
    found = findings(objective, evidence)
    value, message = _judged(objective, found, has_baseline=bool(evidence.canary.trained))
    seconds = (evidence.until - evidence.since).total_seconds()
    told = verdict_of(objective, value, evidence, f"{message}, in {stretch(seconds)}")
    return told.model_copy(update=numbers_of(objective, found))


def _failed(objective: Objective, evidence: Block, failed_by: float) -> Verdict:
    found = findings(objective, evidence)
    seconds = (evidence.until - evidence.since).total_seconds()
    sign = _sign(objective, found, len(found))
    by_chance = f"chance of this if it were no more: {chance(failed_by)}"
    message = f"{sign}, in {stretch(seconds)}; {by_chance}"
    told = verdict_of(objective, VerdictValue.FAIL, evidence, message)
    return told.model_copy(update=numbers_of(objective, found))


def numbers_of(objective: Objective, found: Sequence[Finding]) -> dict[str, object]:
    """Return the fields of a verdict that hold the findings."""
    worst = next((each for each in found if each.distance is not None), None)
    return {
        "canary": _told(objective, worst) if worst else None,
        "stable": plain(worst.of_stable) if worst and worst.of_stable is not None else None,
        "features": tuple(
            FeatureDrift(
                feature=each.name,
                distance=None if each.distance is None else round(each.distance, 4),
                samples=int(each.seen),
                is_drifted=each.is_drifted,
            )
            for each in found[:MOST_FEATURES_TOLD]
        ),
    }


def _judged(
    objective: Objective, found: Sequence[Finding], *, has_baseline: bool
) -> tuple[VerdictValue, str]:
    if not found:
        return VerdictValue.UNDECIDED, "nothing was counted by bin"
    drifted = [each for each in found if each.is_drifted]
    open_ones = [each for each in found if not each.is_certain]
    most = objective.drifted_share * len(found)
    if len(drifted) > most:
        return VerdictValue.UNDECIDED, f"{_sign(objective, drifted, len(found))}"
    if len(drifted) + len(open_ones) > most:
        return VerdictValue.UNDECIDED, _missing(objective, open_ones, has_baseline=has_baseline)
    return VerdictValue.PASS, _calm(objective, found)


def _sign(objective: Objective, drifted: Sequence[Finding], features: int) -> str:
    named = ", ".join(_told(objective, each) for each in drifted[:NAMED])
    how_many = "" if objective.is_of_predictions else f"{len(drifted)} of {features} features, "
    limit = f"at most {plain(objective.limit_number or 0.0)} is allowed"
    if objective.is_against_stable:
        if objective.is_of_predictions:
            return f"predictions differ from stable's: {named}; {limit}"
        biased = "the split is biased or one track is fed otherwise; no fault of the model"
        return f"inputs differ from stable's: {how_many}{named}; {limit}; {biased}"
    stable = drifted[0].of_stable
    same = "" if stable is None else f"; stable's traffic is {plain(stable)} from it"
    return (
        f"drifted from {_whose(objective)}: {how_many}{named}; {limit}{same}; "
        "drift holds a rollout and never ends it"
    )


def _whose(objective: Objective) -> str:
    match objective.against:
        case Against.STABLE:
            return "stable"
        case Against.CAPTURED:
            return "what was captured of stable"
        case _:
            return "the training data"


def _missing(objective: Objective, open_ones: Sequence[Finding], *, has_baseline: bool) -> str:
    least = max(open_ones, key=lambda each: each.needed - each.seen)
    if least.distance is None:
        if objective.is_against_captured and not has_baseline:
            return "nothing has been captured of stable yet"
        return f"{least.name}: the canary and {_whose(objective)} have no bins in common"
    seen, limit = count(least.seen), plain(objective.limit_number or 0.0)
    if isinf(least.needed):
        return f"{least.name}: what it is compared with holds too few to tell a drift of {limit}"
    return (
        f"{least.name}: {seen} of {count(least.needed)} values to tell a drift of {limit} so far"
    )


def _calm(objective: Objective, found: Sequence[Finding]) -> str:
    drifted = sum(each.is_drifted for each in found)
    of_all = f"{drifted} of {len(found)} features drifted, at most "
    share = "" if not objective.drifted else f"; {of_all}{percent(objective.drifted_share)} may"
    return f"furthest from {_whose(objective)}: {_told(objective, found[0])}{share}"


def _told(objective: Objective, finding: Finding) -> str:
    number = "no value" if finding.distance is None else plain(round(finding.distance, 3))
    statistic = NAMES[objective.statistic_used]
    return f"{finding.name} {statistic} {number} ({count(finding.seen)} values)"
