"""Large shares without a percent sign: "0.5" is half of all requests, and "0.5%" may be meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from serinus.resource.objective import Kind, Objective
from serinus.resource.quantities import parse_share
from serinus.resource.segments import whole_of

LARGE = 0.1
"""Fewer are a limit that somebody may well have: "0.01" is a way to write 1 %."""


def bare_shares(objectives: Iterable[Objective]) -> tuple[str, ...]:
    """Return what to tell about each, once for all segments of an objective."""
    told = (words for each in objectives if each.kind is Kind.SHARE for words in _of(each))
    return tuple(dict.fromkeys(told))


def _of(objective: Objective) -> Iterator[str]:
    margin = objective.worse_than_stable
    fields = {"limit": objective.limit, "worseThanStable.by": margin.by if margin else None}
    for field, text in fields.items():
        if text and "%" not in text and (share := parse_share(text)) >= LARGE:
            meant = f'if {text} % is meant, write "{text}%"'
            yield f'{whole_of(objective.title)}: {field} "{text}" is {100 * share:g} %; {meant}'
