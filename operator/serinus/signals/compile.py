"""Compile an objective into what is to be fetched and how the answer is counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache

from serinus.resource.names import workload_name
from serinus.resource.objective import Objective
from serinus.servers.ingredients import Ingredients, Latency, Share, Workload
from serinus.servers.selectors import Selector, read_selector, summed_selector
from serinus.signals.counts import target_of
from serinus.signals.part import Part
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels, Series

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
    served_name: str | None = None
    """The model's name inside its server, where only its own requests are to be counted."""
    versions: tuple[str, str] = ("", "")
    """What people call stable's model, and the canary's."""

    def prefix(self, revision: str) -> str:
        """Return what the names of a revision's pods start with."""
        return f"{workload_name(self.model, revision)}-"

    def matchers(self, *revisions: str) -> str:
        """Return the label matchers of these revisions' pods."""
        # Dots are the only characters of a pod's name that mean something in a pattern.
        alternatives = "|".join(self.prefix(each).replace(".", "[.]") for each in revisions)
        pattern = f"({alternatives}).*" if len(revisions) > 1 else f"{alternatives}.*"
        return f'{self.labels.namespace}="{self.namespace}",{self.labels.pod}=~"{pattern}"'


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
    """Durations counted exactly, from the raw samples of histograms."""

    buckets: tuple[Part, ...]
    """Of classic ones; more than one where a server has called its histogram otherwise before."""
    natives: tuple[Part, ...]
    """The same scraped as native histograms."""
    seconds_per_unit: float
    limit_seconds: float | None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return all of it."""
        return (*self.buckets, *self.natives)

    def once(self, buckets: Sequence[Series], natives: Sequence[Series]) -> list[Series]:
        """Return what each target shows, once: classic buckets, whose edges somebody chose."""
        shown = {target_of(one.labels) for one in buckets}
        return [*buckets, *(one for one in natives if target_of(one.labels) not in shown)]


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
    is_compared: bool = False
    """Whether stable's readings say how good the canary's have to be."""


Signal = Counted | Timed | Differenced | Gauged


def compile_objective(objective: Objective, ingredients: Ingredients, tracks: Tracks) -> Signal:
    """Return what an objective's numbers are made of."""
    if objective.value is not None:
        return Gauged(value=evaluated(objective.value, tracks), is_compared=objective.is_compared)
    if objective.preset is not None:
        found = ingredients.of(objective.preset)
        if isinstance(found, Latency):
            return _timed(objective, found, tracks)
        return _counted_share(found, tracks.labels, tracks.served_name)
    return _own_query(objective, tracks)


def of_pods_query(query: str, tracks: Tracks, pods: Sequence[str]) -> str:
    """Return a series selector narrowed to some pods by their names."""
    names = "|".join(each.replace(".", "[.]") for each in pods)
    matchers = f'{tracks.labels.namespace}="{tracks.namespace}",{tracks.labels.pod}=~"{names}"'
    selected = query.removesuffix("}").rstrip(", ")
    if selected == query:
        return f"{query}{{{matchers}}}"
    return f"{selected}{'' if selected.endswith('{') else ','}{matchers}}}"


def scrapes_query(labels: ScrapeLabels) -> str:
    """Return the selector that tells when each pod was scraped, and whether that went well."""
    return f'up{{{labels.pod}!=""}}'


@lru_cache(maxsize=4096)
def _counted_share(share: Share, labels: ScrapeLabels, served_name: str | None) -> Counted:
    total, marked = (
        [_of_model(text, share.model_label, served_name) for text in texts]
        for texts in (share.total, share.marked)
    )
    names = [each.name for each in (*marked, *total)]
    query = _of_all_models(names, share.workload, labels)
    return Counted(
        total=tuple(Part(query=query, keep=each, workload=share.workload) for each in total),
        marked=tuple(Part(query=query, keep=each, workload=share.workload) for each in marked),
        marked_are_good=bool(share.good),
        proof=_proof(share),
    )


def _proof(share: Share) -> Proof:
    if share.good:
        return Proof.ANY_TRACK
    return Proof.OWN_TRACK if share.bad_is_shown_from_start else Proof.NOTHING


def _timed(objective: Objective, durations: Latency, tracks: Tracks) -> Timed:
    limit, per_unit = objective.limit_number, durations.seconds_per_unit
    buckets, natives = _histogram_parts(durations, tracks.labels, tracks.served_name, limit)
    return Timed(buckets=buckets, natives=natives, seconds_per_unit=per_unit, limit_seconds=limit)


@lru_cache(maxsize=4096)
def _histogram_parts(
    durations: Latency, labels: ScrapeLabels, served_name: str | None, limit: float | None
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """One query for both: how its histograms are scraped is nothing a model server tells."""
    natives = [
        _of_model(text, durations.model_label, served_name)
        for text in (durations.histogram, *durations.formerly)
    ]
    buckets = [replace(each, name=f"{each.name}_bucket") for each in natives]
    workload, names = durations.workload, [each.name for each in (*natives, *buckets)]
    query = _of_all_models(names, workload, labels)
    near = limit and limit / durations.seconds_per_unit
    native = Part(query=query, workload=workload, are_native=True, limit=near)
    part = Part(query=query, workload=workload)
    return (
        tuple(replace(part, keep=each) for each in buckets),
        tuple(replace(native, keep=each) for each in natives),
    )


def _of_model(text: str, model_label: str | None, served_name: str | None) -> Selector:
    """Of one model of a server, where one is asked for; what names none is of all its models."""
    selector = read_selector(text)
    if model_label is None or served_name is None:
        return selector
    return selector.narrowed(model_label, served_name)


def _of_all_models(names: list[str], workload: Workload | None, labels: ScrapeLabels) -> str:
    """Without a pod's or a model's name in it, so that one request serves every model."""
    whose = f'{workload.label if workload else labels.pod}!=""'
    distinct = sorted(set(names))
    if len(distinct) == 1:
        return f"{distinct[0]}{{{whose}}}"
    return f'{{__name__=~"{"|".join(distinct)}",{whose}}}'


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
