"""The past of the stable pods: asked once a rollout, for how much their counts vary."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from math import floor

from serinus.evidence.terms import is_bet_on
from serinus.evidence.variation import Variation, measured_variation
from serinus.observe.ask import MetricsReader, ask_all
from serinus.observe.fetch import Answers, Fetch
from serinus.observe.minutes import MINUTE_SECONDS, Past, split_of
from serinus.observe.watch import Watch, stable_signal
from serinus.signals.blocks import objective_key
from serinus.signals.compile import Counted, Timed, of_pods_query
from serinus.signals.part import Part
from serinus.signals.series import ScrapeLabels, Series
from serinus.signals.signal import Binned, Signal

PAST_SECONDS = 4 * 3600.0
"""On a grid of minutes that is far below the 11,000 points which Prometheus gives of a series."""
MOST_PODS = 20
"""Those that serve longest; more of them would not tell much more."""
ONE_POD = "stable has one pod, which can't be split in two"
NO_PAST = "at least two stable pods have to have counted something before"
NO_PODS_OF_ITS_OWN = "what tells of it can't be told apart by pod"


async def known_variations(watch: Watch, metrics: MetricsReader) -> Mapping[str, Variation]:
    """Return how much each objective's counts vary, the past asked for those nobody knows yet.

    It ends where the canary's traffic begins, so that a restarted operator reads the same. What
    can't be had now is asked again; meanwhile the bets rest on a guess.
    """
    known = watch.current_ledger.variations
    unknown = {
        objective_key(each): each
        for each in watch.objectives
        if is_bet_on(each) and objective_key(each) not in known
    }
    pods = _longest_serving(watch)
    if not unknown or not pods or not watch.is_bet_on:
        return known
    if len(pods) == 1:
        return {**known, **dict.fromkeys(unknown, Variation(trouble=ONE_POD))}
    signals = {k: s for k, each in unknown.items() if (s := stable_signal(watch, each))}
    fetches = {
        part: _fetch(watch, part, pods) for each in signals.values() for part in _parts(each)
    }
    try:
        async with asyncio.timeout(watch.patience_seconds):
            answers, _ = await ask_all(metrics, tuple(dict.fromkeys(fetches.values())))
    except TimeoutError:
        return known
    answered = {
        digest: each
        for digest, each in signals.items()
        if all(fetches[part] in answers for part in _parts(each))
    }
    return {
        **known,
        **await asyncio.to_thread(_measured, answered, fetches, answers, watch.labels),
    }


def _longest_serving(watch: Watch) -> tuple[str, ...]:
    prefix = watch.tracks.prefix(watch.stable)
    of_stable = [(at, pod) for pod, at in watch.pods_started_at.items() if pod.startswith(prefix)]
    return tuple(sorted(pod for _, pod in sorted(of_stable)[:MOST_PODS]))


def _parts(signal: Signal) -> tuple[Part, ...]:
    """Return what is asked for; nothing where a proxy or an expression tells of no pod."""
    match signal:
        case Counted():
            parts = (*signal.total, *signal.marked)
        case Timed():
            parts = signal.parts
        case Binned():
            parts = (signal.seen,)
        case _:
            parts = ()
    return () if any(each.workload for each in parts) else parts


def _fetch(watch: Watch, part: Part, pods: Sequence[str]) -> Fetch:
    return Fetch(
        query=of_pods_query(part.query, watch.tracks, pods),
        window_seconds=PAST_SECONDS,
        until=floor(watch.evidence_since.timestamp() / MINUTE_SECONDS) * MINUTE_SECONDS,
        step_seconds=MINUTE_SECONDS,
    )


def _measured(
    signals: Mapping[str, Signal],
    fetches: Mapping[Part, Fetch],
    answers: Answers,
    labels: ScrapeLabels,
) -> dict[str, Variation]:
    measured = {}
    for digest, signal in signals.items():
        answered = {part: answers[fetches[part]] for part in _parts(signal)}
        measured[digest] = _variation(signal, answered, fetches, labels)
    return measured


def _variation(
    signal: Signal,
    answered: Mapping[Part, Sequence[Series]],
    fetches: Mapping[Part, Fetch],
    labels: ScrapeLabels,
) -> Variation:
    if not isinstance(signal, Counted | Timed | Binned) or not answered:
        return Variation(trouble=NO_PODS_OF_ITS_OWN)
    until = next(fetches[part].until for part in answered)
    past = Past(until=until, minutes=round(PAST_SECONDS / MINUTE_SECONDS), labels=labels)
    split, pods = split_of(signal, answered, past)
    if split is None:
        return Variation(trouble=NO_PAST)
    return measured_variation(split, pods)
