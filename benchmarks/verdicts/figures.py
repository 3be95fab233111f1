"""The figures that are promised, each the worst of the cells it is promised for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf, isfinite

from benchmarks.verdicts.cells import (
    CALIBRATED,
    CALIBRATED_AND_SIMULATED,
    LOW_BASES,
    MEASURED,
    NULL_OUTPUTS,
    OURS,
    PROMISED,
    SIMULATED,
    SLOW,
)
from benchmarks.verdicts.foretold import error
from benchmarks.verdicts.jobs import Row, Section
from benchmarks.verdicts.peers import FLAGGER, ORACLE
from benchmarks.verdicts.rules.rule import Rule
from benchmarks.verdicts.scenario import MARGIN, Scenario

Figure = tuple[str, float]
OBVIOUS = (0.02, 0.10)
"""Effects that a rollback must be cheap for."""


def figures(rows: Sequence[Row]) -> Iterator[Figure]:
    """Yield what the rows come to; with a past of four hours, where the name ends so."""
    for rule, suffix in ((OURS.name, ""), (MEASURED.name, "_with_history")):
        yield from _error_rates(rows, rule, suffix)
    for rule, suffix in ((MEASURED.name, ""), (OURS.name, "_without_history")):
        yield f"detect_over_oracle_median{suffix}", _over_oracle(rows, rule)
        yield f"bad_requests_over_flagger_max{suffix}", _over_flagger(rows, rule)
    rollouts = _of(rows, Section.ROLLOUTS, OURS.name)
    for rate in (100, 10):
        good = [r for r in rollouts if _is_good(_scenario(r), rate)]
        worst = _most(r.summary.promote_seconds.value / 60 for r in good)
        yield f"promote_good_minutes_{rate}rps", worst
    etas = [r for r in rows if r.section is Section.ETA]
    yield from _counted(rows)
    yield from _sticking(rows)
    yield "eta_error_max_percent", _most(100 * abs(error(r)) for r in etas)
    for name, cell in (("null_outputs", NULL_OUTPUTS), ("latency_x1.5", SLOW)):
        found = [r for r in rows if r.section is Section.SCRAPES and r.cell == cell]
        yield f"{name}_found_seconds", _most(r.summary.roll_back_seconds.value for r in found)


def _error_rates(rows: Sequence[Row], rule: str, suffix: str) -> Iterator[Figure]:
    nulls = [r.summary for r in _of(rows, Section.NULLS, rule) if _is_promised(r)]
    rollouts = _of(rows, Section.ROLLOUTS, rule)
    worse = [r.summary for r in rollouts if _scenario(r).excess >= MARGIN]
    yield (
        f"false_rollback{suffix}_max_percent",
        _most(100 * each.rolled_back.value for each in nulls),
    )
    yield (
        f"false_rollback{suffix}_upper_bound_max_percent",
        _most(100 * each.rolled_back_at_most for each in nulls),
    )
    yield (
        f"false_promotion{suffix}_max_percent",
        _most(100 * each.promoted.value for each in worse),
    )
    yield (
        f"false_promotion{suffix}_upper_bound_max_percent",
        _most(100 * each.promoted_at_most for each in worse),
    )


def _counted(rows: Sequence[Row]) -> Iterator[Figure]:
    """What counting by scrapes of pods that come and go costs."""
    those = _of(rows, Section.COUNTED, OURS.name)
    drawn = {r.cell: r.summary.roll_back_seconds.value for r in those if not r.is_counted}
    counted = [r for r in those if r.is_counted]
    nulls = (r.summary.rolled_back.value for r in counted if not r.cell.excess)
    worse = [r for r in counted if r.cell.excess and r.cell in drawn]
    later = (r.summary.roll_back_seconds.value - drawn[r.cell] for r in worse)
    yield "counted_false_rollback_max_percent", _most(100 * each for each in nulls)
    yield "counted_found_later_seconds", _most(later)


def _sticking(rows: Sequence[Row]) -> Iterator[Figure]:
    """What no bet knows of: nothing is promised, and it is told."""
    those = _of(rows, Section.STICKING, OURS.name)
    good = [r.summary for r in those if not r.cell.excess]
    worse = [r.summary for r in those if r.cell.excess >= MARGIN]
    untold = [r.summary.wrong_untold for r in those if r.summary.wrong_untold]
    yield "sticking_false_rollback_max_percent", _most(100 * r.rolled_back.value for r in good)
    yield "sticking_false_promotion_max_percent", _most(100 * r.promoted.value for r in worse)
    yield "sticking_wrong_and_untold_max_percent", _most(100 * each.value for each in untold)


def replayed_figures(rows: Sequence[Row]) -> Iterator[Figure]:
    """Yield what a threshold from replays or for a known duration keeps, and what it costs."""
    rules: tuple[tuple[str, Rule], ...] = (
        ("calibrated", CALIBRATED),
        ("simulated", SIMULATED),
        ("calibrated_and_simulated", CALIBRATED_AND_SIMULATED),
    )
    for name, rule in rules:
        nulls = _of(rows, Section.NULLS, rule.name)
        if not nulls:
            continue
        yield (
            f"{name}_false_rollback_max_percent",
            _most(100 * r.summary.rolled_back.value for r in nulls),
        )
        yield (
            f"{name}_false_rollback_upper_bound_max_percent",
            _most(100 * r.summary.rolled_back_at_most for r in nulls),
        )
        yield f"{name}_detect_over_measured_max", _over_measured(rows, rule.name)


def _over_measured(rows: Sequence[Row], rule: str) -> float:
    """How many times as long it takes to find what a measured dispersion alone finds."""
    alone = {
        r.cell: r.summary.roll_back_seconds.value
        for r in _of(rows, Section.DETECTION, MEASURED.name)
    }
    found = _of(rows, Section.DETECTION, rule)
    return _most(
        row.summary.roll_back_seconds.value / alone[row.cell]
        for row in found
        if isfinite(alone[row.cell])
    )


def _over_oracle(rows: Sequence[Row], rule: str) -> float:
    """A look is granted on top, so it is taken off before the times are compared."""
    oracle = {
        r.cell: r.summary.roll_back_seconds.value
        for r in _of(rows, Section.DETECTION, ORACLE.name)
    }
    ratios = []
    for row in _of(rows, Section.DETECTION, rule):
        # What goes bad later is not put before the oracle, which knows no time before that.
        cell, best = _scenario(row), oracle.get(row.cell, inf)
        later = row.summary.roll_back_seconds.value - cell.look_seconds
        # "Not yet" says nothing where the time was over before twice the oracle's.
        is_told = isfinite(later) or 2 * best + cell.look_seconds <= cell.seconds
        if cell.excess >= MARGIN and isfinite(best) and is_told:
            ratios.append(later / best)
    return _most(ratios)


def _over_flagger(rows: Sequence[Row], rule: str) -> float:
    flagger = {
        r.cell: r.summary.excess_bad.value for r in _of(rows, Section.ROLLOUTS, FLAGGER.name)
    }
    ratios = (
        row.summary.excess_bad.value / flagger[row.cell]
        for row in _of(rows, Section.ROLLOUTS, rule)
        if _scenario(row).excess in OBVIOUS and _scenario(row).rate >= 100
    )
    return _most(ratios)


def _is_promised(row: Row) -> bool:
    return _scenario(row).disturbance in PROMISED


def _is_good(cell: Scenario, rate: float) -> bool:
    return not cell.excess and cell.rate == rate and cell.base in LOW_BASES


def _of(rows: Iterable[Row], section: Section, rule: str) -> list[Row]:
    return [row for row in rows if row.section is section and row.rule == rule]


def _scenario(row: Row) -> Scenario:
    if not isinstance(row.cell, Scenario):
        raise TypeError(f"{row.cell.name} has no shares")
    return row.cell


def _most(values: Iterable[float]) -> float:
    found = list(values)
    return max(found) if found else float("nan")
