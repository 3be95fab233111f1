"""Answers of the stub: a selector with a range gives raw samples, one without gives the newest."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from serinus.resource.quantities import parse_duration
from serinus.servers.selectors import Selector, read_selector
from serinus.signals.series import Series

LOOKBACK_SECONDS = 300.0
"""How old the newest sample may be, as in Prometheus."""
_RANGE = re.compile(r"(?P<selector>.*?)\s*\[(?P<range>[0-9a-z]+)\]\s*", re.DOTALL)


def answer(series: Sequence[Series], query: str, at: float) -> dict[str, Any]:
    """Return the `data` of an answer.

    Raises:
        ValueError: if the query is anything but a selector, with or without a range.
    """
    ranged = _RANGE.fullmatch(query)
    if ranged is None:
        newest = _newest(series, read_selector(query), at)
        return {"resultType": "vector", "result": list(newest)}
    seconds = parse_duration(ranged["range"])
    samples = _samples(series, read_selector(ranged["selector"]), at - seconds, at)
    return {"resultType": "matrix", "result": list(samples)}


def _samples(
    series: Sequence[Series], selector: Selector, since: float, until: float
) -> Iterator[dict[str, Any]]:
    """The window is open at its start, as in Prometheus 3."""
    for one in series:
        if selector.accepts(one.labels):
            values = [[at, f"{value:.17g}"] for at, value in one.samples if since < at <= until]
            if values:
                yield {"metric": dict(one.labels), "values": values}


def _newest(series: Sequence[Series], selector: Selector, at: float) -> Iterator[dict[str, Any]]:
    for each in _samples(series, selector, at - LOOKBACK_SECONDS, at):
        yield {"metric": each["metric"], "value": [at, each["values"][-1][1]]}
