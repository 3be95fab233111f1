"""Numbers as people read them, and sentences made of them."""

from __future__ import annotations

from functools import lru_cache
from math import exp, floor, isfinite, log10

from serinus.evidence.assessment import Value, value_of
from serinus.evidence.ledger import Block
from serinus.evidence.quantile import tail_beyond
from serinus.resource.objective import Kind, Objective, Preset
from serinus.signals.tally import Tally

_BAD = {
    Preset.ERROR_RATE: " errors",
    Preset.NULL_OUTPUTS: " null outputs",
    Preset.MISSING_INPUTS: " missing inputs",
    Preset.INVALID_INPUTS: " invalid inputs",
    Preset.OUT_OF_RANGE_INPUTS: " out-of-range inputs",
    Preset.UNSEEN_CATEGORIES: " unseen categories",
    Preset.QUALITY: " wrong",
}
_SAMPLES = {
    Preset.ERROR_RATE: "requests",
    Preset.LATENCY: "requests",
    Preset.TIME_TO_FIRST_TOKEN: "requests",
    Preset.TIME_PER_TOKEN: "measurements",
    Preset.QUEUE_TIME: "requests",
    Preset.NULL_OUTPUTS: "outputs",
    Preset.MISSING_INPUTS: "inputs",
    Preset.INVALID_INPUTS: "inputs",
    Preset.OUT_OF_RANGE_INPUTS: "inputs",
    Preset.UNSEEN_CATEGORIES: "inputs",
    Preset.DRIFT: "values",
    Preset.QUALITY: "outcomes",
}


def percent(share: float) -> str:
    """Return a share as "2.4 %", with two digits after the point at most where it isn't tiny."""
    points = share * 100
    if 0 < points < 0.001:
        return "under 0.001 %"
    return f"{points:.2g} %" if 0 < points < 0.1 else f"{_short(points, 2)} %"


def duration(seconds: float) -> str:
    """Return "7.5 ms", "250 ms" or "2.5 s"."""
    if seconds >= 0.9995:
        return f"{_short(seconds, 2)} s"
    milliseconds = seconds * 1000
    return f"{_short(milliseconds, 1 if milliseconds < 10 else 0)} ms"


def stretch(seconds: float) -> str:
    """Return a time as people say it: "45 s", "6 min", "2.5 h"."""
    if seconds < 90:
        return f"{_short(seconds, 0)} s"
    minutes = seconds / 60
    return f"{_short(minutes, 0)} min" if minutes < 90 else f"{_short(minutes / 60, 1)} h"


def points(share: float) -> str:
    """Return a difference of shares: "0.5 points", "1 point"."""
    number = _short(share * 100, 3)
    return f"{number} point" if number == "1" else f"{number} points"


def count(number: float) -> str:
    """Return a number of things with thousands separated: "25,310"."""
    return _short(number, 0)


def plain(number: float) -> str:
    """Return a number with four digits that count: "0.1235", "12,346"."""
    return _short(number, 0) if abs(number) >= 1000 else f"{number:.4g}"


def _short(number: float, digits: int) -> str:
    if not isfinite(number) or abs(number) >= 1e15:
        return f"{number:.3g}"
    if not digits:
        return f"{number:,.0f}"
    return f"{number:,.{digits}f}".rstrip("0").rstrip(".")


def chance(against: float) -> str:
    """Return how likely evidence is by chance, from its logarithm: "under 1 in 9,800"."""
    return f"under 1 in {count(_rounded_down(exp(min(against, 40.0))))}"


def _rounded_down(number: float) -> float:
    """9,876 is told as 9,800: no more certain than it is."""
    if number < 10:
        return max(1.0, floor(number))
    step = 10 ** (floor(log10(number)) - 1)
    return float(floor(number / step) * step)


def samples_noun(objective: Objective) -> str:
    """Return what an objective's samples are called."""
    if objective.preset is not None:
        return _SAMPLES[objective.preset]
    return "readings" if objective.kind is Kind.GAUGE else "events"


_FORMATS = {Kind.SHARE: percent, Kind.LATENCY: duration, Kind.GAUGE: plain, Kind.DRIFT: plain}


def amount(objective: Objective, number: float) -> str:
    """Return a value of an objective in its own unit."""
    return _FORMATS[objective.kind](number)


def value_text(objective: Objective, value: Value | None) -> str | None:
    """Return a track's value, None where it has none."""
    if value is None:
        return None
    return ("at least " if value.is_floor else "") + amount(objective, value.number)


def values_of(objective: Objective, evidence: Block | None) -> tuple[str | None, str | None]:
    """Return the canary's value and stable's, None where there is none."""
    if evidence is None:
        return None, None
    canary, stable = value_of(objective, evidence.canary), value_of(objective, evidence.stable)
    return value_text(objective, canary), value_text(objective, stable)


def facts(objective: Objective, evidence: Block) -> str:
    """Return what both tracks showed, with the numbers it rests on."""
    canary, stable = values_of(objective, evidence)
    if canary is None:
        return "canary has no value"
    text = f"canary {what(objective, canary)} ({_samples(objective, evidence.canary)})"
    if stable is not None:
        text += f" against {stable} of stable ({_samples(objective, evidence.stable, short=True)})"
    return text


def what(objective: Objective, value: str) -> str:
    """Return a value with the name of what it is one of: "2.4 % errors", "p99 250 ms"."""
    if objective.kind is Kind.LATENCY:
        return f"{quantile_name(objective)} {value}"
    if objective.kind is Kind.GAUGE:
        return value
    return value + (_BAD[objective.preset] if objective.preset else " bad")


def _samples(objective: Objective, tally: Tally, *, short: bool = False) -> str:
    if objective.kind is Kind.SHARE:
        return f"{count(min(tally.bad, tally.total))} of {count(tally.total)}"
    if short:
        return count(tally.total)
    noun = samples_noun(objective)
    return f"{count(tally.total)} {noun.removesuffix('s') if tally.total == 1 else noun}"


def quantile_name(objective: Objective) -> str:
    """Return "p99" for 0.99, "p99.9" for 0.999."""
    return f"p{_short(objective.quantile_share * 100, 2)}"


def allowed(objective: Objective, evidence: Block | None) -> str:
    """Return what is allowed, with the share beyond a latency limit where there is evidence."""
    texts = []
    if objective.limit_number is not None:
        bound = "at least" if objective.lower_is_worse else "at most"
        limit = f"{bound} {amount(objective, objective.limit_number)} is allowed"
        texts.append((evidence and _tail_text(objective, evidence.canary)) or limit)
    if objective.margin_number is not None:
        direction = "less" if objective.lower_is_worse else "more"
        than = " than stable" if texts else ""
        texts.append(f"at most {_margin(objective)} {direction}{than} is allowed")
    return "; ".join(texts)


def _tail_text(objective: Objective, canary: Tally) -> str | None:
    limit = objective.limit_number
    if objective.kind is not Kind.LATENCY or limit is None:
        return None
    tail = tail_beyond(canary.buckets, limit)
    if tail is None:
        return None
    may = percent(1 - objective.quantile_share)
    edge = at_edge(tail.edge_seconds, limit)
    return f"{percent(tail.share)} took longer than {edge}, at most {may} may"


def at_edge(edge_seconds: float, limit: float) -> str:
    """Return the time at which a limit on latency is judged, and what it stands for."""
    edge = duration(edge_seconds)
    is_it = edge_seconds == limit
    return edge if is_it else f"{edge} (the histogram's edge next to {duration(limit)})"


def _margin(objective: Objective) -> str:
    margin = objective.margin_number or 0.0
    return percent(margin) if objective.margin_is_relative else amount(objective, margin)


@lru_cache(maxsize=4096)
def limit_text(objective: Objective) -> str:
    """Return what is allowed in signs: "≤ 5 %, ≤ stable + 1 %"."""
    sign, plus = ("≥", "−") if objective.lower_is_worse else ("≤", "+")
    texts = []
    if objective.limit_number is not None:
        texts.append(f"{sign} {amount(objective, objective.limit_number)}")
    if objective.margin_number is not None:
        texts.append(f"{sign} stable {plus} {_margin(objective)}")
    return ", ".join(texts)
