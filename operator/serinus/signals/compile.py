"""Compile an objective into what is to be fetched and how the answer is counted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from serinus.resource.objective import Kind, Objective, Preset
from serinus.signals.ingredients import Ingredients, Share
from serinus.signals.selectors import Selector, read_selector, summed_selector
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels

SELECTOR_PLACEHOLDER = "$(selector)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracks:
    """Whose pods are whose: a pod belongs to a track by namespace and start of its name."""

    namespace: str
    model: str
    stable: str
    """Digest of the stable revision."""
    canary: str
    labels: ScrapeLabels = KUBERNETES_LABELS
    stable_version: str = ""
    """What people call the stable revision's model; likewise of the canary."""
    canary_version: str = ""

    def prefix(self, revision: str) -> str:
        """Return what the names of a revision's pods start with."""
        return f"{self.model}-{revision}-"

    def matchers(self, *revisions: str) -> str:
        """Return the label matchers of these revisions' pods."""
        # Dots are the only characters of a pod's name that mean something in a pattern.
        alternatives = "|".join(self.prefix(each).replace(".", "[.]") for each in revisions)
        pattern = f"({alternatives}).*" if len(revisions) > 1 else f"{alternatives}.*"
        return f'{self.labels.namespace}="{self.namespace}",{self.labels.pod}=~"{pattern}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the series in a query's answer."""

    query: str
    keep: Selector | None = None
    """Which of them; all where there is none."""

    @property
    def shown(self) -> str:
        """The metric as it is named to people."""
        return self.keep.name if self.keep else self.query


class Proof(Enum):
    """What it takes to believe that an absent counter of marked events means none."""

    NOTHING = auto()
    """It appears with the first event; until then there were none."""
    ANY_TRACK = auto()
    """It must have been seen somewhere, or the query may simply be wrong."""
    OWN_TRACK = auto()
    """It is there from the start, or it isn't counted at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Events counted exactly, from the raw samples of counters."""

    total: tuple[Part, ...]
    marked: tuple[Part, ...]
    marked_are_good: bool = False
    proof: Proof = Proof.NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Durations counted exactly, from the raw samples of a classic histogram's buckets.

    A native histogram needs another query and another way of counting, beside this one.
    """

    buckets: Part
    seconds_per_unit: float
    limit_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A query evaluated for each track by itself, on the grid of blocks."""

    canary: str
    stable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differenced:
    """Events counted from what expressions gave at the ends of each stretch of the grid.

    Less exact than counting raw samples: an expression that falls may have lost a pod or seen a
    restart, and which of them can't be told any more, so that stretch is left out.
    """

    total: Expression
    marked: Expression
    marked_are_good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauged:
    """Readings of an expression, one at each point of the grid."""

    value: Expression


Signal = Counted | Timed | Differenced | Gauged


def compile_objective(objective: Objective, ingredients: Ingredients, tracks: Tracks) -> Signal:
    """Return what an objective's numbers are made of."""
    if objective.value is not None:
        return Gauged(value=evaluated(objective.value, tracks))
    if objective.kind is Kind.LATENCY:
        return _timed(objective, ingredients, tracks)
    if objective.preset is not None:
        return _counted_preset(objective.preset, ingredients, tracks.labels)
    return _own_query(objective, tracks)


def scrapes_query(labels: ScrapeLabels) -> str:
    """Return the selector that tells when each pod was scraped, and whether that went well."""
    return f'up{{{labels.pod}!=""}}'


@lru_cache(maxsize=256)
def _counted_preset(preset: Preset, ingredients: Ingredients, labels: ScrapeLabels) -> Counted:
    share: Share = ingredients.share(preset)
    total, bad = ([read_selector(text) for text in texts] for texts in (share.total, share.bad))
    query = _of_all_models([each.name for each in (*bad, *total)], labels)
    return Counted(
        total=tuple(Part(query=query, keep=each) for each in total),
        marked=tuple(Part(query=query, keep=each) for each in bad),
        proof=Proof.OWN_TRACK if share.bad_is_shown_from_start else Proof.NOTHING,
    )


def _timed(objective: Objective, ingredients: Ingredients, tracks: Tracks) -> Timed:
    name = f"{ingredients.latency.histogram}_bucket"
    return Timed(
        buckets=Part(query=_of_all_models([name], tracks.labels), keep=Selector(name=name)),
        seconds_per_unit=ingredients.latency.seconds_per_unit,
        limit_seconds=objective.limit_number,
    )


def _of_all_models(names: list[str], labels: ScrapeLabels) -> str:
    """Without a pod's name in it, so that one request serves every model."""
    distinct = sorted(set(names))
    if len(distinct) == 1:
        return f'{distinct[0]}{{{labels.pod}!=""}}'
    return f'{{__name__=~"{"|".join(distinct)}",{labels.pod}!=""}}'


def _own_query(objective: Objective, tracks: Tracks) -> Counted | Differenced:
    total = objective.total or ""
    marked = objective.good or objective.bad or ""
    are_good = objective.good is not None
    both = tracks.matchers(tracks.canary, tracks.stable)
    raw_total, raw_marked = (
        summed_selector(text.replace(SELECTOR_PLACEHOLDER, both)) for text in (total, marked)
    )
    if raw_total is None or raw_marked is None:
        return Differenced(
            total=evaluated(total, tracks),
            marked=evaluated(marked, tracks),
            marked_are_good=are_good,
        )
    return Counted(
        total=(Part(query=raw_total),),
        marked=(Part(query=raw_marked),),
        marked_are_good=are_good,
        proof=Proof.ANY_TRACK if are_good else Proof.NOTHING,
    )


def evaluated(text: str, tracks: Tracks) -> Expression:
    """Return a query for each track by itself, its own pods filled in."""
    canary, stable = (
        text.replace(SELECTOR_PLACEHOLDER, tracks.matchers(each))
        for each in (tracks.canary, tracks.stable)
    )
    return Expression(canary=canary, stable=stable)
