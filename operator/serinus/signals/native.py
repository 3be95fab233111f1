"""Native histograms: their buckets have edges of their own making, read as counts below some.

Nothing is interpolated: only at bounds of all histograms that are compared with each other is it
known exactly how many events took so long at most. Counts there are counters like those of a
classic histogram, and are differenced as such. Schema n has bounds at the powers of two to the
power of 2^-n, custom buckets (schema -53) at what somebody wrote:
prometheus.io/docs/specs/native_histograms.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor, inf, isfinite, isnan, log2

from serinus.signals.series import Packed, Series

FINEST_SCHEMA = 3
"""Of the edge next to a limit: a ninth apart, and seldom given up for a coarser one."""
COMPARED_SCHEMA = 1
"""Of all other edges: two to the octave, as far as buckets are so fine."""
_SAME = 1e-9


def as_buckets(series: Iterable[Series], edges: Sequence[float]) -> list[Series]:
    """Return native histograms as the series of a classic one's buckets; others are left out."""
    natives = [one for one in series if one.histograms]
    return [bucket for one in natives for edge in (*edges, inf) if (bucket := _bucket(one, edge))]


def edges_of(series: Iterable[Series], limit: float | None) -> list[float]:
    """Return the edges at which native histograms all know their counts, few enough.

    Bounds at roots of two are nobody's choice: between them others of the same schema are bounds
    as well, empty or not, so that edges stay what they are while buckets fill. Of all else only
    what was seen to be a bound is one.

    Args:
        series: all that are compared with each other, since they need the same edges.
        limit: a time in their unit that is to have an edge next to it, at or above.
    """
    shown = [histogram for one in series for _, histogram in one.histograms]
    spans = {
        span for h in shown for span in zip(h.lower, h.upper, strict=True) if span[1] > span[0]
    }
    bounds = sorted({b for span in spans for b in span if 0 < b < inf})
    if not bounds:
        return []
    schema = _schema([span for span in spans if span[0] > 0 and isfinite(span[1])])
    if schema is None:
        return [b for b in bounds if all(h.at_or_below(b) is not None for h in shown)]
    edges = _powers(bounds[0], bounds[-1], min(schema, COMPARED_SCHEMA))
    if limit is not None and limit > 0:
        steps = 2 ** min(schema, FINEST_SCHEMA)
        edges.append(2 ** (ceil(log2(limit) * steps - _SAME) / steps))
    return sorted({e for e in edges if all(h.at_or_below(e) is not None for h in shown)})


def _schema(spans: Sequence[tuple[float, float]]) -> int | None:
    """Return the coarsest of some exponential buckets, None if any may be somebody's choice."""
    schemas = [_schema_of(*span) for span in spans]
    coarsest = min((-1 if each is None else each for each in schemas), default=-1)
    return coarsest if coarsest > 0 else None


def _schema_of(lower: float, upper: float) -> int | None:
    step = log2(upper / lower)
    schema = round(-log2(step))
    place = log2(upper) * 2.0**schema
    is_one = abs(step * 2.0**schema - 1) < 1e-6 and abs(place - round(place)) < 1e-6
    return schema if is_one else None


def _powers(first: float, last: float, schema: int) -> list[float]:
    steps = 2**schema
    low, high = (log2(bound) * steps for bound in (first, last))
    return [2 ** (n / steps) for n in range(ceil(low - 1e-6), floor(high + 1e-6) + 1)]


def _bucket(native: Series, edge: float) -> Series | None:
    counts = [(time, shown.at_or_below(edge)) for time, shown in native.histograms]
    samples = [(time, count) for time, count in counts if count is not None and not isnan(count)]
    if not samples:
        return None
    le = "+Inf" if edge == inf else repr(edge)
    return Series(labels={**native.labels, "le": le}, samples=Packed(samples))
