import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.evidence.dispersion import UNVERIFIED_DISPERSION
from serinus.evidence.ledger import Ledger, read_ledger, write_ledger
from serinus.evidence.variation import Variation
from serinus.observe.measure import measure
from serinus.observe.past import known_variations
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import objective_key
from serinus.signals.series import Series

START = datetime(2030, 1, 1, 14, 0, 7, tzinfo=UTC)
WHOLE_MINUTE = START.replace(second=0).timestamp()
MARGIN = WorseThanStable(by="0.5%")
ERRORS = Objective(preset=Preset.ERROR_RATE, worse_than_stable=MARGIN)
LATENCY = Objective(preset=Preset.LATENCY, worse_than_stable=WorseThanStable(by="10%"))
NULLS = Objective(preset=Preset.NULL_OUTPUTS, worse_than_stable=MARGIN)
ACCURACY = Objective(
    name="accuracy",
    good='sum(feedback{right="yes",$(selector)})',
    total="sum(feedback{$(selector)})",
    worse_than_stable=MARGIN,
)
RATIO = ACCURACY.model_copy(update={"good": 'sum(feedback{right="yes",$(selector)}) + 0'})
DRIFT = Objective(name="drift", value="max(drift{$(selector)})", limit="0.2")
MINUTES = 240


def pod(number: int) -> str:
    return f"fraud-aaa-{number}"


@dataclass
class Service:
    """Stable's pods as Prometheus knows them, minute by minute."""

    pods: int = 5
    spread: float = 0.0
    """Of each pod's own minutes."""
    per_minute: float = 12_000.0
    minutes: int = MINUTES
    failure: Exception | None = None
    hangs: bool = False
    asked: list[tuple[str, datetime, datetime, float]] = field(default_factory=list)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        return ()

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        self.asked.append((expression, since, until, step_seconds))
        if self.hangs:
            await asyncio.Event().wait()
        if self.failure:
            raise self.failure
        draw = np.random.default_rng(5)
        return tuple(
            one
            for number in range(self.pods)
            for one in self._counters(number, draw)
            if re.search(pod(number), expression) and is_selected(one, expression)
        )

    def _counters(self, number: int, draw: np.random.Generator) -> Iterable[Series]:
        effect = np.ones(self.minutes)
        if self.spread:
            effect = draw.gamma(1 / self.spread**2, self.spread**2, self.minutes)
        bad = draw.poisson(self.per_minute * 0.01 * effect)
        good = draw.poisson(self.per_minute * 0.99, self.minutes)
        yield counter(number, "model_requests_total", good, code="200")
        yield counter(number, "model_requests_total", bad, code="500")
        yield counter(number, "feedback", bad, right="no")
        yield counter(number, "feedback", good, right="yes")
        for edge, events in (("0.1", good), ("0.25", good), ("+Inf", good + bad)):
            yield counter(number, "model_request_duration_seconds_bucket", events, le=edge)


def is_selected(series: Series, expression: str) -> bool:
    answer = series.labels.get("right", "yes")
    is_asked = f'right="{answer}"' in expression or "right=" not in expression
    return series.labels["__name__"] in expression and is_asked


def counter(number: int, name: str, events: npt.NDArray[np.integer[Any]], **labels: str) -> Series:
    """As a range query shows it; the pod had counted 1,000 before."""
    first = WHOLE_MINUTE - 60 * len(events)
    values = 1000.0 + np.cumsum([0, *events])
    its = {"__name__": name, "namespace": "prod", "pod": pod(number), "instance": pod(number)}
    return Series(
        labels={**its, **labels},
        samples=tuple((first + 60 * i, float(value)) for i, value in enumerate(values)),
    )


def watch(*objectives: Objective, pods: int = 5, ledger: Ledger | None = None) -> Watch:
    names = [*(pod(number) for number in range(pods)), "fraud-bbb-0"]
    return Watch(
        namespace="prod",
        model="fraud",
        stable="aaa",
        canary="bbb",
        rollout="bbb/1",
        objectives=objectives,
        ledger=ledger or Ledger(),
        evidence_since=START,
        now=START + timedelta(seconds=5),
        interval_seconds=15,
        pods_started_at=dict.fromkeys(names, START - timedelta(days=1)),
    )


async def variation(objective: Objective, service: Service, pods: int = 5) -> Variation:
    found = await known_variations(watch(objective, pods=pods), service)
    return found[objective_key(objective)]


async def test_a_calm_service_is_told_from_a_restless_one() -> None:
    calm = await variation(ERRORS, Service())
    restless = await variation(ERRORS, Service(spread=0.7))
    assert calm.is_measured
    assert (calm.minutes, calm.pods) == (MINUTES, 5)
    assert calm.dispersion < 0.1
    assert 0.5 < restless.dispersion < 2


async def test_latency_and_quality_are_measured_like_errors() -> None:
    for objective in (LATENCY, ACCURACY):
        calm = await variation(objective, Service())
        restless = await variation(objective, Service(spread=0.7))
        assert calm.dispersion < 0.1
        assert 0.4 < restless.dispersion < 2


async def test_the_pods_past_is_asked_up_to_the_canary_by_the_minute() -> None:
    service = Service()
    await variation(ERRORS, service)
    ((query, since, until, step),) = service.asked
    assert until.timestamp() == WHOLE_MINUTE
    assert until - since == timedelta(hours=4)
    assert step == 60
    assert "fraud-aaa-0|fraud-aaa-1" in query
    assert "bbb" not in query


async def test_what_is_known_is_not_asked_again_and_survives_a_restart() -> None:
    service = Service()
    ledger = (await measure(watch(ERRORS), service)).ledger
    assert ledger.is_worth_storing(
        Ledger(rollout="bbb/1").beginning(dict.fromkeys(ledger.begun, START))
    )
    restarted = read_ledger(write_ledger(ledger))
    assert restarted.variations == ledger.variations
    again = (await measure(watch(ERRORS, ledger=restarted), service)).ledger
    assert len(service.asked) == 1
    assert again.variations == ledger.variations


async def test_who_restarts_before_it_was_stored_measures_the_same() -> None:
    one, other = [await variation(ERRORS, Service(spread=0.3)) for _ in range(2)]
    assert one == other


async def test_one_pod_cannot_be_split_and_nobody_is_asked() -> None:
    service = Service(pods=1)
    found = await variation(ERRORS, service, pods=1)
    assert not found.is_measured
    assert found.trouble == "stable has one pod, which can't be split in two"
    assert found.dispersion == UNVERIFIED_DISPERSION
    assert not service.asked


async def test_a_short_past_is_a_guess() -> None:
    found = await variation(ERRORS, Service(minutes=50))
    assert not found.is_measured
    assert found.trouble == "only 48 min of at least two stable pods are known"


async def test_counters_that_are_not_there_prove_nothing() -> None:
    found = await variation(NULLS, Service())
    assert found.trouble == "at least two stable pods have to have counted something before"


async def test_what_no_pod_shows_by_itself_is_a_guess_and_gauges_have_none() -> None:
    quality = Objective(preset=Preset.QUALITY, worse_than_stable=MARGIN)
    found = await known_variations(watch(RATIO, DRIFT, quality), Service())
    assert set(found) == {objective_key(RATIO), objective_key(quality)}
    for each in found.values():
        assert each.trouble == "what tells of it can't be told apart by pod"


async def test_a_failure_leaves_the_past_to_be_asked_again() -> None:
    for failure in (OutsideUnavailable("down"), QueryRefused("q", "too many samples")):
        assert await known_variations(watch(ERRORS), Service(failure=failure)) == {}


async def test_a_look_does_not_wait_for_a_slow_past() -> None:
    hurried = replace(watch(ERRORS), patience_seconds=0.01)
    assert await known_variations(hurried, Service(hangs=True)) == {}


async def test_time_alone_needs_no_past() -> None:
    service = Service()
    by_time = replace(watch(ERRORS), is_bet_on=False)
    assert await known_variations(by_time, service) == {}
    assert not service.asked


async def test_a_pod_that_has_just_started_is_cold_and_does_not_count_yet() -> None:
    """Half of the requests of each pod's first three minutes go wrong; they are left out."""
    service = ColdStarts()
    found = await variation(ERRORS, service)
    assert found.dispersion < 0.1


class ColdStarts(Service):
    """Pods that restart every half hour, each at another time."""

    def _counters(self, number: int, draw: np.random.Generator) -> Iterable[Series]:
        for series in super()._counters(number, draw):
            if series.labels["__name__"] != "model_requests_total":
                continue
            samples, counted = [], 0.0
            for minute, ((time, value), (_, before)) in enumerate(
                zip(series.samples[1:], series.samples, strict=False)
            ):
                since_start = (minute + 7 * number) % 30
                if since_start == 0:
                    counted = 0.0
                is_cold = since_start < 2 and series.labels["code"] == "500"
                counted += self.per_minute / 2 if is_cold else value - before
                samples.append((time, counted))
            yield replace(series, samples=tuple(samples))
