"""A plot of evidence over time, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log

WIDTH, PLOT_HEIGHT = 720, 242
LEFT, RIGHT, TOP, BOTTOM = 76, 60, 30, 44
LINE_HEIGHT = 15
"""Of the names of the curves, each on its own line above the plot."""
COLOURS = ("#0b6e4f", "#c1440e", "#3b73b9", "#7b4ea3", "#b8860b", "#555555")
PER_DECADE = log(10)
"""Nats: the axis tells odds, "1 in 100"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The evidence against a canary under one policy."""

    name: str
    points: Sequence[tuple[float, float]]
    """(Seconds since its first traffic, evidence in nats)."""
    log_threshold: float
    """Of a rollback, in nats."""
    steps: Sequence[tuple[float, int]] = ()
    """(Seconds, weight in percent from then on)."""
    end: str = ""
    """What was decided at the last point, "" for nothing."""


def svg(title: str, curves: Sequence[Curve]) -> str:
    """Return the picture; the weights are those of the first curve."""
    scale = _Scale.of(curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {scale.height:g}">',
        "<style>text { font: 11px sans-serif }</style>",
        f'<rect width="{WIDTH}" height="{scale.height:g}" fill="white"/>',
        _text(LEFT, 18, title, more='font-weight="bold"'),
        *_axes(scale),
        *_weights(scale, curves[0]),
        *_thresholds(scale, curves),
    ]
    for number, curve in enumerate(curves):
        parts += _drawn(scale, curve, number)
    return "\n".join([*parts, "</svg>", ""])


@dataclass(frozen=True, slots=True)
class _Scale:
    seconds: float
    low: float
    high: float
    top: float
    """Of the plot, below the names."""

    @property
    def bottom(self) -> float:
        return self.top + PLOT_HEIGHT

    @property
    def height(self) -> float:
        return self.bottom + BOTTOM

    @classmethod
    def of(cls, curves: Sequence[Curve]) -> _Scale:
        points = [point for curve in curves for point in curve.points]
        values = [value for _, value in points] + [curve.log_threshold for curve in curves]
        low, high = min(0.0, *values), max(values) + 0.5 * PER_DECADE
        longest = max(60.0, *(at for at, _ in points))
        return cls(longest, max(low, -2 * PER_DECADE), high, TOP + LINE_HEIGHT * len(curves))

    def x(self, seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / self.seconds

    def y(self, nats: float) -> float:
        part = (max(self.low, min(self.high, nats)) - self.low) / (self.high - self.low)
        return self.bottom - PLOT_HEIGHT * part


def _axes(scale: _Scale) -> Iterator[str]:
    every = max(1, ceil(scale.high / PER_DECADE / 8))
    for decade in range(0, int(scale.high / PER_DECADE) + 1, every):
        y = scale.y(decade * PER_DECADE)
        yield _line(LEFT, y, WIDTH - RIGHT, y, "#eee")
        yield _text(LEFT - 6, y + 4, f"1 in {10**decade:,}" if decade else "1", anchor="end")
    minutes = scale.seconds / 60
    step = next(each for each in (1, 2, 5, 10, 20, 60, 240, 1440) if minutes / each <= 8)
    for minute in range(0, int(minutes) + 1, step):
        yield _text(scale.x(60 * minute), scale.bottom + 16, f"{minute}", anchor="middle")
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield _text(middle, scale.height - 10, "minutes since its first traffic", anchor="middle")


def _weights(scale: _Scale, curve: Curve) -> Iterator[str]:
    for seconds, weight in curve.steps:
        x = scale.x(seconds)
        yield _line(x, scale.top, x, scale.bottom, "#ccc", dashes="2 3")
        # Above the curves: they begin where nothing is known, at the bottom.
        yield _text(x + 3, scale.top + 10, f"{weight} %")


def _thresholds(scale: _Scale, curves: Sequence[Curve]) -> Iterator[str]:
    """One line for all curves that have the same."""
    known: set[str] = set()
    for number, curve in enumerate(curves):
        y = scale.y(curve.log_threshold)
        if f"{y:.1f}" not in known:
            yield _line(LEFT, y, WIDTH - RIGHT, y, _colour(number), dashes="6 4")
            yield _text(WIDTH - RIGHT + 6, y + 4, "rollback", colour=_colour(number))
        known.add(f"{y:.1f}")


def _drawn(scale: _Scale, curve: Curve, number: int) -> Iterator[str]:
    colour = _colour(number)
    points = " ".join(f"{scale.x(at):.1f},{scale.y(value):.1f}" for at, value in curve.points)
    yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
    told = f"{curve.name}: {curve.end}" if curve.end else curve.name
    yield _text(LEFT, TOP + LINE_HEIGHT * number + 4, told, colour=colour)
    at, value = curve.points[-1]
    yield f'<circle cx="{scale.x(at):.1f}" cy="{scale.y(value):.1f}" r="3.5" fill="{colour}"/>'


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#333", more: str = ""
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {more}>'
        f"{escape(text)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str = "") -> str:
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dash}/>'
    )
