from math import inf

from serinus.signals.counts import hear
from serinus.signals.series import Series
from serinus.signals.tallies import SharedEvents, TimedEvents, timed_events
from serinus.signals.tally import Tally


def buckets(*edges: tuple[str, tuple[float, float]], pod: str = "p") -> list[Series]:
    """Each edge's cumulative counts at 0 s and at 10 s."""
    return [
        Series(
            labels={"__name__": "b", "pod": pod, "le": le},
            samples=((0.0, before), (10.0, after)),
        )
        for le, (before, after) in edges
    ]


def histogram(
    series: list[Series], limit: float | None = None, seconds_per_unit: float = 1.0
) -> TimedEvents:
    heard = hear(series, (), young_pods=frozenset(), pod_label="pod", spacing_seconds=10)
    return timed_events(series, heard, seconds_per_unit=seconds_per_unit, limit_seconds=limit)


def test_pods_are_added_up_edge_by_edge_however_edges_are_spelt() -> None:
    one = buckets(("0.5", (1, 2)), ("1", (1, 5)), ("+Inf", (1, 7)))
    other = buckets(("0.50", (0, 1)), ("1.0", (0, 1)), ("Inf", (0, 2)), pod="q")
    tally = histogram([*one, *other], limit=0.5).tally(0, 10)
    assert tally == Tally(total=8, bad=6, buckets=((0.5, 2), (1.0, 5), (inf, 8)))


def test_the_limit_counts_at_the_next_edge_that_is_not_below_it() -> None:
    series = buckets(("0.25", (0, 90)), ("0.5", (0, 96)), ("+Inf", (0, 100)))
    assert [histogram(series, limit).tally(0, 10) for limit in (0.25, 0.3, 9)] == [
        Tally(total=100, bad=bad, buckets=((0.25, 90), (0.5, 96), (inf, 100)))
        for bad in (10, 4, 0)
    ]


def test_edges_are_turned_into_seconds() -> None:
    series = buckets(("250", (0, 9)), ("+Inf", (0, 10)))
    tally = histogram(series, limit=0.25, seconds_per_unit=0.001).tally(0, 10)
    assert tally == Tally(total=10, bad=1, buckets=((0.25, 9), (inf, 10)))


def test_an_edge_that_is_ahead_of_the_total_makes_no_event_less_than_none() -> None:
    """Scraped while it was being written: the rest of it comes with the next scrape."""
    tally = histogram(buckets(("0.5", (0, 5)), ("+Inf", (0, 4))), limit=0.5).tally(0, 10)
    assert tally == Tally(total=4, bad=0, buckets=((0.5, 4), (inf, 4)))


def test_an_edge_that_only_some_pods_have_is_left_out() -> None:
    one = buckets(("0.5", (0, 2)), ("1", (0, 5)), ("+Inf", (0, 7)))
    other = buckets(("1", (0, 1)), ("+Inf", (0, 2)), pod="q")
    tally = histogram([*one, *other]).tally(0, 10)
    assert tally is not None
    assert tally.buckets == ((1.0, 6), (inf, 9))


def test_an_edge_that_changed_its_spelling_goes_on_counting() -> None:
    """A server upgraded to Prometheus 3 writes "1.0" where it wrote "1"."""
    labels = {"__name__": "b", "pod": "p"}
    series = [
        Series(labels={**labels, "le": "1"}, samples=((0, 5), (10, 6))),
        Series(labels={**labels, "le": "1.0"}, samples=((20, 8),)),
        Series(labels={**labels, "le": "+Inf"}, samples=((0, 5), (10, 6), (20, 9))),
    ]
    assert histogram(series).tally(0, 20) == Tally(total=4, buckets=((1.0, 3), (inf, 4)))


def test_buckets_without_the_one_of_all_events_are_no_data() -> None:
    assert histogram(buckets(("0.5", (0, 2)))).tally(0, 10) is None


def test_no_sample_is_no_data_and_a_silent_counter_is_zero() -> None:
    events = SharedEvents(total=((10.0, 4.0), (20.0, 0.0)), marked=((10.0, 1.0),))
    assert events.tally(0, 10) == Tally(total=4, bad=1)
    assert events.tally(10, 20) == Tally(total=0, bad=0)
    assert events.tally(20, 30) is None


def test_events_that_are_not_good_are_bad() -> None:
    events = SharedEvents(total=((10.0, 4.0),), marked=((10.0, 3.0),), marked_are_good=True)
    assert events.tally(0, 10) == Tally(total=4, bad=1)


def test_events_counted_nowhere_are_not_taken_for_none() -> None:
    assert SharedEvents(total=((10.0, 4.0),), marked=(), is_proven=False).tally(0, 10) is None
