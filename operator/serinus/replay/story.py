"""The story of a replayed rollout: what was decided when, and how that compares with the past."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from serinus.decide.verdicts import error_rates
from serinus.evidence.ledger import Ledger
from serinus.evidence.policy import deciding
from serinus.evidence.sequential import LEAST_BAD_EVENTS, parts_of
from serinus.evidence.wording import stretch
from serinus.replay.past import Past
from serinus.replay.play import Moment, decided_by
from serinus.replay.plot import Curve
from serinus.resource.spec import Spec
from serinus.resource.status import Phase
from serinus.signals.blocks import objective_key

ENDS = {Phase.ROLLING_BACK: "rolled back", Phase.PROMOTING: "promoted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened."""

    seconds: float
    """Since the canary's first traffic."""
    weight_percent: int
    phase: Phase
    evidence: float
    """Against the canary, in nats."""
    message: str


def story(past: Past, moments: Sequence[Moment], spec: Spec) -> list[Line]:
    """Return what happened, each thing once."""
    told: list[Line] = []
    for moment in moments:
        line = Line(
            seconds=_since(past, moment),
            weight_percent=moment.weight_percent,
            phase=moment.decision.phase,
            evidence=evidence_against(moment.ledger, spec),
            message=moment.decision.message,
        )
        is_new = not told or (told[-1].phase, told[-1].weight_percent) != (
            line.phase,
            line.weight_percent,
        )
        if is_new or moment is moments[-1]:
            told.append(line)
    return told


def compared(past: Past, moments: Sequence[Moment], *, is_as_logged: bool) -> str:
    """Return how the end compares with what was logged: "rolled back 4 min earlier"."""
    then = ENDS[past.ended.phase] if past.ended else ""
    last = moments[-1]
    now = ENDS.get(last.decision.phase, "") if last.is_terminal else ""
    after = f"after {stretch(_since(past, last))}"
    was = f"it was {then or 'still open'}"
    if is_as_logged:
        ending = "as then" if now == then else f"but then {was}"
        return f"{now or 'still open'} {after}, {ending}"
    if not now:
        return f"would still be open {after}, at the end of what was logged; {was}"
    earlier = (past.ends_at - last.at).total_seconds()
    if now != then:
        return f"would have been {now} {after}; {was}"
    sooner = f"{stretch(earlier)} earlier" if earlier > 0 else "at the same time"
    return f"would have been {now} {sooner}, {after}"


def curve(name: str, past: Past, moments: Sequence[Moment], spec: Spec) -> Curve:
    """Return the evidence over time, for a plot."""
    last = moments[-1]
    return Curve(
        name=name,
        points=[(_since(past, m), evidence_against(m.ledger, spec)) for m in moments],
        log_threshold=log_threshold(last, spec),
        steps=list(_steps(past, moments)),
        end=ENDS.get(last.decision.phase, "") if last.is_terminal else "",
    )


def evidence_against(ledger: Ledger, spec: Spec) -> float:
    """Return all evidence against the canary, in nats: the sum of part × evidence."""
    keys = tuple(objective_key(each) for each in deciding(spec))
    parts = parts_of(ledger.weights, keys)
    told = {key: ledger.told_of(key) for key in keys}
    return _log_sum(
        parts[key] + (said.against if said.bad >= LEAST_BAD_EVENTS else min(0.0, said.against))
        for key, said in told.items()
    )


def log_threshold(moment: Moment, spec: Spec) -> float:
    """Return the evidence that a rollback took at a look, in nats: that of a share alone."""
    return error_rates(spec, moment.decision.memory).to_fail_alone(0.0, minutes=0)


def _steps(past: Past, moments: Sequence[Moment]) -> Iterator[tuple[float, int]]:
    before = 0
    for moment in moments:
        if moment.weight_percent not in (0, before):
            yield _since(past, moment), moment.weight_percent
        before = moment.weight_percent


def _since(past: Past, moment: Moment) -> float:
    return (moment.at - past.begins_at).total_seconds()


def _log_sum(logs: Iterable[float]) -> float:
    found = list(logs)
    return float(np.logaddexp.reduce(found)) if found else 0.0


def spec_of(past: Past, instead: Mapping[str, Any] | None) -> Spec:
    """Return the spec that a replay decides by, as `play` has it."""
    return decided_by(past.records[0], instead)
