from math import inf

from serinus.signals.counts import hear
from serinus.signals.doubts import (
    Doubt,
    no_counter,
    same_for_both,
    shown_twice,
    told_twice,
    unsettled,
)
from serinus.signals.series import Series

SCRAPES = 40


def counter(values: list[float], *, first: float = 0.0, **labels: str) -> Series:
    """A counter of pod p, scraped every ten seconds."""
    return Series(
        labels={"__name__": "n", "pod": "p", **labels},
        samples=tuple((first + 10.0 * number, value) for number, value in enumerate(values)),
    )


def rising(by: float = 5, start: float = 100) -> list[float]:
    return [start + by * number for number in range(SCRAPES)]


def doubt(
    values: list[float],
    running_since: float | None = -1000,
    *began_before: float,
    until: float | None = None,
) -> Doubt | None:
    heard = hear(
        [counter(values)], (), young_pods=frozenset(), pod_label="pod", spacing_seconds=10
    )
    running = {} if running_since is None else {"p": running_since}
    end = 10.0 * (len(values) - 1) if until is None else until
    return unsettled(heard.values(), running, {"p": began_before}, end)


def test_a_counter_that_only_grows_is_believed() -> None:
    assert doubt(rising()) is None


def test_a_container_that_was_restarted_explains_why_its_counters_are() -> None:
    fallen = [*rising(), 3, 8]
    assert doubt(fallen, running_since=10.0 * SCRAPES - 4) is None
    assert doubt(fallen, running_since=10.0 * SCRAPES - 40) is not None


def test_each_restart_that_is_known_of_is_explained() -> None:
    """Out of memory twice within twenty scrapes, or a sidecar that was restarted after it."""
    first, second = 10.0 * SCRAPES - 4, 10.0 * (SCRAPES + 5) - 4
    fallen = [*rising(), *rising(start=1)[:5], 3, 8]
    assert doubt(fallen, second, first) is None
    lacking = doubt(fallen, second)
    assert lacking is not None
    assert lacking.since == 10.0 * SCRAPES


def test_of_a_pod_whose_containers_wait_the_restarts_are_known_too() -> None:
    fallen = [*rising(), 3, 8]
    assert doubt(fallen, None, 10.0 * SCRAPES - 4) is None


def test_processes_that_answer_in_turn_are_not_explained_by_restarts() -> None:
    in_turn = [100.0 + n if n % 3 else 60.0 + n for n in range(100)]
    for began_at in range(0, 1000, 30):
        found = doubt(in_turn, began_at, began_at - 30, began_at - 60)
        assert found is not None
        assert "several processes" in found.message


def test_what_began_anew_for_no_known_reason_waits_for_twenty_scrapes() -> None:
    fallen = [*rising(), *rising(start=0)]
    for scrapes in range(1, 21):
        found = doubt(fallen[: SCRAPES + scrapes])
        assert found is not None
        assert found.since == 10.0 * SCRAPES
    assert doubt(fallen) is None


def test_silence_after_a_fall_settles_nothing() -> None:
    assert doubt([*rising(), 3, 8], until=1e6) is not None


def test_of_a_pod_that_is_gone_there_is_nothing_to_wait_for_but_the_time() -> None:
    fallen = [*rising(), 3, 8]
    assert doubt(fallen, None, until=10.0 * SCRAPES + 200) is not None
    assert doubt(fallen, None, until=10.0 * SCRAPES + 201) is None


def test_two_processes_that_answer_in_turn_are_never_believed() -> None:
    in_turn = [100 + n if n % 3 else 60 + n for n in range(100)]
    for scrapes in range(5, 100):
        found = doubt([float(n) for n in in_turn[:scrapes]])
        assert found is not None
        assert found.since == 30
        assert scrapes < 8 or "several processes" in found.message


def twice(one: Series, other: Series, *ups: Series) -> str:
    found = shown_twice([one, other], ups, "pod")
    return found.message if found else ""


def test_one_pod_scraped_by_two_jobs_is_told_by_their_names() -> None:
    one = counter(rising(), job="a", instance="1:80")
    other = counter([n + 2 for n in rising()], first=4, job="b", instance="1:80")
    assert "as job=a and as job=b" in twice(one, other)
    found = shown_twice([one, other], (), "pod")
    assert found is not None
    assert found.since == -inf


def test_whatever_up_is_labelled_with_is_where_it_was_scraped() -> None:
    one, other = counter(rising(), replica="0"), counter(rising(), first=1, replica="1")
    assert twice(one, other) == ""
    up = counter([1.0], replica="0")
    assert "as replica=0 and as replica=1" in twice(one, other, up)


def test_a_restart_of_the_pod_hides_nothing() -> None:
    values = [*rising()[:20], *rising(start=3)[:20]]
    assert twice(counter(values, job="a"), counter(values, first=3, job="b"))


def test_two_containers_of_a_pod_have_counters_of_their_own() -> None:
    one, other = counter(rising(), container="a"), counter(rising(start=70), container="b")
    assert twice(one, other) == ""


def test_other_pods_codes_and_names_are_other_counters() -> None:
    one = counter(rising(), job="a")
    assert twice(one, counter(rising(), job="b", pod="q")) == ""
    assert twice(one, counter(rising(), job="b", code="500")) == ""
    assert twice(one, counter(rising(), job="b", __name__="m")) == ""


def test_counters_that_counted_nothing_are_in_no_doubt() -> None:
    idle = [0.0] * SCRAPES
    assert twice(counter(idle, job="a"), counter(idle, first=3, job="b")) == ""


def test_one_sample_of_each_is_enough_to_doubt_that_there_are_two() -> None:
    assert twice(counter([5.0], job="a"), counter([5.0], first=4, job="b"))


def test_the_same_labels_twice_in_one_answer_are_told() -> None:
    assert told_twice([counter(rising(), job="a"), counter(rising(), job="b")]) is None
    found = told_twice([counter(rising(), job="a"), counter([1.0], job="a")])
    assert found is not None
    assert 'n{job="a",pod="p"} twice in one answer' in found.message


def test_an_expression_may_fall_as_pods_go_but_not_again_and_again() -> None:
    assert no_counter([counter([*rising(), *rising(start=50), *rising(start=40)])]) is None
    rates = [5.0 + n % 2 for n in range(10)]
    found = no_counter([counter(rates)])
    assert found is not None
    assert "fell 4 times within 10 points" in found.message


def test_a_query_that_asks_the_same_of_both_tracks_compares_nothing() -> None:
    """Two revisions of one version, told apart by the version alone."""
    doubt = same_for_both('t{version="7"}', 't{version="7"}')
    assert doubt is not None
    assert "$(selector)" in doubt.message
    assert same_for_both('t{version="8"}', 't{version="7"}') is None
