"""Watch a function that predicts: its rows, its predictions, its errors and how long it took."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from inspect import isasyncgenfunction, iscoroutinefunction, isgeneratorfunction
from time import perf_counter
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])
Tell = Callable[[Any, Any], None]
"""Takes the rows and the predictions of a call."""
CountRequest = Callable[[int, float], None]
"""Takes the status of a request and the seconds it took."""

LOG = logging.getLogger("serinus_sdk")

CALLER_LEFT = 499
"""The status, as nginx has it, of a request whose caller did not wait for the answer."""

COUNTED_BY_MIDDLEWARE: ContextVar[tuple[CountRequest, ...]] = ContextVar(
    "serinus_counted_by_middleware", default=()
)
"""Of which models the request at hand is counted: their watched functions need not do so again."""


class Watched:
    """One call, counted as a request when it ends, unless a middleware counts it."""

    __slots__ = ("_count", "_started")

    def __init__(self, count: CountRequest) -> None:
        self._count = count

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if self._count not in COUNTED_BY_MIDDLEWARE.get():
            seconds = perf_counter() - self._started
            self._count(200 if error is None else status_of(error), seconds)


def status_of(error: BaseException) -> int:
    """Return the status that an error means to the caller, as web frameworks name it."""
    if isinstance(error, CancelledError):
        return CALLER_LEFT
    status = getattr(error, "status_code", 500)
    return status if isinstance(status, int) else 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the rows and the predictions of a call are found."""

    rows: Callable[..., Any] | None
    """From the function's arguments to the rows; by default the last positional one."""
    prediction: Callable[[Any], Any] | None
    """From what it returns to the predictions; by default just that."""

    def of(self, answer: Any, args: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, Any]:
        """Return the rows and the predictions of a call."""
        if self.rows is not None:
            rows = self.rows(*args, **named)
        else:
            rows = args[-1] if args else next(iter(named.values()))
        return rows, answer if self.prediction is None else self.prediction(answer)


class Telling:
    """Tells of the calls of one function; the answer is the caller's, whatever goes wrong here."""

    def __init__(self, tell: Tell, reading: Reading, name: str) -> None:
        self._tell, self._reading, self._name = tell, reading, name
        self._known: set[type[Exception]] = set()

    def of(self, answer: Any, args: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Count the rows and the predictions of a call; each kind of fault is logged once."""
        try:
            self._tell(*self._reading.of(answer, args, named))
        except Exception as fault:
            if type(fault) not in self._known:
                self._known.add(type(fault))
                told = "rows of %s can't be counted, and more like this is not told again: %r"
                LOG.warning(told, self._name, fault, exc_info=True)


def _refuse_what_yields(function: Function, name: str) -> None:
    """It has returned before anything happens, so that no error of it would be seen."""
    if isgeneratorfunction(function) or isasyncgenfunction(function):
        raise TypeError(
            f"{name} yields: watch what makes its predictions, or call record and record_request "
            "at its end"
        )


def watching(
    function: Function, tell: Tell, count_request: CountRequest, reading: Reading
) -> Function:
    """Return a function, plain or asynchronous, watched.

    What `tell` gets are the rows and predictions of calls that went well, and `count_request` the
    status and seconds of each.

    Raises:
        TypeError: it yields.
    """
    name = getattr(function, "__qualname__", repr(function))
    _refuse_what_yields(function, name)
    telling = Telling(tell, reading, name)
    if iscoroutinefunction(function):

        @wraps(function)
        async def watched_later(*args: Any, **named: Any) -> Any:
            with Watched(count_request):
                answer = await function(*args, **named)
            telling.of(answer, args, named)
            return answer

        return cast("Function", watched_later)

    @wraps(function)
    def watched(*args: Any, **named: Any) -> Any:
        with Watched(count_request):
            answer = function(*args, **named)
        telling.of(answer, args, named)
        return answer

    return cast("Function", watched)
