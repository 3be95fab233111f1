"""PromQL series selectors: told apart from other expressions, and matched against labels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_STRING = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
_MATCHER = re.compile(rf"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*({_STRING})\s*(?:,|$)")
_SELECTOR = re.compile(rf"\s*({_NAME})?\s*(?:\{{((?:[^{{}}\"'`]|{_STRING})*)\}})?\s*")
_PEEL = re.compile(r"\s*(?:sum\s*)?\((.*)\)\s*", re.DOTALL)

OR_NONE = "=?"
"""Of a value, or without the label: a condition of ours, which PromQL writes as a pattern."""
_IS_MATCH: Mapping[str, Callable[[str, str], bool]] = {
    "=": lambda value, wanted: value == wanted,
    "!=": lambda value, wanted: value != wanted,
    "=~": lambda value, wanted: re.fullmatch(wanted, value) is not None,
    "!~": lambda value, wanted: re.fullmatch(wanted, value) is None,
    OR_NONE: lambda value, wanted: value in {"", wanted},
}


def shown_label(labels: Mapping[str, str], name: str) -> str:
    """Return a label as the server showed it.

    Prometheus renames it where a label of the target has the same name.
    """
    return labels.get(f"exported_{name}", labels.get(name, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """One condition on a label; a label that is not there is an empty one."""

    label: str
    operator: str
    wanted: str

    def accepts(self, labels: Mapping[str, str]) -> bool:
        """Return whether a series with these labels meets the condition."""
        return _IS_MATCH[self.operator](shown_label(labels, self.label), self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """A metric's name and conditions on its labels."""

    name: str
    matchers: tuple[Matcher, ...] = ()

    def accepts(self, labels: Mapping[str, str]) -> bool:
        """Return whether a series with these labels is selected."""
        return labels.get("__name__") == self.name and all(
            matcher.accepts(labels) for matcher in self.matchers
        )

    def narrowed(self, label: str, value: str) -> Selector:
        """Return one of a label's value, and of what has no such label."""
        own = Matcher(label=label, operator=OR_NONE, wanted=value)
        return replace(self, matchers=(*self.matchers, own))


def read_selector(text: str) -> Selector:
    """Return a selector that begins with a metric's name.

    Raises:
        ValueError: if the text is none.
    """
    found = _SELECTOR.fullmatch(text)
    if found is None or not found[1]:
        raise ValueError(f'{text!r} is no selector such as requests_total{{code="500"}}')
    matchers = _read_matchers(found[2] or "")
    if matchers is None:
        raise ValueError(f"{text!r} holds what is no label matcher")
    return Selector(name=found[1], matchers=matchers)


def read_matchers(text: str) -> tuple[Matcher, ...]:
    """Return what any selector asks of a series, its name included.

    Raises:
        ValueError: if the text is none.
    """
    found = _SELECTOR.fullmatch(text)
    matchers = _read_matchers(found[2] or "") if found and text.strip() else None
    if found is None or matchers is None:
        raise ValueError(f"{text!r} is no series selector")
    named = (Matcher(label="__name__", operator="=", wanted=found[1]),) if found[1] else ()
    return (*named, *matchers)


def _read_matchers(text: str) -> tuple[Matcher, ...] | None:
    matchers, position = [], 0
    while text[position:].strip():
        found = _MATCHER.match(text, position)
        if found is None:
            return None
        label, operator, quoted = found.groups()
        matchers.append(Matcher(label=label, operator=operator, wanted=_unquoted(quoted)))
        position = found.end()
    return tuple(matchers)


def _unquoted(quoted: str) -> str:
    if quoted[0] == '"':
        try:
            return str(json.loads(quoted))
        except ValueError:
            return quoted[1:-1]
    return quoted[1:-1]


def summed_selector(expression: str) -> str | None:
    """Return the selector in `sum(<selector>)` or in a bare selector, None for all else.

    Only what adds series up without weighing them can be counted from raw samples.
    """
    while not _is_selector(expression):
        peeled = _PEEL.fullmatch(expression)
        if peeled is None:
            return None
        expression = peeled[1]
    return expression.strip()


def _is_selector(text: str) -> bool:
    found = _SELECTOR.fullmatch(text)
    if found is None or not text.strip():
        return False
    return found[2] is None or _read_matchers(found[2]) is not None
