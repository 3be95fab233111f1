"""Tables as Markdown: a cell a line, a rule a column, every number with its interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite

from benchmarks.verdicts.foretold import error, foretold_seconds
from benchmarks.verdicts.intervals import Estimate
from benchmarks.verdicts.jobs import Row, Section
from benchmarks.verdicts.summary import Summary

LEGENDS = {
    Section.NULLS: "rolled back in % of runs (95 % interval)",
    Section.DETECTION: "rolled back in % / median minutes / mean bad requests of the canary until "
    "then (95 % intervals)",
    Section.FAULTS: "rolled back in % / median minutes (95 % intervals)",
    Section.ROLLOUTS: "rolled back / promoted / open in %; median minutes to promote / to roll "
    "back; bad requests that a good version would not have had, also after a promotion, mean "
    "(95 % intervals)",
    Section.LATENCY: "rolled back in % / median minutes (95 % intervals)",
    Section.SCRAPES: "rolled back in % / median seconds (95 % intervals)",
    Section.COUNTED: "rolled back in % / median minutes (95 % intervals)",
    Section.STICKING: "rolled back / promoted / open in %; told that clients stick in %; ended "
    "wrongly without that in % (95 % intervals)",
    Section.ETA: "minutes told; rolled back in % / median minutes (95 % intervals); error",
}


def tables(rows: Sequence[Row]) -> str:
    """Return all tables."""
    sections = [section for section in Section if any(r.section is section for r in rows)]
    return "\n\n".join(_table(section, rows) for section in sections)


def _table(section: Section, rows: Sequence[Row]) -> str:
    those = [row for row in rows if row.section is section]
    rules = list(dict.fromkeys(row.rule for row in those))
    cells = list(dict.fromkeys(row.where for row in those))
    said = {(row.where, row.rule): CONTENTS[section](row) for row in those}
    lines = [
        f"### {section}",
        "",
        f"{LEGENDS[section]}; {_runs(those)} runs a cell.",
        "",
        f"| cell | {' | '.join(rules)} |",
        f"|---|{'---|' * len(rules)}",
    ]
    for cell in cells:
        columns = (said.get((cell, rule), "") for rule in rules)
        lines.append(f"| {cell} | {' | '.join(columns)} |")
    return "\n".join(lines)


def _runs(rows: Sequence[Row]) -> str:
    runs = sorted({row.summary.runs for row in rows})
    return f"{runs[0]:,}" if len(runs) == 1 else f"{runs[0]:,} to {runs[-1]:,}"


def _null(row: Row) -> str:
    return _percent(row.summary.rolled_back)


def _detection(row: Row) -> str:
    summary = row.summary
    return f"{_found(summary, 60)} / {_many(summary.canary_bad)}"


def _minutes(row: Row) -> str:
    return _found(row.summary, 60)


def _eta(row: Row) -> str:
    told = _time(foretold_seconds(row) / 60)
    return f"{told} told; {_found(row.summary, 60)}; {100 * error(row):+.0f} %"


def _seconds(row: Row) -> str:
    return _found(row.summary, 1)


def _rollout(row: Row) -> str:
    summary = row.summary
    ends = (summary.rolled_back, summary.promoted, summary.left_open)
    shares = " / ".join(_percent(each) for each in ends)
    times = " / ".join(
        _median(each, 60) for each in (summary.promote_seconds, summary.roll_back_seconds)
    )
    extra = summary.excess_bad
    return f"{shares}; {times}; {_many(extra) if extra.high > 0 else 0}"


def _sticking(row: Row) -> str:
    summary = row.summary
    ends = (summary.rolled_back, summary.promoted, summary.left_open)
    shares = " / ".join(_percent(each) for each in ends)
    told = (_percent(each) for each in (summary.told, summary.wrong_untold) if each)
    return "; ".join((shares, *told))


def _found(summary: Summary, unit: float) -> str:
    return f"{_percent(summary.rolled_back)} / {_median(summary.roll_back_seconds, unit)}"


def _median(median: Estimate, unit: float) -> str:
    value, low, high = (_time(each / unit) for each in (median.value, median.low, median.high))
    return value if value == low == high else f"{value} ({low}–{high})"


def _many(mean: Estimate) -> str:
    return f"{mean.value:,.0f} ({mean.low:,.0f}–{mean.high:,.0f})"


def _percent(estimate: Estimate) -> str:
    value, low, high = (
        _short(100 * each) for each in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({low}–{high})"


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"


def _time(number: float) -> str:
    if not isfinite(number):
        return "never"
    return f"{number:,.0f}" if number >= 999.5 else f"{number:.3g}"


CONTENTS: dict[Section, Callable[[Row], str]] = {
    Section.NULLS: _null,
    Section.DETECTION: _detection,
    Section.FAULTS: _minutes,
    Section.ROLLOUTS: _rollout,
    Section.LATENCY: _minutes,
    Section.SCRAPES: _seconds,
    Section.ETA: _eta,
    Section.COUNTED: _minutes,
    Section.STICKING: _sticking,
}
