"""Measure: fetch what is due and close blocks; what is missing is told, not guessed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from serinus.evidence.ledger import Ledger
from serinus.observe.ask import Failure, MetricsReader, ask_all
from serinus.observe.fetch import Answers, Fetch
from serinus.observe.past import known_variations
from serinus.observe.watch import Open, Watch, close_blocks, due_fetches, open_objectives
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
    new_blocks = close_blocks(opened, answers)
    ledger = watch.extended(watch.current_ledger.knowing(variations), new_blocks)
    troubles = _troubles(opened, ledger, answers, failures)
    return Measured(
        ledger=ledger,
        troubles=troubles,
        failures=frozenset(each.key for each in opened if _failure(each, failures)),
        trouble=_in_one_sentence(watch, troubles),
    )


def _troubles(
    opened: Sequence[Open], ledger: Ledger, answers: Answers, failures: Mapping[Fetch, Failure]
) -> dict[str, str]:
    troubles: dict[str, str] = {}
    for each in opened:
        failure = _failure(each, failures)
        trouble = str(failure) if failure else _silence(each, ledger, answers)
        if trouble:
            troubles[each.key] = trouble
    return troubles


def _failure(each: Open, failures: Mapping[Fetch, Failure]) -> Failure | None:
    return next((failures[fetch] for fetch in each.counting.fetches if fetch in failures), None)


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
