"""Counts of native histograms equal the truth at every edge, whatever their buckets do."""

from itertools import pairwise
from math import ceil, inf, log2

from hypothesis import given
from hypothesis import strategies as st

from serinus.signals.counts import hear
from serinus.signals.histogram import Histogram, read_histogram
from serinus.signals.native import as_buckets, edges_of
from serinus.signals.series import Series
from serinus.signals.tallies import timed_events

LABELS = {"__name__": "seconds", "namespace": "prod", "pod": "fraud-bbb-1"}
SECONDS = st.floats(0.001, 60.0)


def histogram(seconds: list[float], schema: int) -> Histogram:
    steps, counts = 2.0**schema, dict[int, int]()
    for each in seconds:
        number = ceil(log2(each) * steps)
        counts[number] = counts.get(number, 0) + 1
    buckets = [
        [0, repr(2 ** ((n - 1) / steps)), repr(2 ** (n / steps)), str(count)]
        for n, count in counts.items()
    ]
    return read_histogram({"count": str(len(seconds)), "sum": "0", "buckets": buckets})


@given(
    lives=st.lists(
        st.lists(st.lists(SECONDS, max_size=8), min_size=1, max_size=4), min_size=1, max_size=3
    ),
    schemas=st.lists(st.integers(-2, 8), min_size=12, max_size=12),
    limit=st.none() | st.floats(0.01, 10.0),
)
def test_counts_equal_the_truth_at_every_edge(
    lives: list[list[list[float]]], schemas: list[int], limit: float | None
) -> None:
    """Lives of a process, each with requests between scrapes, and buckets of another width."""
    samples, truth, time = [], list[float](), 0.0
    for life in lives:
        seen: list[float] = []
        for served in life:
            seen = [*seen, *served]
            samples.append((time, histogram(seen, schemas[int(time // 15)])))
            time += 15
        truth += seen
    series = Series(labels=LABELS, samples=(), histograms=samples)
    edges = edges_of([series], limit)
    buckets = as_buckets([series], edges)
    totals = [each.count for _, each in samples]
    heard = hear(
        buckets,
        (),
        young_pods=frozenset({"fraud-bbb-1"}),
        pod_label="pod",
        spacing_seconds=15,
    )
    tally = timed_events(buckets, heard, seconds_per_unit=1, limit_seconds=limit).tally(-1, time)
    begins = [len(life) for life in lives][:-1]
    falls = [b < a or a == 0 for a, b in pairwise(totals)]
    if tally is None or not all(falls[sum(begins[: n + 1]) - 1] for n in range(len(begins))):
        return  # a restart that no counter shows
    assert tally.total == len(truth)
    for edge, within in tally.buckets:
        assert within == sum(each <= edge * (1 + 1e-12) for each in truth)
    if limit is not None:
        assert tally.bad <= sum(each > limit for each in truth) + len(truth) * (not edges)
    assert tally.buckets[-1][0] == inf
