"""Calibration: the whole policy on pseudo-rollouts of stable's own past, all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from math import ceil, log
from typing import Any

import numpy as np

from serinus.evidence.bets import Bets
from serinus.evidence.counts import Counts
from serinus.evidence.drift_bets import DriftBets
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.share_bets import ShareBets
from serinus.evidence.tables import few_edges
from serinus.evidence.terms import bets_on
from serinus.evidence.wealth import UNITS_PER_NAT, Nats
from serinus.replay.frames import Frames
from serinus.replay.pseudo import Course, Split, counts_of
from serinus.replay.threshold import evidence_by_look, log_threshold
from serinus.replay.variations import dispersions
from serinus.resource.objective import Kind, Objective
from serinus.signals.blocks import objective_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One objective on all pseudo-rollouts."""

    objective: Objective
    counts: tuple[Counts, ...]
    """By minute, a place in the batch for each pseudo-rollout."""
    dispersion: Nats
    """Of each pseudo-rollout, as it would have been measured when it began."""
    edges: tuple[float, ...] = ()
    bins: tuple[str, ...] = ()

    @property
    def batch(self) -> int:
        """How many pseudo-rollouts there are."""
        return len(self.counts[0].canary)

    @property
    def bets(self) -> Bets:
        """On this objective, for each pseudo-rollout."""
        one = bets_on(self.objective, self.edges, bins=self.bins)
        bets = replace(_repeated(one, self.batch), dispersion=self.dispersion)
        return bets if isinstance(bets, DriftBets) else replace(bets, proves=False)


def trial_of(
    objective: Objective, frames: Frames, those: Sequence[Split], course: Course
) -> Trial:
    """Return an objective on the pseudo-rollouts of a past."""
    counts = counts_of(frames, those, course)
    if objective.kind is not Kind.LATENCY or not frames.edges:
        return Trial(
            objective=objective,
            counts=tuple(counts),
            dispersion=dispersions(frames, those),
            bins=frames.bins,
        )
    edges = few_edges(frames.edges, objective.limit_number)
    columns = [frames.edges.index(edge) for edge in edges]
    return Trial(
        objective=objective,
        counts=tuple(_of_edges(each, columns) for each in counts),
        dispersion=dispersions(frames, those),
        edges=edges,
    )


def evidence_of(trials: Sequence[Trial], course: Course, parts: Mapping[str, float]) -> Nats:
    """Return the logarithm of all evidence against each canary: (minutes, pseudo-rollouts).

    Args:
        trials: of the objectives that decide.
        course: of the pseudo-rollouts.
        parts: logarithm of each objective's part of the error budget, by its key.
    """
    each_part = [
        _evidence(trial, course) + parts[objective_key(trial.objective)] for trial in trials
    ]
    total: Nats = np.logaddexp.reduce(np.stack(each_part), axis=0)
    return total


def _evidence(trial: Trial, course: Course) -> Nats:
    """A latency without a histogram has nothing to bet on, nor has a distribution of no bins."""
    if trial.objective.kind is not Kind.SHARE and not (trial.edges or trial.bins):
        return np.zeros((course.minutes, trial.batch))
    kinds = max(1, len(trial.edges), len(trial.bins))
    found = evidence_by_look(trial.bets, trial.counts, course.begins_step, kinds)
    known = np.cumsum([each.canary for each in trial.counts], axis=0)
    is_immature = known < (trial.objective.min_labelled or 0)
    return np.where(is_immature, 0.0, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What the pseudo-rollouts of a past came to."""

    rollouts: int
    log_threshold: float
    """Logarithm of the evidence that a rollback takes, in whole units, rounded up."""
    rolled_back: int
    """By that threshold."""
    uncalibrated_rolled_back: int
    """By the false-rollback rate alone."""


def calibrated(evidence: Nats, false_rollback_rate: float, saved: float = 0.0) -> Calibrated:
    """Return the threshold that the evidence of pseudo-rollouts asks for; see log_threshold."""
    maxima = evidence.max(axis=0)
    asked = float(log_threshold(maxima, false_rollback_rate, saved))
    # A unit more, so that who was as far as the threshold is below it.
    threshold = (ceil(asked * UNITS_PER_NAT) + 1) / UNITS_PER_NAT
    return Calibrated(
        rollouts=len(maxima),
        log_threshold=threshold,
        rolled_back=int(np.sum(maxima >= threshold)),
        uncalibrated_rolled_back=int(np.sum(maxima >= -log(false_rollback_rate) - saved)),
    )


def worsened(trial: Trial, excess: float, seed: int) -> Trial:
    """Return a trial whose canary is worse: good events turned bad, each with the same chance.

    For a share, so many points; for latency, so many more requests slower than every edge.
    """
    rng = np.random.default_rng(seed)
    return replace(trial, counts=tuple(_worse(each, excess, rng) for each in trial.counts))


def _worse(counts: Counts, excess: float, rng: np.random.Generator) -> Counts:
    good = np.maximum(0.0, counts.canary[:, None] - counts.bad_canary)
    rate = np.where(counts.canary > 0, counts.canary, 1.0)[:, None]
    chance = np.clip(excess / np.maximum(1e-9, 1 - counts.bad_canary / rate), 0.0, 1.0)
    if good.shape[1] == 1:
        more = rng.binomial(np.floor(good).astype(np.int64), chance).astype(float)
    else:  # the same requests at every edge, rounded at random
        more = np.floor(good * chance + rng.random(len(counts.canary))[:, None])
    return replace(counts, bad_canary=np.minimum(counts.bad_canary + more, counts.canary[:, None]))


def _of_edges(counts: Counts, columns: Sequence[int]) -> Counts:
    return replace(
        counts,
        bad_canary=counts.bad_canary[:, columns],
        bad_stable=counts.bad_stable[:, columns],
    )


def _repeated(bets: Bets, batch: int) -> LatencyBets | ShareBets | DriftBets:
    """Return the bets on one objective as those on many rollouts of it: each number repeated.

    Raises:
        TypeError: they are of a kind that is not known here.
    """
    if not isinstance(bets, LatencyBets | ShareBets | DriftBets):
        raise TypeError(f"{type(bets).__name__} can't be repeated")
    shared = {"edges", "events", "proves"}
    repeated: dict[str, Any] = {
        each.name: np.repeat(getattr(bets, each.name), batch)
        for each in fields(bets)
        if each.name not in shared
    }
    return replace(bets, **repeated)
