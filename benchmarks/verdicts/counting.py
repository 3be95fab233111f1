"""Counts traces with the operator's own code, as it does from raw samples of Prometheus."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.verdicts.counters import CANARY, NAMESPACE, SCRAPE_SECONDS, STABLE, Trace
from benchmarks.verdicts.counts import Counts
from serinus.signals.blocks import Due
from serinus.signals.counts import grown, hear
from serinus.signals.series import KUBERNETES_LABELS, Answer, Series
from serinus.signals.tallies import SharedEvents
from serinus.signals.tally import Tally


def counted(trace: Trace, start: float, looks: int, look_seconds: int) -> list[Counts]:
    """Return what the operator counts in each look, one run in each array."""
    return [
        _counted(
            trace,
            Due(
                since=start + number * look_seconds,
                until=start + (number + 1) * look_seconds,
                spacing_seconds=look_seconds,
                scrape_interval_seconds=SCRAPE_SECONDS,
                interval_seconds=look_seconds,
            ),
        )
        for number in range(looks)
    ]


def _counted(trace: Trace, due: Due) -> Counts:
    canary, stable = (_tally(trace, due, revision) for revision in (CANARY, STABLE))
    return Counts(
        canary=np.array([canary.total]),
        canary_bad=np.array([canary.bad]),
        stable=np.array([stable.total]),
        stable_bad=np.array([stable.bad]),
    )


def _tally(trace: Trace, due: Due, revision: str) -> Tally:
    since = due.until - due.window_seconds
    totals, ups = (
        Answer(_within(those, since, due.until)).of_pods(
            NAMESPACE, f"fraud-{revision}-", KUBERNETES_LABELS
        )
        for those in (trace.counters, trace.ups)
    )
    young = frozenset(pod for pod, at in trace.pods_started_at.items() if at > since)
    heard = hear(totals, ups, young_pods=young, pod_label="pod", spacing_seconds=SCRAPE_SECONDS)
    errors = [one for one in totals if one.labels["code"] == "500"]
    events = SharedEvents(total=grown(totals, heard), marked=grown(errors, heard))
    return events.tally(due.since, due.until) or Tally()


def _within(series: Sequence[Series], since: float, until: float) -> list[Series]:
    """What a range selector answers."""
    cut = (
        Series(labels=one.labels, samples=tuple(s for s in one.samples if since < s[0] <= until))
        for one in series
    )
    return [one for one in cut if one.samples]
