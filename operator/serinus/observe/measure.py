"""Measure: fetch what is due and close blocks; what is missing is told, not guessed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serinus.evidence.ledger import Ledger
from serinus.observe.ask import Failure, MetricsReader, ask_all
from serinus.observe.fetch import Answers, Fetch
from serinus.observe.past import known_variations
from serinus.observe.watch import Open, Watch, close_blocks, count, due_fetches, open_objectives
from serinus.signals.blocks import LOOKBACK_SCRAPES, objective_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The ledger with what could be counted, and why there is no more."""

    ledger: Ledger = field(default_factory=Ledger)
    troubles: Mapping[str, str] = field(default_factory=dict)
    """Why an objective has no fresh evidence, by its key; none where all is well."""
    failures: frozenset[str] = frozenset()
    """Keys of those whose query failed; the others are answered, with nothing."""
    trouble: str = ""
    """The same in one sentence that names the objectives, "" when all is well."""


async def measure(watch: Watch | None, metrics: MetricsReader) -> Measured:
    """Fetch what is due and return the ledger with the blocks that could be closed.

    Without anything to watch there is no evidence. Prometheus' failures are told, never raised.
    """
    if watch is None:
        return Measured()
    opened = open_objectives(watch)
    variations, (answers, failures) = await asyncio.gather(
        known_variations(watch, metrics), ask_all(metrics, due_fetches(opened))
    )
    counted = count(opened, answers)
    ledger = watch.current_ledger.knowing(variations)
    ledger = watch.extended(ledger, close_blocks(opened, counted))
    doubts = {key: each.doubt.message for key, each in counted.items() if each.doubt}
    failed = _failed(opened, failures)
    troubles = _silences(opened, ledger, answers) | doubts | failed
    return Measured(
        ledger=ledger,
        troubles=troubles,
        failures=frozenset(failed),
        trouble=_in_one_sentence(watch, troubles),
    )


def _failed(opened: Sequence[Open], failures: Mapping[Fetch, Failure]) -> dict[str, str]:
    return {
        each.key: str(failures[fetch])
        for each in opened
        for fetch in reversed(each.counting.fetches)  # the first one that failed tells
        if fetch in failures
    }


def _silences(opened: Sequence[Open], ledger: Ledger, answers: Answers) -> dict[str, str]:
    answered = (e for e in opened if all(fetch in answers for fetch in e.counting.fetches))
    silences = {each.key: _silence(each, ledger, answers) for each in answered}
    return {key: silence for key, silence in silences.items() if silence}


def _silence(each: Open, ledger: Ledger, answers: Answers) -> str:
    """Why nothing new came for longer than a few scrapes may take."""
    since = ledger.until(each.key) or ledger.begun[each.key]
    waited_seconds = each.due.until - since.timestamp()
    patience_seconds = max(
        LOOKBACK_SCRAPES * each.due.scrape_interval_seconds, 2 * each.due.spacing_seconds
    )
    if waited_seconds <= patience_seconds:
        return ""
    return f"no data from the canary since {since:%H:%M:%S}: {each.counting.silence(answers)}"


def _in_one_sentence(watch: Watch, troubles: Mapping[str, str]) -> str:
    titles: dict[str, list[str]] = {}
    for objective in watch.objectives:
        if trouble := troubles.get(objective_key(objective)):
            titles.setdefault(trouble, []).append(objective.title)
    return "; ".join(f"{', '.join(names)}: {trouble}" for trouble, names in titles.items())
