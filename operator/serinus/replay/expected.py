"""When a regression would show: told by the traffic of the past, before a rollout begins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from serinus.evidence.eta import Course, eta_seconds
from serinus.evidence.margins import LEAST_MARGIN
from serinus.evidence.wording import plain, points, samples_noun, stretch
from serinus.replay.frames import Frames
from serinus.resource.objective import Kind, Objective

RECENT_MINUTES = 24 * 60
"""Traffic has a daily cycle: its mean over the last one, or over what there was of it."""
LONGEST_TEXT = 2000
"""The status takes no longer ones."""
LONGER_THAN_ANYBODY_WAITS_SECONDS = 30 * 24 * 3600.0


def expected(
    past: Sequence[tuple[Objective, Frames]],
    weights_percent: Sequence[int],
    to_fail: float,
    dispersions: Sequence[float],
    recent_minutes: int = RECENT_MINUTES,
) -> str:
    """Return a sentence for each objective that is a share, "" where nothing can be told.

    Args:
        past: what was counted of each objective.
        weights_percent: of the canary, step by step.
        to_fail: logarithm of the evidence that one objective alone would fail by.
        dispersions: of each objective, as they are now.
        recent_minutes: whose traffic it is told by.
    """
    sentences = (
        _sentence(objective, _recent(frames, recent_minutes), weights_percent, to_fail, dispersion)
        for (objective, frames), dispersion in zip(past, dispersions, strict=True)
    )
    return "; ".join(text for text in sentences if text)[:LONGEST_TEXT]


def _recent(frames: Frames, minutes: int) -> Frames:
    recent = slice(-minutes, None)
    return replace(
        frames,
        until=frames.until[recent],
        total=frames.total[:, recent],
        bad=frames.bad[:, recent],
    )


def _sentence(
    objective: Objective,
    frames: Frames,
    weights_percent: Sequence[int],
    log_threshold: float,
    dispersion: float,
) -> str:
    margin = objective.tested_margin_number
    if objective.kind is not Kind.SHARE or margin is None:
        return ""
    served = np.isfinite(frames.total).any(axis=0)
    total, bad = (np.nan_to_num(each) for each in (frames.total, frames.bad))
    if not total.sum():
        return f"{objective.title}: no traffic in the last {stretch(60 * len(frames.until))}"
    per_second = float(total.sum()) / float(60 * served.sum())
    least = max(LEAST_MARGIN, margin)
    course = Course(
        per_second=per_second,
        weight=0.0,
        base=float(bad[:, :, 0].sum() / total.sum()),
        excess=least,
        margin=least,
        log_threshold=log_threshold,
        dispersion=dispersion,
    )
    rate = f"{plain(float(f'{per_second:.2g}'))} {samples_noun(objective)}/s"
    what = f"{objective.title}: at {rate} a {points(least).split()[0]}-point regression"
    times = list(_times(course, weights_percent))
    return f"{what} shows in about {', '.join(times)}" if times else f"{what} would not show"


def _times(course: Course, weights_percent: Sequence[int]) -> Iterator[str]:
    for weight in weights_percent:
        seconds = eta_seconds(replace(course, weight=weight / 100))
        if seconds is not None and seconds < LONGER_THAN_ANYBODY_WAITS_SECONDS:
            yield f"{stretch(seconds)} at {weight} %"
