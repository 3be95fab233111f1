"""Outcomes: what turned out to be true, told of the version that predicted, however late."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from math import prod
from threading import Lock
from typing import Any, NamedTuple, Protocol

from serinus_sdk.distribution import PLAIN, category_of, is_missing, scalar_of
from serinus_sdk.exposition import is_multiprocess

OTHER = "(other)"
"""A segment's value that was not declared."""
SHOWN_FROM_START = 50
"""A series born with its first outcome may hide it; where there are more, they are born late."""


class Said(NamedTuple):
    """A prediction that waits for its truth."""

    prediction: Any
    version: str
    segments: tuple[str, ...]


class Remembering(Protocol):
    """What remembers predictions until their truth is told."""

    def add(self, identity: str, said: Said) -> None:
        """Remember a prediction; one of the same id is forgotten, and the oldest of too many."""

    def pop(self, identity: str) -> Said | None:
        """Return a prediction and forget it, so that a truth told twice counts once."""

    def forget(self) -> None:
        """Begin anew in a forked child."""


class Remembered:
    """The newest predictions of a process by their ids, bounded in number; safe under threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._said: OrderedDict[str, Said] = OrderedDict()
        self._lock = Lock()

    def add(self, identity: str, said: Said) -> None:
        """Remember a prediction; the oldest goes where there are too many."""
        with self._lock:
            self._said[identity] = said
            self._said.move_to_end(identity)
            if len(self._said) > self._most:
                self._said.popitem(last=False)

    def pop(self, identity: str) -> Said | None:
        """Return a prediction and forget it, so that a truth told twice counts once."""
        with self._lock:
            return self._said.pop(identity, None)

    def forget(self) -> None:
        """Begin anew in a forked child, on a lock of its own."""
        self._lock = Lock()
        self._said = OrderedDict()


def remembering(most: int, model: str, segments: Sequence[str]) -> Remembering:
    """Return what remembers the newest predictions of a model in this process, or in all workers.

    Args:
        most: predictions that are remembered.
        model: its name, where there are several.
        segments: the names of labels that outcomes are told apart by.
    """
    if not is_multiprocess():
        return Remembered(most)
    from serinus_sdk.together import RememberedTogether  # noqa: PLC0415 - not all systems have it

    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"]
    return RememberedTogether(folder, most, segments, model)


class Segments:
    """The labels that outcomes are told apart by, each with the values that were declared."""

    def __init__(self, declared: Mapping[str, Sequence[Any]], model: str) -> None:
        """Declare them, for a model with a name or without.

        Raises:
            TypeError: values that are a text: it would be one for each of its letters.
            ValueError: a label that a model with a name has already.
        """
        if model and "model" in declared:
            raise ValueError("a segment can't be called model: that label names the model")
        if texts := [name for name, values in declared.items() if isinstance(values, str)]:
            raise TypeError(f"segments of {', '.join(texts)} are a list of values")
        self._declared = {name: frozenset(map(str, values)) for name, values in declared.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names."""
        return tuple(self._declared)

    @property
    def combinations(self) -> Iterable[tuple[str, ...]]:
        """All that there can be, as long as they are few enough to be shown from the start."""
        values = [[*sorted(known), OTHER] for known in self._declared.values()]
        return product(*values) if prod(map(len, values)) <= SHOWN_FROM_START else ()

    def values_of(self, given: Mapping[str, Any] | None) -> tuple[str, ...]:
        """Return a value for each label; one that was not declared is `(other)`."""
        if not self._declared:
            return ()
        there = given or {}
        values = ((str(there.get(name)), known) for name, known in self._declared.items())
        return tuple(value if value in known else OTHER for value, known in values)


def plain(value: Any) -> Any:
    """Return a scalar of numpy as Python has it, and anything else as it is."""
    if value.__class__ in PLAIN:
        return value
    try:
        return scalar_of(value)
    except (TypeError, ValueError, RuntimeError):
        return value


def as_text(value: Any) -> str:
    """Return an id or a class as text: 7, 7.0 and "7" are one, whoever wrote it down."""
    return value if value.__class__ is str else category_of(plain(value))


Correct = Callable[[Any, Any], bool]


def is_same(prediction: Any, truth: Any) -> bool:
    """Return whether a prediction is the truth, as classes are; a null one never is."""
    return not is_missing(prediction) and as_text(prediction) == as_text(truth)


def within(tolerance: float) -> Correct:
    """Return what calls a number right that is this near to the truth."""
    return lambda prediction, truth: (
        not is_missing(prediction) and abs(float(prediction) - float(truth)) <= tolerance
    )
