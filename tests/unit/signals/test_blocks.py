from dataclasses import dataclass

import pytest

from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import Closed, Due, close, due, next_due_at, objective_key
from serinus.signals.tally import Tally


def due_at(
    now: float,
    counted_until: float,
    interval: float = 15.0,
    scrape: float = 8.0,
    entered: float | None = None,
) -> Due | None:
    return due(
        counted_until=counted_until,
        now=now,
        interval_seconds=interval,
        scrape_interval_seconds=scrape,
        step_entered_at=entered,
    )


@dataclass(frozen=True)
class Track:
    """One event at each of these times."""

    times: tuple[float, ...]

    def tally(self, since: float, until: float) -> Tally | None:
        count = sum(since < time <= until for time in self.times)
        return Tally(total=count) if count else None


def test_a_block_ends_on_the_grid_one_scrape_behind_now() -> None:
    assert due_at(now=67.9, counted_until=45) is None
    ready = due_at(now=68.0, counted_until=45)
    assert ready is not None
    assert (ready.since, ready.until, list(ready.points)) == (45, 60, [60])


def test_the_first_block_begins_with_the_evidence_and_no_sooner() -> None:
    ready = due_at(now=100, counted_until=52.5)
    assert ready is not None
    assert (ready.since, list(ready.points)) == (52.5, [60, 75, 90])


def test_the_grid_is_as_fine_as_scrapes_allow() -> None:
    """So a look finds what the scrape before the last one has shown, whenever it is."""
    ready = due_at(now=66.0, counted_until=45, interval=10, scrape=5)
    assert ready is not None
    assert list(ready.points) == [50, 55, 60]
    coarse = due_at(now=100.0, counted_until=0, interval=10, scrape=4)
    assert coarse is not None
    assert list(coarse.points)[:2] == [5, 10]


def test_a_block_ends_where_a_step_is_entered() -> None:
    """Else what the step shows first would count for the step before it."""
    ready = due_at(now=68.0, counted_until=30, entered=52.5)
    assert ready is not None
    assert list(ready.points) == [45, 52.5, 60]
    on_the_grid = due_at(now=68.0, counted_until=30, entered=45.0)
    assert on_the_grid is not None
    assert list(on_the_grid.points) == [45, 60]


def test_a_time_that_was_stored_to_the_microsecond_is_still_on_the_grid() -> None:
    ready = due_at(now=10_000_040.0, counted_until=9_999_999.9999996, interval=2.5, scrape=5)
    assert ready is not None
    assert next(iter(ready.points)) == 10_000_002.5


def test_after_a_long_outage_the_gap_is_skipped() -> None:
    ready = due_at(now=100_000, counted_until=60)
    assert ready is not None
    assert (ready.until - ready.since, len(list(ready.points))) == (300, 20)


def test_no_more_than_an_hour_is_fetched_whatever_the_interval() -> None:
    ready = due_at(now=100_000, counted_until=0, interval=600)
    assert ready is not None
    assert ready.until - ready.since == 3600


def test_backlogs_of_different_length_ask_for_the_same_window() -> None:
    backlogs = [due_at(now=1000, counted_until=990 - 15 * blocks) for blocks in (3, 4)]
    assert len({each.window_seconds for each in backlogs if each}) == 1
    one = due_at(now=1000, counted_until=975)
    assert one is not None
    assert one.window_seconds == 2 * 15 + 4 * 8  # the base may be four scrapes back


def test_who_looks_a_little_late_asks_for_the_window_that_the_others_ask_for() -> None:
    """Interval 10, scrape 5: one, two, three or four points are due, by when each one looked."""
    backlogs = [due_at(now=1000, counted_until=995 - 5 * n, interval=10, scrape=5) for n in (1, 4)]
    assert [each.window_seconds for each in backlogs if each] == [20 + 4 * 5] * 2


def test_the_next_point_is_over_a_scrape_after_it() -> None:
    asked_at = {
        now: next_due_at(now=now, interval_seconds=10, scrape_interval_seconds=5)
        for now in (61, 64.9, 65)
    }
    assert asked_at == {61: 65, 64.9: 65, 65: 70}


def ready(points: int) -> Due:
    found = due_at(now=15.0 * points + 8, counted_until=0)
    assert found is not None
    return found


def closed(canary: Track, stable: Track, *, compares: bool) -> list[tuple[float, float]]:
    blocks = close(ready(8), canary, stable, compares=compares)
    return [(block.since, block.until) for block in blocks]


def test_every_point_with_data_of_both_closes_a_block() -> None:
    both = Track((10.0, 20.0, 40.0))
    assert closed(both, both, compares=True) == [(0, 15), (15, 30), (30, 45)]


def test_a_block_waits_for_the_canary_and_loses_nothing() -> None:
    canary, stable = Track((10.0, 70.0)), Track((10.0, 20.0, 40.0, 70.0))
    blocks = close(ready(8), canary, stable, compares=True)
    assert blocks[1] == Closed(since=15, until=75, canary=Tally(total=1), stable=Tally(total=3))


def test_a_block_waits_for_stable_only_as_long_as_scrapes_may_take() -> None:
    canary = Track((10.0, 20.0, 40.0, 55.0, 70.0, 85.0))
    assert closed(canary, Track(()), compares=True) == [(0, 45), (45, 90)]
    assert closed(canary, Track(()), compares=False) == [
        (15.0 * n, 15.0 * (n + 1)) for n in range(6)
    ]


ERRORS = Objective(preset=Preset.ERROR_RATE, limit="1%")


@pytest.mark.parametrize(
    "changed",
    [
        Objective(preset=Preset.ERROR_RATE, limit="2%"),
        Objective(
            preset=Preset.ERROR_RATE, limit="1%", worse_than_stable=WorseThanStable(by="1%")
        ),
        Objective(preset=Preset.ERROR_RATE, limit="1%", min_samples=7),
    ],
)
def test_a_changed_objective_starts_its_evidence_anew(changed: Objective) -> None:
    assert objective_key(changed) != objective_key(ERRORS)


def test_an_objective_that_becomes_advisory_keeps_its_evidence() -> None:
    assert objective_key(ERRORS.model_copy(update={"advisory": True})) == objective_key(ERRORS)


def test_a_default_written_out_changes_nothing() -> None:
    written = Objective(preset=Preset.ERROR_RATE, limit="1%", min_samples=50)
    assert objective_key(written) == objective_key(ERRORS)


def test_the_key_is_the_same_in_every_version() -> None:
    """Golden: another key would throw the evidence of running rollouts away."""
    assert objective_key(ERRORS) == "74ef9e004877"


def test_a_step_entered_before_the_next_scrape_has_that_scrape_for_itself() -> None:
    """Else half of all steps would wait a grid's point longer for a block of their own."""
    stretch = due_at(now=66.0, counted_until=50, interval=10, scrape=5, entered=52.0)
    assert stretch is not None
    found = close(stretch, Track((54.0, 59.0)), Track((51.0, 56.0)), compares=False)
    assert [(block.since, block.until) for block in found] == [(52, 55), (55, 60)]
    assert [block.stable.total for block in found] == [1, 1]


def test_what_was_not_heard_of_for_long_is_no_evidence_of_the_step() -> None:
    """A sample after a gap counts all of the gap, which was the step before."""
    stretch = due_at(now=66.0, counted_until=40, interval=10, scrape=5, entered=52.0)
    assert stretch is not None
    found = close(stretch, Track((54.0,)), Track(()), compares=False)
    assert [(block.since, block.until) for block in found] == [(40, 55)]
