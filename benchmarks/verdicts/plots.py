"""Pictures of what the rules did, as PNG files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.verdicts.cells import MEASURED, OURS
from benchmarks.verdicts.intervals import Estimate
from benchmarks.verdicts.jobs import Row, Section
from benchmarks.verdicts.peers import ORACLE
from benchmarks.verdicts.scenario import MARGIN, Disturbance, Scenario
from benchmarks.verdicts.summary import Summary

BASE = 0.005
TIMES_MINUTES = (0.25, 1, 5, 15, 60, 240, 1440)
STYLES = {
    OURS.name: ("#0b6e4f", "o", 2.6),
    MEASURED.name: ("#54b48a", "o", 2.0),
    ORACLE.name: ("#222222", "_", 1.6),
    "Flagger, threshold 5": ("#c1440e", "s", 1.6),
    "Argo, failureLimit 3": ("#e38b29", "D", 1.6),
    "CloudWatch, 3 of 5": ("#8e5aa8", "^", 1.6),
    "Kayenta, 10 % for an hour": ("#3b73b9", "v", 1.6),
    "group sequential, Pocock": ("#888888", "x", 1.4),
    "z-test with peeking": ("#b0b0b0", "+", 1.4),
}
"""By rule: colour, marker, width; rules that are not named here are in the tables only."""

Value = Callable[[Summary], Estimate]


def draw(rows: Sequence[Row], folder: Path) -> None:
    """Write all pictures that there are rows for."""
    mpl.use("Agg")
    mpl.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {
        "false-rollbacks": _false_rollbacks,
        "detection": _detection,
        "bad-requests": _bad_requests,
        "wrong-promotions": _wrong_promotions,
    }
    for name, picture in pictures.items():
        figure = picture(rows)
        figure.savefig(folder / f"{name}.png", dpi=120)
        plt.close(figure)


def _false_rollbacks(rows: Sequence[Row]) -> Figure:
    panels = (Disturbance.IID, Disturbance.COMMON, Disturbance.BAD_CLIENTS)
    figure, axes = _panels(len(panels), "A good canary is rolled back within an hour (base 0.5 %)")
    for axis, disturbance in zip(axes, panels, strict=True):
        those = [
            row
            for row in _scenarios(rows, Section.NULLS)
            if _cell(row).disturbance is disturbance and _cell(row).base == BASE
        ]
        _lines(axis, those, lambda s: _times(s.rolled_back, 100))
        axis.axhline(1.0, color="#0b6e4f", linewidth=0.8, linestyle=":")
        axis.set(title=str(disturbance), ylim=(-3, 103))
        axis.set_yscale("symlog", linthresh=1.0, linscale=0.5)
        axis.set_yticks([0, 1, 10, 100], ["0", "1", "10", "100"])
        axis.set_ylim(-0.05, 130)
    axes[0].set_ylabel("runs rolled back, %")
    return _with_legend(figure, axes)


def _detection(rows: Sequence[Row]) -> Figure:
    effects = (MARGIN, 0.02, 0.10)
    figure, axes = _panels(len(effects), "Median time until a bad canary is found (base 0.5 %)")
    for axis, effect in zip(axes, effects, strict=True):
        those = [
            row
            for row in _scenarios(rows, Section.DETECTION)
            if _cell(row).excess == effect
            and _cell(row).base == BASE
            and not _cell(row).onset_seconds
        ]
        _lines(axis, those, lambda s: _times(s.roll_back_seconds, 1 / 60))
        axis.set(title=f"+{100 * effect:g} points", yscale="log", ylim=(0.15, 1600))
        axis.set_yticks(TIMES_MINUTES, ["15 s", "1", "5", "15", "60", "240", "a day"])
        axis.minorticks_off()
    axes[0].set_ylabel("minutes")
    return _with_legend(figure, axes)


def _bad_requests(rows: Sequence[Row]) -> Figure:
    effects = (MARGIN, 0.02, 0.10)
    title = "Bad requests that a good version would not have had, in the first hour (base 0.5 %)"
    figure, axes = _panels(len(effects), title)
    for axis, effect in zip(axes, effects, strict=True):
        _lines(axis, _rollouts(rows, effect), lambda s: s.excess_bad)
        axis.set(title=f"+{100 * effect:g} points", yscale="log", ylim=(0.5, 3e4))
    axes[0].set_ylabel("requests, mean")
    return _with_legend(figure, axes)


def _wrong_promotions(rows: Sequence[Row]) -> Figure:
    figure, axes = _panels(2, "Whole rollouts, every rule with its own steps (base 0.5 %)")
    _lines(axes[0], _rollouts(rows, MARGIN), lambda s: _times(s.promoted, 100))
    axes[0].axhline(5.0, color="#0b6e4f", linewidth=0.8, linestyle=":")
    axes[0].set(title=f"+{100 * MARGIN:g} points: promoted", ylabel="runs, %", ylim=(-3, 103))
    _lines(axes[1], _rollouts(rows, 0.0), lambda s: _times(s.promote_seconds, 1 / 60))
    axes[1].set(title="good: median time to promotion", ylabel="minutes", ylim=(0, 65))
    return _with_legend(figure, axes)


def _panels(count: int, title: str) -> tuple[Figure, list[Axes]]:
    figure, axes = plt.subplots(1, count, figsize=(3.3 * count + 2.4, 3.4), sharey=count > 2)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, fontweight="bold")
    return figure, list(axes)


def _lines(axis: Axes, rows: Sequence[Row], value: Value) -> None:
    """A line a rule over the traffic, with its intervals; never is not drawn."""
    for rule, (color, marker, width) in STYLES.items():
        points = sorted((_cell(row).rate, value(row.summary)) for row in rows if row.rule == rule)
        if points:
            rates, values = zip(*points, strict=True)
            axis.plot(
                rates,
                [each.value for each in values],
                color=color,
                marker=marker,
                linewidth=width,
                markersize=4,
                label=rule,
            )
            low, high = ([getattr(each, end) for each in values] for end in ("low", "high"))
            axis.fill_between(rates, low, high, color=color, alpha=0.15, linewidth=0)
    axis.set(xscale="log", xlabel="requests/s", xticks=[1, 10, 100, 1000])
    axis.set_xticklabels(["1", "10", "100", "1000"])


def _with_legend(figure: Figure, axes: Sequence[Axes]) -> Figure:
    handles, labels = axes[0].get_legend_handles_labels()
    figure.tight_layout(rect=(0, 0, 1 - 2.2 / figure.get_figwidth(), 1))
    figure.legend(handles, labels, loc="center right", frameon=False, fontsize=8)
    return figure


def _scenarios(rows: Sequence[Row], section: Section) -> list[Row]:
    return [r for r in rows if r.section is section and isinstance(r.cell, Scenario)]


def _rollouts(rows: Sequence[Row], effect: float) -> list[Row]:
    those = _scenarios(rows, Section.ROLLOUTS)
    return [r for r in those if _cell(r).excess == effect and _cell(r).base == BASE]


def _cell(row: Row) -> Scenario:
    if not isinstance(row.cell, Scenario):
        raise TypeError(f"{row.where} has no shares")
    return row.cell


def _times(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(
        value=estimate.value * factor, low=estimate.low * factor, high=estimate.high * factor
    )
