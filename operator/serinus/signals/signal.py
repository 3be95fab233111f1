"""The signal of an objective: counted by pod, by bin, or by the version that series name."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from serinus.resource.label_terms import SEGMENT_PLACEHOLDER, VERSION_PLACEHOLDER
from serinus.resource.objective import Kind, Objective, Preset
from serinus.servers.ingredients import Ingredients
from serinus.servers.selectors import Selector, summed_selector
from serinus.signals.compile import (
    SELECTOR_PLACEHOLDER,
    Differenced,
    Expression,
    Gauged,
    Tracks,
    compile_objective,
    evaluated,
)
from serinus.signals.compile import Signal as SignalByPod
from serinus.signals.distributions import DistributionNames
from serinus.signals.part import Part

OUTCOMES = "model_outcomes_total"
"""The SDK's counter of predictions whose truth is known, by version and whether it was right."""

PREDICTED = "model_predictions_total"
"""The SDK's counter of predictions."""

MODEL = "model"
"""The SDK's label of a model in a server of several."""

ANY_SEGMENT = '__name__!=""'
"""A matcher that every series meets: PromQL has no word for none between two commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binned:
    """Values counted exactly by feature and bin, from the raw samples of counters.

    There are hundreds of series to a pod, so only those of the two tracks are asked for.
    """

    seen: Part
    trained: Part | None
    """None where it is compared with what was captured of stable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributed:
    """Events counted exactly whose series name the version they are about, whoever shows them."""

    total: Expression
    """Series selectors, one for each track."""
    marked: Expression
    marked_are_good: bool
    shared_query: str | None = None
    """One that holds what all models' selectors select; without it each is asked by itself."""
    predicted: Part | None = None
    """The canary's predictions, whose share with a label is the coverage; none where unknown."""
    delay_seconds: float = 0.0
    """How late labels come."""


Signal = SignalByPod | Binned | Attributed


def signal_of(objective: Objective, ingredients: Ingredients, tracks: Tracks) -> Signal:
    """Return what an objective's numbers are made of."""
    if objective.kind is Kind.DRIFT:
        return _binned(objective, tracks)
    if objective.preset is Preset.QUALITY:
        return _outcomes(objective, tracks)
    if objective.value is not None:
        value = _of_version(objective.value, tracks)
        return Gauged(value=value, is_compared=objective.is_compared)
    objective = _of_segment(objective)
    if objective.total is None or VERSION_PLACEHOLDER not in objective.total:
        return compile_objective(objective, ingredients, tracks)
    return _attributed(objective, tracks)


def _binned(objective: Objective, tracks: Tracks) -> Binned:
    names = DistributionNames.of(objective)
    feature = f'feature="{names.feature}",' if names.feature else ""
    whose = f"{feature}{tracks.matchers(tracks.canary, tracks.stable)}"
    seen, trained = (
        Part(query=f"{name}{{{whose}}}", keep=_of_model(name, tracks))
        for name in (names.seen, names.trained)
    )
    return Binned(seen=seen, trained=None if objective.is_against_captured else trained)


def _of_model(name: str, tracks: Tracks) -> Selector:
    """Of one model of a server, where one is asked for; what names none is of all its models."""
    selector = Selector(name=name)
    return selector.narrowed(MODEL, tracks.served_name) if tracks.served_name else selector


def _outcomes(objective: Objective, tracks: Tracks) -> Attributed:
    """Any pod of the model may hear of a truth; versions of one name are told by their pods."""
    version = f'model_version="{VERSION_PLACEHOLDER}",'
    whose = tracks.matchers(tracks.canary, tracks.stable)
    stable_version, canary_version = tracks.versions
    if canary_version == stable_version:
        version, whose = "", SELECTOR_PLACEHOLDER
    segment = f"{objective.segment_matcher}," if objective.by else ""
    named = re.escape(tracks.served_name or "")
    model = f"{MODEL}=~{json.dumps(f'{named}|')}," if named else ""
    which = f"{version}{segment}{model}{whose}"
    total, wrong = f"{OUTCOMES}{{{which}}}", f'{OUTCOMES}{{correct="false",{which}}}'
    keep = _of_model(PREDICTED, tracks)
    predicted = Part(query=_of_all_models(PREDICTED, tracks), keep=keep)
    return Attributed(
        total=_of_version(total, tracks),
        marked=_of_version(wrong, tracks),
        marked_are_good=False,
        shared_query=_of_all_models(OUTCOMES, tracks),
        # Predictions are not counted by segment.
        predicted=None if objective.by else predicted,
        delay_seconds=objective.label_delay or 0.0,
    )


def _of_all_models(name: str, tracks: Tracks) -> str:
    return f'{name}{{{tracks.labels.pod}!=""}}'


def _of_segment(objective: Objective) -> Objective:
    matcher = objective.segment_matcher or ANY_SEGMENT
    queries = {
        field: text.replace(SEGMENT_PLACEHOLDER, matcher)
        for field in ("total", "good", "bad")
        if (text := getattr(objective, field)) is not None
    }
    return objective.model_copy(update=queries) if queries else objective


def _attributed(objective: Objective, tracks: Tracks) -> Attributed | Differenced:
    total = _of_version(objective.total or "", tracks)
    marked = _of_version(objective.good or objective.bad or "", tracks)
    are_good = objective.good is not None
    raw_total, raw_marked = _raw(total), _raw(marked)
    if raw_total is None or raw_marked is None:
        return Differenced(total=total, marked=marked, marked_are_good=are_good)
    predicted = _raw(evaluated(objective.predicted or "", tracks))
    return Attributed(
        total=raw_total,
        marked=raw_marked,
        marked_are_good=are_good,
        predicted=Part(query=predicted.canary) if predicted else None,
        delay_seconds=objective.label_delay or 0.0,
    )


def _of_version(text: str, tracks: Tracks) -> Expression:
    by_track, (stable_version, canary_version) = evaluated(text, tracks), tracks.versions
    return Expression(
        canary=by_track.canary.replace(VERSION_PLACEHOLDER, canary_version),
        stable=by_track.stable.replace(VERSION_PLACEHOLDER, stable_version),
    )


def _raw(expression: Expression) -> Expression | None:
    canary, stable = (summed_selector(each) for each in (expression.canary, expression.stable))
    if canary is None or stable is None:
        return None
    return Expression(canary=canary, stable=stable)
