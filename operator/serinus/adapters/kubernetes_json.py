"""What the API server says, read so that no object in it can be nested too deeply for us.

It stores what is nested 10,000 levels deep. json.loads gives up on that, after another number of
levels in each Python and whatever the recursion limit is in some; so do copies, of kopf's too, and
json.dumps, sooner. An answer that one object spoils is lost for all that are in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from serinus.resource.depth import DEEPEST_SPEC, is_deeper

DEEPEST = 2 * DEEPEST_SPEC
"""Levels that are kept of an answer; a spec is four down in a list, so one that is cut is invalid.

A copy takes two frames a level, of the thousand that Python allows.
"""
CUT = '"(nested too deeply)"'

_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{}]', re.DOTALL)
"""A bracket, or a string as a whole: brackets in it open nothing. Nothing is tried twice."""


def read_json(text: str | bytes, *, deepest: int = DEEPEST) -> Any:
    """Return what json.loads does, but what is beneath so many levels as a word that says so.

    Raises:
        ValueError: it is no JSON.
    """
    written = text.decode() if isinstance(text, bytes) else text
    with suppress(RecursionError):
        value = json.loads(written)
        # Going through takes as long as reading, and most that comes has too little to be deep.
        has_few = written.count("{") + written.count("[") <= deepest
        if has_few or not is_deeper(value, deepest):
            return value
    return json.loads("".join(_shallow(written, deepest)))


def _shallow(text: str, deepest: int) -> Iterator[str]:
    """Give the text in pieces, without what is beneath so many levels."""
    depth = kept_from = 0
    for token in _TOKEN.finditer(text):
        if token[0] in "{[":
            depth += 1
            if depth == deepest + 1:
                yield text[kept_from : token.start()]
        elif token[0] in "}]":
            if depth == deepest + 1:
                yield CUT
                kept_from = token.end()
            depth -= 1
    if depth <= deepest:
        yield text[kept_from:]
