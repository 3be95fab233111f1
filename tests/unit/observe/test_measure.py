from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from serinus.errors import OutsideUnavailable, QueryRefused, SerinusError
from serinus.evidence.ledger import Ledger, Tally
from serinus.observe.measure import Measured, measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import objective_key
from serinus.signals.series import Series

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
MARGIN = WorseThanStable(by="1%")
ERRORS = Objective(preset=Preset.ERROR_RATE, worse_than_stable=MARGIN)
NULLS = Objective(preset=Preset.NULL_OUTPUTS, worse_than_stable=MARGIN)
DRIFT = Objective(name="drift", value="max(drift{$(selector)})", limit="0.2")
ACCURACY = Objective(
    name="accuracy",
    good='sum(feedback{right="yes",$(selector)}) + 0',
    total="sum(feedback{$(selector)}) + 0",
    limit="10%",
)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def counter(name: str, track: str, per_second: float, until: int = 600, **labels: str) -> Series:
    """A counter that was scraped every 15 s; its pod had counted 1,000 before."""
    pod = {"canary": "fraud-bbb-1", "stable": "fraud-aaa-1"}[track]
    return Series(
        labels={"__name__": name, "namespace": "prod", "pod": pod, "instance": pod, **labels},
        samples=tuple(
            (at(second).timestamp(), 1000 + per_second * second)
            for second in range(-120, until + 1, 15)
        ),
    )


def up(track: str) -> Series:
    scraped = counter("up", track, 0)
    return Series(labels=scraped.labels, samples=tuple((time, 1.0) for time, _ in scraped.samples))


NOTHING: Mapping[float, float] = {}


@dataclass
class Reader:
    """Answers by the name of a metric in the query; errors by the same."""

    series: Sequence[Series] = ()
    values: Mapping[str, Mapping[float, float]] = field(default_factory=dict)
    """For expressions: value by second, by a part of the query."""
    failures: dict[str, SerinusError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        self._note(selector)
        since, until = at.timestamp() - window_seconds, at.timestamp()
        found = []
        for one in self.series:
            window = tuple(sample for sample in one.samples if since <= sample[0] <= until)
            if one.labels["__name__"] in selector and window:
                found.append(Series(labels=one.labels, samples=window))
        return tuple(found)

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        self._note(expression)
        grid = [since + timedelta(seconds=step_seconds * n) for n in range(100)]
        seconds = [(point - START).total_seconds() for point in grid if point <= until]
        values = next((v for part, v in self.values.items() if part in expression), NOTHING)
        samples = tuple((at(s).timestamp(), values[s]) for s in seconds if s in values)
        return (Series(labels={}, samples=samples),) if samples else ()

    def _note(self, query: str) -> None:
        self.asked.append(query)
        for part, failure in self.failures.items():
            if part in query:
                raise failure


def watch(*objectives: Objective, now: float = 60, ledger: Ledger | None = None) -> Watch:
    return Watch(
        namespace="prod",
        model="fraud",
        stable="aaa",
        canary="bbb",
        rollout="r1",
        objectives=objectives,
        ledger=ledger or Ledger(),
        evidence_since=START,
        now=at(now),
        interval_seconds=15.0,
        scrape_interval_seconds=15.0,
    )


REQUESTS = (
    counter("model_requests_total", "canary", 1, code="200"),
    counter("model_requests_total", "canary", 0.2, code="500"),
    counter("model_requests_total", "stable", 9, code="200"),
    up("canary"),
    up("stable"),
)


def blocks(measured: Measured, objective: Objective) -> list[tuple[datetime, Tally, Tally]]:
    found = measured.ledger.of(objective_key(objective))
    return [(block.until, block.canary, block.stable) for block in found]


async def test_the_blocks_that_are_over_are_counted() -> None:
    measured = await measure(watch(ERRORS), Reader(REQUESTS))
    canary, stable = Tally(total=18, bad=3), Tally(total=135)
    assert blocks(measured, ERRORS) == [(at(s), canary, stable) for s in (15, 30, 45)]
    assert (measured.trouble, measured.troubles) == ("", {})


async def test_the_next_look_goes_on_where_the_last_one_ended() -> None:
    first = await measure(watch(ERRORS), Reader(REQUESTS))
    reader = Reader(REQUESTS)
    second = await measure(watch(ERRORS, now=76, ledger=first.ledger), reader)
    assert [until for until, *_ in blocks(second, ERRORS)] == [at(s) for s in (15, 30, 45, 60)]
    third = await measure(watch(ERRORS, now=77, ledger=second.ledger), Reader())
    assert third.ledger == second.ledger


async def test_nothing_is_asked_before_anything_is_due() -> None:
    reader = Reader(REQUESTS)
    measured = await measure(watch(ERRORS, now=16), reader)
    assert (reader.asked, blocks(measured, ERRORS), measured.trouble) == ([], [], "")


async def test_without_a_canary_there_is_nothing_to_measure() -> None:
    assert await measure(None, Reader()) == Measured()


async def test_objectives_that_need_the_same_answer_ask_once() -> None:
    strict = ERRORS.model_copy(update={"name": "strict", "min_samples": 5})
    reader = Reader(REQUESTS)
    measured = await measure(watch(ERRORS, strict), reader)
    assert sorted(reader.asked) == ['model_requests_total{pod!=""}', 'up{pod!=""}']
    assert len(blocks(measured, strict)) == 3


async def test_a_gauge_is_read_once_a_point_of_the_grid() -> None:
    reader = Reader(values={"bbb": {0: 9, 15: 0.1, 30: 0.2, 45: 0.3}, "aaa": {15: 0.1}})
    measured = await measure(watch(DRIFT), reader)
    assert blocks(measured, DRIFT) == [
        (at(15), Tally(total=1, bad=0.1), Tally(total=1, bad=0.1)),
        (at(30), Tally(total=1, bad=0.2), Tally()),
        (at(45), Tally(total=1, bad=0.3), Tally()),
    ]


async def test_a_gauge_that_is_the_same_for_both_is_compared_with_nothing() -> None:
    """It would be as good as stable whatever the canary did; with a limit alone it says enough."""
    everyones = Objective(name="queue", value="max(queue)", limit="9")
    compared = everyones.model_copy(update={"worse_than_stable": WorseThanStable(by="1")})
    reader = Reader(values={"queue": {15: 5, 30: 6, 45: 7}})
    measured = await measure(watch(everyones, compared), reader)
    assert len(blocks(measured, everyones)) == 3
    assert blocks(measured, compared) == []
    assert "$(selector)" in measured.troubles[objective_key(compared)]
    assert set(measured.troubles) == {objective_key(compared)}


async def test_an_expression_is_differenced_on_the_grid() -> None:
    values: dict[str, dict[float, float]] = {
        'right="yes",namespace="prod",pod=~"fraud-bbb': {0: 90, 15: 100, 30: 108},
        'feedback{namespace="prod",pod=~"fraud-bbb': {0: 100, 15: 110, 30: 120},
    }
    measured = await measure(watch(ACCURACY), Reader(values=values))
    tallies = [canary for _, canary, _ in blocks(measured, ACCURACY)]
    assert tallies == [Tally(total=10, bad=0), Tally(total=10, bad=2)]


async def test_a_refused_query_is_told_for_its_objective_and_spares_the_others() -> None:
    refused = QueryRefused("max(drift", "parse error: unclosed left parenthesis")
    measured = await measure(watch(ERRORS, DRIFT), Reader(REQUESTS, failures={"drift": refused}))
    assert len(blocks(measured, ERRORS)) == 3
    assert list(measured.troubles) == [objective_key(DRIFT)]
    assert measured.trouble == (
        "drift: Prometheus refused the query max(drift: parse error: unclosed left parenthesis"
    )


async def test_an_outage_is_told_once_for_all_objectives_and_closes_nothing() -> None:
    down = OutsideUnavailable("Prometheus answered 503: gone fishing")
    reader = Reader(REQUESTS, failures={"up": down})
    measured = await measure(watch(ERRORS, NULLS), reader)
    assert measured.trouble == "error-rate, null-outputs: Prometheus answered 503: gone fishing"
    assert blocks(measured, ERRORS) == []


async def test_what_was_counted_before_an_outage_is_kept_and_made_up_for_after_it() -> None:
    before = await measure(watch(ERRORS), Reader(REQUESTS))
    down = Reader(failures={"": OutsideUnavailable("down")})
    during = await measure(watch(ERRORS, now=120, ledger=before.ledger), down)
    assert during.ledger == before.ledger
    after = await measure(watch(ERRORS, now=200, ledger=during.ledger), Reader(REQUESTS))
    assert sum(canary.total for _, canary, _ in blocks(after, ERRORS)) == 180 * 1.2


async def test_after_a_long_outage_the_gap_is_left_out() -> None:
    before = await measure(watch(ERRORS), Reader(REQUESTS))
    later = watch(ERRORS, now=900, ledger=before.ledger)
    after = await measure(later, Reader(REQUESTS))
    found = after.ledger.of(objective_key(ERRORS))
    assert (found[2].until, found[3].since) == (at(45), at(285))


@pytest.mark.parametrize(
    ("series", "words"),
    [
        ((), "no scrape of its pods, and no model_requests_total"),
        ((up("canary"),), "its pods are scraped, but show no model_requests_total"),
    ],
)
async def test_a_silent_canary_is_told_with_what_is_missing(
    series: tuple[Series, ...], words: str
) -> None:
    stable = (REQUESTS[2], up("stable"))
    measured = await measure(watch(ERRORS, now=120), Reader((*series, *stable)))
    assert measured.trouble == f"error-rate: no data from the canary since 14:00:00: {words}"


async def test_a_canary_that_fell_silent_is_told_with_the_time() -> None:
    series = (counter("model_requests_total", "canary", 1, until=40, code="200"), REQUESTS[2])
    first = await measure(watch(ERRORS), Reader(series))
    later = await measure(watch(ERRORS, now=180, ledger=first.ledger), Reader(series))
    assert later.trouble.startswith("error-rate: no data from the canary since 14:00:30: ")


async def test_a_pod_that_does_not_count_nulls_is_not_taken_for_one_without_nulls() -> None:
    shown = [counter("model_predictions_total", track, 1) for track in ("canary", "stable")]
    stable_nulls = counter("model_null_outputs_total", "stable", 0)
    reader = Reader((*shown, stable_nulls, up("canary")))
    measured = await measure(watch(NULLS, now=120), reader)
    assert blocks(measured, NULLS) == []
    assert measured.trouble.endswith("pods are scraped, but show no model_null_outputs_total")
    reader.series = (*reader.series, counter("model_null_outputs_total", "canary", 0))
    assert len(blocks(await measure(watch(NULLS, now=120), reader), NULLS)) == 7


async def test_the_ledger_of_another_rollout_counts_for_nothing() -> None:
    first = await measure(watch(ERRORS), Reader(REQUESTS))
    other = Ledger(rollout="r0", begun=first.ledger.begun, blocks=first.ledger.blocks)
    measured = await measure(watch(ERRORS, now=76, ledger=other), Reader(REQUESTS))
    assert measured.ledger.rollout == "r1"
    assert blocks(measured, ERRORS)[0][0] == at(15)
