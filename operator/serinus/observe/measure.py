"""Measure: fetch what is due and close blocks; what is missing is told, not guessed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.evidence.ledger import Ledger
from serinus.observe.fetch import Answers, Fetch
from serinus.observe.watch import Open, Watch, close_blocks, due_fetches, open_objectives
from serinus.signals.blocks import LOOKBACK_SCRAPES, objective_key
from serinus.signals.series import Series


class MetricsReader(Protocol):
    """What measuring needs of Prometheus."""

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return the raw samples of a series selector in the window that ends at a time.

        Raises:
            OutsideUnavailable: no answer, or one that is no answer.
            QueryRefused: the query can't be evaluated.
        """

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return an expression's values on a grid of times, both ends included.

        Raises:
            OutsideUnavailable: no answer, or one that is no answer.
            QueryRefused: the query can't be evaluated.
        """


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


Failure = OutsideUnavailable | QueryRefused


async def measure(watch: Watch | None, metrics: MetricsReader) -> Measured:
    """Fetch what is due and return the ledger with the blocks that could be closed.

    Without anything to watch there is no evidence. Prometheus' failures are told, never raised.
    """
    if watch is None:
        return Measured()
    opened = open_objectives(watch)
    fetches = due_fetches(opened)
    replies = await asyncio.gather(*(_ask(metrics, fetch) for fetch in fetches))
    answers: dict[Fetch, Sequence[Series]] = {}
    failures: dict[Fetch, Failure] = {}
    for fetch, reply in zip(fetches, replies, strict=True):
        if isinstance(reply, Failure):
            failures[fetch] = reply
        else:
            answers[fetch] = reply
    new_blocks = close_blocks(opened, answers)
    ledger = watch.extended(watch.current_ledger, new_blocks)
    troubles = _troubles(opened, ledger, answers, failures)
    return Measured(
        ledger=ledger,
        troubles=troubles,
        failures=frozenset(each.key for each in opened if _failure(each, failures)),
        trouble=_in_one_sentence(watch, troubles),
    )


async def _ask(metrics: MetricsReader, fetch: Fetch) -> tuple[Series, ...] | Failure:
    until = datetime.fromtimestamp(fetch.until, UTC)
    try:
        if fetch.step_seconds is None:
            return await metrics.raw(fetch.query, fetch.window_seconds, until)
        since = datetime.fromtimestamp(fetch.until - fetch.window_seconds, UTC)
        return await metrics.evaluate(fetch.query, since, until, fetch.step_seconds)
    except (OutsideUnavailable, QueryRefused) as failure:
        return failure


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
    silence = f"{each.counting.silence(answers)}{each.advice}"
    return f"no data from the canary since {since:%H:%M:%S}: {silence}"


def _in_one_sentence(watch: Watch, troubles: Mapping[str, str]) -> str:
    titles: dict[str, list[str]] = {}
    for objective in watch.objectives:
        if trouble := troubles.get(objective_key(objective)):
            titles.setdefault(trouble, []).append(objective.title)
    return "; ".join(f"{', '.join(names)}: {trouble}" for trouble, names in titles.items())
