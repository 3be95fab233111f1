"""Recorded samples: a metrics reader that knows what a file holds, for any time in the past."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.report.record import Record, read_record
from serinus.servers.selectors import read_matchers
from serinus.signals.series import Answer, Series

LOOKBACK_SECONDS = 300.0
"""How old a sample may be to stand for a later time, as in Prometheus."""


class RecordedSamples:
    """Answers as the Prometheus that stored the samples; it evaluates selectors and no more."""

    def __init__(self, series: Iterable[Series]) -> None:
        self._series = tuple(series)
        self._times = {id(one): [at for at, _ in one.samples] for one in self._series}
        self._selected: dict[str, tuple[Series, ...]] = {}

    @property
    def ends_at(self) -> datetime:
        """When the last sample was taken."""
        last = max((one.samples[-1][0] for one in self._series if one.samples), default=0.0)
        return datetime.fromtimestamp(last, UTC)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        """Return raw samples; see observe.measure.MetricsReader."""
        until = at.timestamp()
        return Answer(self._cut(selector, until - window_seconds, until))

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        """Return the newest sample at each time of a grid; see observe.measure.MetricsReader.

        Raises:
            QueryRefused: the expression is no selector.
        """
        start, end = since.timestamp(), until.timestamp()
        times = [start + n * step_seconds for n in range(int((end - start) / step_seconds) + 1)]
        on_grid = (
            Series(labels=one.labels, samples=tuple(self._newest(one, times)))
            for one in self._select(expression)
        )
        return Answer(one for one in on_grid if one.samples)

    def _cut(self, selector: str, since: float, until: float) -> Iterator[Series]:
        """The window is open at its start, as in Prometheus 3."""
        for one in self._select(selector):
            times = self._times[id(one)]
            samples = one.samples[bisect_right(times, since) : bisect_right(times, until)]
            if samples:
                yield Series(labels=one.labels, samples=samples)

    def _newest(self, one: Series, times: Sequence[float]) -> Iterator[tuple[float, float]]:
        known = self._times[id(one)]
        for at in times:
            place = bisect_right(known, at) - 1
            if place >= 0 and at - known[place] < LOOKBACK_SECONDS:
                yield at, one.samples[place][1]

    def _select(self, selector: str) -> tuple[Series, ...]:
        if selector not in self._selected:
            try:
                matchers = read_matchers(selector)
            except ValueError as wrong:
                raise QueryRefused(selector, "a recorded file knows selectors only") from wrong
            self._selected[selector] = tuple(
                one for one in self._series if all(each.accepts(one.labels) for each in matchers)
            )
        return self._selected[selector]


def records_of(text: str) -> tuple[Record, ...]:
    """Return the decision records in a log of the operator, oldest first; other lines are skipped.

    A line is a record, has one behind its first brace, or is JSON whose `message` does.
    """
    found = (_record_of(line) for line in text.splitlines() if '"rule"' in line)
    return tuple(sorted((each for each in found if each), key=lambda each: each.seen.now))


def _record_of(line: str) -> Record | None:
    try:
        raw = json.loads(line)
    except ValueError:
        raw = {"message": line}
    told = raw.get("message", "") if isinstance(raw, dict) and "rule" not in raw else line
    try:
        return read_record(told[told.index("{") :])
    except (ValueError, KeyError, TypeError):
        return None


def read_recording(text: str) -> tuple[RecordedSamples, tuple[Record, ...]]:
    """Return what a recorded file holds: samples, and decision records, oldest first.

    A line of it is a series (`labels`, `samples`) or a decision record as the operator logs it.

    Raises:
        OutsideUnavailable: a line is neither.
    """
    series: list[Series] = []
    records: list[Record] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            raw = json.loads(line)
            if "samples" in raw:
                samples = tuple((float(at), float(value)) for at, value in raw["samples"])
                series.append(Series(labels=raw["labels"], samples=samples))
            else:
                records.append(read_record(line))
        except (ValueError, KeyError, TypeError) as wrong:
            raise OutsideUnavailable(f"line {number} of the recording: {wrong}") from wrong
    return RecordedSamples(series), tuple(sorted(records, key=lambda each: each.seen.now))


def write_recording(series: Iterable[Series], records: Iterable[str]) -> str:
    """Return samples and the lines of decision records as a recorded file."""
    lines = (
        json.dumps(
            {"labels": dict(one.labels), "samples": [_whole(*pair) for pair in one.samples]},
            separators=(",", ":"),
        )
        for one in series
    )
    return "".join(f"{line}\n" for line in (*lines, *records))


def _whole(*numbers: float) -> list[float]:
    """Whole numbers need no point: counters are most of a recording."""
    return [int(number) if number == int(number) else number for number in numbers]
