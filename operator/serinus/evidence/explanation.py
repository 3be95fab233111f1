"""Sentences of a verdict by evidence: what was seen, how likely by chance, what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import exp

import numpy as np

from serinus.evidence.dispersion import UNVERIFIED_DISPERSION
from serinus.evidence.eta import Course, eta_seconds
from serinus.evidence.ledger import Block
from serinus.evidence.margins import LEAST_MARGIN, MULTIPLES, SLACK, widened
from serinus.evidence.quantile import tail_beyond
from serinus.evidence.variation import Variation
from serinus.evidence.wording import (
    allowed,
    amount,
    at_edge,
    chance,
    count,
    percent,
    plain,
    points,
    samples_noun,
    stretch,
    values_of,
    what,
)
from serinus.resource.objective import Kind, Objective
from serinus.signals.tally import Tally


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What a verdict on one objective rests on."""

    objective: Objective
    evidence: Block | None
    """All blocks as one, None without any."""
    against: float
    """Logarithm of the evidence that the canary is bad."""
    multiple: int
    """How many margins the next weight asks to be excluded."""
    next_weight_percent: int
    weight_percent: int
    to_fail: float
    """Logarithm of the evidence that this objective alone would fail by."""
    dispersion: float = UNVERIFIED_DISPERSION
    """That its bets rest on."""

    @cached_property
    def values(self) -> tuple[str | None, str | None]:
        """The canary's value and stable's, as people read them."""
        return values_of(self.objective, self.evidence)

    @property
    def asked(self) -> str:
        """What has to be proven."""
        edge = _edge_of_limit(self.objective, self.evidence)
        return _asked(self.objective, self.multiple, self.next_weight_percent, edge)


def suspected(heard: Heard) -> str:
    """Return why the canary is called bad."""
    innocent = "if it were no worse than stable"
    if heard.objective.worse_than_stable is None:
        innocent = "if it held its limit, or were no worse than stable"
    by_chance = f"chance of this {innocent}: {chance(heard.against)}"
    return f"{seen(heard)}; {by_chance}; {allowed(heard.objective, None)}"


def proven(heard: Heard, to_pass: float) -> str:
    """Return what is proven."""
    wrong = percent(exp(-to_pass))
    return f"{seen(heard)}; proven ({wrong} chance to be wrong) to be {heard.asked}"


def waiting(heard: Heard) -> str:
    """Return what is missing, and about when it will be there."""
    evidence = heard.evidence
    if evidence is None:
        return "no data from the canary yet"
    told = f"{seen(heard)}; not yet proven to be {heard.asked}"
    expected = _expected(heard, evidence)
    return f"{told}; {expected}" if expected else told


def vouched(variation: Variation, *, fails: bool) -> str:
    """Return what the chances rest on; a rollback is told what it is known by, not why not."""
    if variation.is_measured:
        past = stretch(60.0 * variation.minutes)
        return f"variation measured on {past} of {variation.pods} stable pods"
    return "" if fails or not variation.trouble else f"variation guessed: {variation.trouble}"


def seen(heard: Heard) -> str:
    """Return both tracks' values and the counts they rest on."""
    evidence, objective = heard.evidence, heard.objective
    if evidence is None:
        return "no data from the canary yet"
    canary, stable = heard.values
    seconds = (evidence.until - evidence.since).total_seconds()
    if canary is None:
        return f"canary has no value in {stretch(seconds)}"
    counts = _counts(objective, evidence.canary)
    text = f"canary {what(objective, canary)}"
    if stable is None:
        return f"{text} ({counts}) in {stretch(seconds)}"
    counts = f"{counts} vs {_counts(objective, evidence.stable)}"
    return f"{text} vs {stable} ({counts}) in {stretch(seconds)}"


def _counts(objective: Objective, tally: Tally) -> str:
    if objective.kind is Kind.SHARE:
        return f"{count(min(tally.bad, tally.total))} of {count(tally.total)}"
    return f"{count(tally.total)} {samples_noun(objective)}"


def _edge_of_limit(objective: Objective, evidence: Block | None) -> float | None:
    """Return where a limit on latency is judged, None of one that is judged where it is."""
    limit = objective.limit_number
    if objective.kind is not Kind.LATENCY or limit is None or evidence is None:
        return None
    tail = tail_beyond(evidence.canary.buckets, limit)
    return None if tail is None or tail.edge_seconds == limit else tail.edge_seconds


@lru_cache(maxsize=4096)
def _asked(
    objective: Objective, multiple: int, next_weight_percent: int, edge_of_limit: float | None
) -> str:
    """What has to be proven: "less than 2 points worse than stable, as 50 % ... asks"."""
    texts = []
    margin, limit = objective.tested_margin_number, objective.limit_number
    if margin is not None:
        texts.append(f"less than {_times(objective, multiple, margin)} worse than stable")
    if limit is not None and objective.kind is Kind.SHARE:
        slack = SLACK * limit if objective.slack_number is None else objective.slack_number
        texts.append(f"below {percent(limit + _wide(multiple, slack))}")
    elif limit is not None:
        share = 1 - objective.quantile_share
        slower = percent(share + _wide(multiple, SLACK * share))
        than = at_edge(limit if edge_of_limit is None else edge_of_limit, limit)
        texts.append(f"slower than {than} in less than {slower} of requests")
    where = "all" if next_weight_percent >= 100 else f"{next_weight_percent} %"
    return f"{' and '.join(texts)}, as {where} of the traffic asks"


def _times(objective: Objective, multiple: int, margin: float) -> str:
    if objective.kind is Kind.SHARE:
        return points(_wide(multiple, max(LEAST_MARGIN, margin)))
    factor = f"{multiple} × " if multiple > 1 else ""
    is_relative = objective.tested_margin_is_relative
    return factor + (percent(margin) if is_relative else amount(objective, margin))


def _wide(multiple: int, margin: float) -> float:
    return float(widened(np.array(margin))[MULTIPLES.index(multiple)])


def _expected(heard: Heard, evidence: Block) -> str:
    """When a regression of the margin would show: of shares, whose margin is known beforehand."""
    objective = heard.objective
    margin = objective.tested_margin_number
    seconds = (evidence.until - evidence.since).total_seconds()
    if objective.kind is not Kind.SHARE or margin is None or seconds <= 0:
        return ""
    total = evidence.canary.total + evidence.stable.total
    if total <= 0 or evidence.stable.total <= 0 or not 0 < heard.weight_percent < 100:
        return ""
    rate = total / seconds
    course = Course(
        per_second=rate,
        weight=heard.weight_percent / 100,
        base=max(0.0, min(1.0, evidence.stable.bad / evidence.stable.total)),
        excess=max(LEAST_MARGIN, margin),
        margin=max(LEAST_MARGIN, margin),
        log_threshold=heard.to_fail,
        dispersion=heard.dispersion,
    )
    expected = eta_seconds(course)
    if expected is None:
        return ""
    margin_text = points(margin).split()[0] + "-point"
    return (
        f"at {plain(_two_digits(rate))} {samples_noun(objective)}/s and {heard.weight_percent} % "
        f"a {margin_text} regression shows in about {stretch(expected)}"
    )


def _two_digits(number: float) -> float:
    return float(f"{number:.2g}")
