"""Native histograms are counted as buckets whose counts are exact."""

from math import inf

import pytest

from serinus.signals.compile import Timed
from serinus.signals.counts import Heard, target_of
from serinus.signals.histogram import Histogram, read_histogram
from serinus.signals.native import as_buckets, edges_of
from serinus.signals.series import Series
from serinus.signals.tallies import timed_events

LABELS = {"__name__": "seconds", "namespace": "prod", "pod": "fraud-bbb-1"}


def bound(schema: int, number: int) -> float:
    return float(2 ** (number / 2**schema))


def exponential(schema: int, counts: dict[int, float]) -> Histogram:
    """Of buckets by their number: the one that ends at 2^(number / 2^schema)."""
    buckets = [
        [0, repr(bound(schema, n - 1)), repr(bound(schema, n)), str(count)]
        for n, count in counts.items()
    ]
    return read_histogram({"count": str(sum(counts.values())), "sum": "1", "buckets": buckets})


def custom(counts: dict[tuple[float, float], float]) -> Histogram:
    buckets = [
        [0, str(lower), "+Inf" if upper == inf else str(upper), str(count)]
        for (lower, upper), count in counts.items()
    ]
    return read_histogram({"count": str(sum(counts.values())), "sum": "1", "buckets": buckets})


def shown(*histograms: Histogram, labels: dict[str, str] = LABELS) -> Series:
    return Series(
        labels=labels,
        samples=(),
        histograms=tuple((15.0 * n, each) for n, each in enumerate(histograms)),
    )


def test_what_is_not_known_exactly_is_not_told() -> None:
    histogram = custom({(0.1, 0.25): 4, (0.5, 1.0): 2, (1.0, inf): 1})
    told = {edge: histogram.at_or_below(edge) for edge in (0.05, 0.1, 0.2, 0.25, 0.3, 0.7, 1, inf)}
    assert told == {0.05: 0, 0.1: 0, 0.2: None, 0.25: 4, 0.3: 4, 0.7: None, 1: 6, inf: 7}


def test_an_observation_that_is_no_number_is_in_no_bucket_but_counts() -> None:
    raw = {"count": "5", "sum": "NaN", "buckets": [[3, "-0.001", "0.001", "4"]]}
    histogram = read_histogram(raw)
    assert (histogram.at_or_below(0.001), histogram.at_or_below(inf)) == (4, 5)
    assert read_histogram({"count": "0", "sum": "0"}).at_or_below(1) == 0


@pytest.mark.parametrize(("schema", "edge"), [(0, None), (1, 0.3536), (2, 0.3536), (3, 0.3242)])
def test_the_edge_next_to_a_limit_is_the_nearest_bound_above_it(
    schema: int, edge: float | None
) -> None:
    steps = 2**schema
    histogram = exponential(schema, {-4 * steps: 5, -2 * steps: 9, 1: 1})
    edges = edges_of([shown(histogram)], 0.3)
    found = next((e for e in edges if e >= 0.3), inf)
    assert found == pytest.approx(edge or 1.0, rel=1e-3)
    assert histogram.at_or_below(found) is not None


def test_edges_stay_while_empty_buckets_fill() -> None:
    """Two to the octave between the fastest and the slowest, whichever buckets hold something."""
    few, many = exponential(3, {-40: 1, 8: 1}), exponential(3, dict.fromkeys(range(-40, 9), 1))
    assert edges_of([shown(few)], 0.3) == edges_of([shown(many)], 0.3)
    assert edges_of([shown(few)], None) == pytest.approx([2 ** (n / 2) for n in range(-10, 3)])


def test_buckets_that_were_made_wider_have_edges_that_both_have() -> None:
    fine, wide = exponential(3, {-9: 3, -7: 4, -3: 1}), exponential(1, {-2: 3, -1: 5, 0: 1})
    edges = edges_of([shown(fine, wide)], 0.5)
    assert edges == pytest.approx([2**-1.5, 2**-1, 2**-0.5, 1])
    assert [fine.at_or_below(e) for e in edges] == [0, 3, 7, 8]
    assert [wide.at_or_below(e) for e in edges] == [0, 3, 8, 9]


def test_bounds_that_somebody_may_have_chosen_are_edges_only_where_they_were_seen() -> None:
    """Powers of two may be the bounds of a classic histogram that Prometheus made a native one."""
    seen = custom({(0.25, 0.5): 3, (2.0, 4.0): 1})
    assert edges_of([shown(seen)], 1.0) == [0.25, 0.5, 2.0, 4.0]
    others = custom({(0.1, 0.3): 3, (1.0, 3.0): 1})
    assert edges_of([shown(seen), shown(others)], None) == [0.1, 0.5, 1.0, 4.0]


def test_they_are_differenced_as_counters_are_through_a_restart() -> None:
    series = shown(
        exponential(3, {-16: 10, 0: 2}),
        exponential(3, {-16: 25, 0: 2, 8: 1}),
        exponential(3, {-16: 4}),
        exponential(3, {-16: 9, 8: 1}),
    )
    buckets = as_buckets([series], edges_of([series], 1.0))
    heard = {target_of(LABELS): Heard(pod="fraud-bbb-1", times=(0, 15, 30, 45), restarts=(30,))}
    events = timed_events(buckets, heard, seconds_per_unit=1.0, limit_seconds=1.0)
    tally = events.tally(0.0, 45.0)
    assert tally is not None
    assert (tally.total, tally.bad) == (26, 2)
    assert dict(tally.buckets)[1.0] == 24


def test_a_series_without_histograms_has_none() -> None:
    assert edges_of([Series(labels=LABELS, samples=((0, 1),))], 0.5) == []
    assert as_buckets([Series(labels=LABELS, samples=((0, 1),))], [0.5]) == []


def test_what_a_pod_shows_in_both_kinds_is_counted_once_by_its_classic_buckets() -> None:
    """While a fleet changes over, one pod shows classic buckets alone, one both, one natives."""

    def of_pod(name: str, *kinds: str) -> list[Series]:
        labels = {**LABELS, "pod": name}
        before, after = exponential(3, {-8: 1}), exponential(3, {-8: 5, -2: 2})
        samples = {"0.5": ((0.0, 1.0), (15.0, 5.0)), "+Inf": ((0.0, 1.0), (15.0, 7.0))}
        classic = [
            Series(labels={**labels, "__name__": "seconds_bucket", "le": le}, samples=counts)
            for le, counts in samples.items()
        ]
        native = as_buckets([shown(before, after, labels=labels)], [0.5])
        return (classic if "classic" in kinds else []) + (native if "native" in kinds else [])

    pods = [of_pod("a", "classic"), of_pod("b", "classic", "native"), of_pod("c", "native")]
    series = [one for pod in pods for one in pod]
    buckets = [one for one in series if one.labels["__name__"] == "seconds_bucket"]
    natives = [one for one in series if one not in buckets]
    timed = Timed(buckets=(), natives=(), seconds_per_unit=1, limit_seconds=0.5)

    counted = timed_events(
        timed.once(buckets, natives), {}, seconds_per_unit=1, limit_seconds=0.5
    ).tally(0, 15)

    assert counted is not None
    assert (counted.total, counted.bad) == (3 * 6, 3 * 2)
