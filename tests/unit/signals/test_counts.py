from math import nan

from serinus.signals.counts import differenced, grown, hear, readings
from serinus.signals.series import Series

Samples = tuple[tuple[float, float], ...]
STALE = nan


def counter(*samples: tuple[float, float], **labels: str) -> Series:
    return Series(labels={"pod": "p", "instance": "i", **labels}, samples=samples)


def up(*times: float, down: tuple[float, ...] = ()) -> Series:
    samples = sorted([*((t, 1.0) for t in times), *((t, 0.0) for t in down)])
    return counter(*samples, __name__="up")


def counts(
    *series: Series, ups: tuple[Series, ...] = (), young: bool = False
) -> dict[float, float]:
    """What the first series counted, by time of the scrape."""
    heard = hear(
        series,
        ups,
        young_pods=frozenset({"p"} if young else ()),
        pod_label="pod",
        spacing_seconds=10,
    )
    return dict(grown(series[:1], heard))


def test_a_counter_counts_what_it_grew() -> None:
    assert counts(counter((0, 5), (10, 7), (20, 7))) == {0: 0, 10: 2, 20: 0}


def test_a_counter_that_fell_started_again_from_zero() -> None:
    assert counts(counter((0, 50), (10, 3), (20, 4)))[10] == 3


def test_a_counter_whose_past_is_unknown_counts_from_its_first_sample() -> None:
    assert counts(counter((10, 50), (20, 51))) == {10: 0, 20: 1}


def test_a_counter_born_after_its_pod_was_scraped_counts_from_zero() -> None:
    born = counter((20, 4), (30, 6), code="500")
    assert counts(born, counter((0, 9), (10, 9), (20, 9), code="200")) == {20: 4, 30: 2}
    assert counts(born, ups=(up(10, 20, 30),)) == {20: 4, 30: 2}


def test_a_scrape_that_failed_proves_no_absence() -> None:
    assert counts(counter((20, 4), (30, 6)), ups=(up(20, 30, down=(10,)),))[20] == 0


def test_a_counter_of_a_pod_that_just_started_counts_from_zero() -> None:
    assert counts(counter((20, 4), (30, 6)), young=True) == {20: 4, 30: 2}


def test_another_endpoint_of_the_same_pod_proves_nothing() -> None:
    sidecar = counter((0, 1), (10, 1), instance="sidecar")
    assert counts(counter((20, 4)), sidecar) == {20: 0}


def test_a_counter_that_was_away_is_one_of_a_new_process() -> None:
    """Back with more than it had, so that nothing but its absence tells of the restart."""
    away = counter((0, 5), (20, 7), code="500")
    assert counts(away, counter((0, 90), (10, 95), (20, 99), code="200"))[20] == 7


def test_a_scrape_that_failed_in_between_is_bridged() -> None:
    assert counts(counter((0, 5), (20, 7)), ups=(up(0, 20, down=(10,)),))[20] == 2


def test_the_largest_counter_tells_of_a_restart_that_a_small_one_hides() -> None:
    small = counter((0, 5), (10, 7), code="500")
    assert counts(small, counter((0, 900), (10, 30), code="200"))[10] == 7


def test_a_restart_is_as_old_as_the_first_scrape_without_the_largest_counter() -> None:
    """A small counter that was back before the largest one is not new once more."""
    small = counter((0, 5), (10, 1), (20, 2), code="500")
    assert counts(small, counter((0, 900), (20, 30), code="200")) == {0: 0, 10: 1, 20: 1}


def test_a_forgotten_label_value_is_no_restart_of_the_others() -> None:
    large = counter((0, 900), (10, 950), code="200")
    assert counts(large, counter((0, 50), (10, 1), code="404"))[10] == 50


def test_two_replicas_of_prometheus_that_scrape_at_other_times_prove_nothing() -> None:
    """A deduplicating store may take one series from one of them and one from the other."""
    one = counter((0, 5), (10, 7), (20, 9), code="500")
    other = counter((5, 90), (15, 95), (25, 99), code="200")
    assert counts(one, other) == {0: 0, 10: 2, 20: 2}


def test_what_is_no_number_is_no_sample() -> None:
    assert counts(counter((0, 5), (10, STALE), (20, 6))) == {0: 0, 10: 0, 20: 1}
    assert counts(counter((0, STALE), (10, -1), (20, 6), (30, 8))) == {20: 0, 30: 2}


def test_an_expression_that_fell_leaves_the_stretch_out_for_both() -> None:
    total = counter((0, 100), (10, 140), (20, 90), (30, 95))
    bad = counter((0, 1), (10, 2), (20, 4), (30, 5))
    total_events, bad_events = differenced([total], [bad], step_seconds=10)
    assert total_events == ((10, 40), (30, 5))
    assert bad_events == ((10, 1), (30, 1))


def test_marked_events_that_appear_late_count_from_zero() -> None:
    total = counter((0, 100), (10, 140), (20, 150))
    _, bad_events = differenced([total], [counter((20, 3))], step_seconds=10)
    assert bad_events == ((10, 0), (20, 3))


def test_a_hole_in_an_expression_is_not_bridged() -> None:
    total = counter((0, 100), (30, 140), (40, 141))
    total_events, _ = differenced([total], [], step_seconds=10)
    assert total_events == ((40, 1),)


def test_a_reading_is_the_mean_over_what_an_expression_gave() -> None:
    assert readings([counter((0, 1), (10, STALE)), counter((0, 3), (10, 5))]) == ((0, 2), (10, 5))
