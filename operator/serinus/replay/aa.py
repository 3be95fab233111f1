"""A/A: a policy on stable's own pods, from the metrics of some days to the evidence in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import log

import numpy as np

from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.policy import bet_on, deciding, first_parts
from serinus.evidence.simulated import known_duration
from serinus.evidence.variation import GUESSED
from serinus.evidence.wealth import Nats
from serinus.observe.ask import MetricsReader
from serinus.replay.calibration import Trial, evidence_of, trial_of
from serinus.replay.expected import RECENT_MINUTES, expected
from serinus.replay.frames import ANY_REVISION, Frames, countable, frames_of
from serinus.replay.pseudo import Course, Cuts, Split, Stretch, course_of, splits
from serinus.replay.shortfall import not_by_pod, shortfall
from serinus.resource.label_terms import VERSION_PLACEHOLDER
from serinus.resource.objective import Objective
from serinus.resource.spec import Spec
from serinus.servers.preset import ingredients_of
from serinus.signals.compile import Tracks
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels
from serinus.signals.signal import Attributed, Signal, signal_of

DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Whose past it is."""

    namespace: str
    name: str
    labels: ScrapeLabels = KUBERNETES_LABELS

    def tracks(self, served_name: str | None = None) -> Tracks:
        """Return all pods of all its revisions."""
        return Tracks(
            namespace=self.namespace,
            model=self.name,
            stable=ANY_REVISION,
            canary=ANY_REVISION,
            labels=self.labels,
            served_name=served_name,
            versions=(VERSION_PLACEHOLDER, VERSION_PLACEHOLDER),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A policy's objectives on the pseudo-rollouts of some days."""

    spec: Spec
    course: Course
    days: float
    splits: tuple[Split, ...]
    cuts: Cuts
    incidents: tuple[Stretch, ...]
    """Those that were named."""
    trials: tuple[Trial, ...]
    past: tuple[tuple[Objective, Frames], ...]
    """What was counted of each objective, be it by pod or not."""
    left_out: tuple[str, ...] = ()
    """Titles of objectives that can't be told apart by pod."""

    @property
    def shortfall(self) -> str:
        """What is missing for a calibration, "" if it is enough."""
        if self.left_out:
            return not_by_pod(self.left_out)
        if not self.past:
            return "no objective is judged by evidence"
        stretches = len({each.first_minute for each in self.splits})
        return shortfall(len(self.splits), stretches, self.cuts, self.course.minutes)

    def expected(
        self, calibrated_to_fail: float | None, recent_minutes: int = RECENT_MINUTES
    ) -> str:
        """Return when a regression would show, by the threshold that is in force then."""
        rollout = self.spec.rollout
        rates = ErrorRates(
            false_rollback=rollout.alpha,
            false_promote=rollout.beta,
            calibrated_to_fail=calibrated_to_fail,
            duration=known_duration(rollout),
        )
        to_fail = rates.to_fail_alone(-log(max(1, len(bet_on(self.spec)))), minutes=0)
        known = {each.objective: float(each.dispersion[-1]) for each in self.trials}
        now = [known.get(objective, GUESSED.dispersion) for objective, _ in self.past]
        return expected(self.past, self.course.weights_percent, to_fail, now, recent_minutes)

    def evidence(self, trials: Sequence[Trial] | None = None) -> Nats:
        """Return all evidence against each canary: (minutes, pseudo-rollouts)."""
        those = self.trials if trials is None else trials
        return evidence_of(those, self.course, first_parts(self.spec))


async def replayed(
    model: Model,
    spec: Spec,
    metrics: MetricsReader,
    until: datetime,
    *,
    days: float = DAYS,
    incidents: Sequence[Stretch] = (),
) -> Replayed:
    """Return a policy on all the pseudo-rollouts that some days have room for.

    Incidents are cut out, those that the policy names and others.

    Raises:
        OutsideUnavailable, QueryRefused: as the metrics reader has it.
    """
    course, since = course_of(spec.rollout), until - timedelta(days=days)
    counted = await _counted(model, spec, metrics, since, until)
    past = [(objective, frames) for objective, frames in counted if frames is not None]
    by_pod = [(objective, frames) for objective, frames in past if frames.are_of_pods]
    named = (*(each.unix_seconds for each in spec.rollout.incidents), *incidents)
    those, cuts = _split(by_pod, course, model, named)
    return Replayed(
        spec=spec,
        course=course,
        days=days,
        splits=those,
        cuts=cuts,
        incidents=named,
        trials=tuple(_trials(by_pod, those, course)),
        past=tuple(past),
        left_out=tuple(each.title for each, frames in counted if not _is_by_pod(frames)),
    )


async def _counted(
    model: Model, spec: Spec, metrics: MetricsReader, since: datetime, until: datetime
) -> list[tuple[Objective, Frames | None]]:
    tracks = model.tracks(spec.model.name)
    signals = {each: _signal(each, spec, tracks) for each in deciding(spec)}
    return [
        (objective, await _frames(signal, tracks, metrics, since, until))
        for objective, signal in signals.items()
    ]


async def _frames(
    signal: Signal, tracks: Tracks, metrics: MetricsReader, since: datetime, until: datetime
) -> Frames | None:
    counted = countable(signal)
    if counted is None:
        return None
    frames = await frames_of(counted, tracks, metrics, since, until)
    return replace(frames, are_outcomes=isinstance(signal, Attributed))


def _is_by_pod(frames: Frames | None) -> bool:
    return frames is not None and frames.are_of_pods


def _signal(objective: Objective, spec: Spec, tracks: Tracks) -> Signal:
    ingredients = ingredients_of(spec.model.server, spec.metrics.source)
    return signal_of(objective, ingredients, tracks)


def _split(
    counted: Sequence[tuple[Objective, Frames]],
    course: Course,
    model: Model,
    incidents: Sequence[Stretch],
) -> tuple[tuple[Split, ...], Cuts]:
    """Which pods there were is read off the objective that most of them show."""
    if not counted:
        return (), Cuts(deploys=0, single=0, incidents=0, empty=0)
    _, frames = max(counted, key=lambda each: len(each[1].pods))
    return splits(frames, course, model.name, incidents)


def _trials(
    counted: Sequence[tuple[Objective, Frames]], those: Sequence[Split], course: Course
) -> list[Trial]:
    """Pods that an objective does not show have nothing to count."""
    if not counted or not those:
        return []
    _, reference = max(counted, key=lambda each: len(each[1].pods))
    return [
        trial_of(objective, aligned(frames, reference.pods), those, course)
        for objective, frames in counted
    ]


def aligned(frames: Frames, pods: tuple[str, ...]) -> Frames:
    """Return frames with the rows of these pods, in their order."""
    if frames.pods == pods:
        return frames
    total = np.full((len(pods), frames.total.shape[1]), np.nan)
    bad = np.full((len(pods), *frames.bad.shape[1:]), np.nan)
    for row, pod in enumerate(pods):
        if pod in frames.pods:
            total[row] = frames.total[frames.pods.index(pod)]
            bad[row] = frames.bad[frames.pods.index(pod)]
    return replace(frames, pods=pods, total=total, bad=bad)
