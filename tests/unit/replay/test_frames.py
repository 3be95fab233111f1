"""What each pod counted, minute by minute, out of counters on a grid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from serinus.replay.frames import Frames, frames_of
from serinus.replay.recorded import RecordedSamples
from serinus.resource.objective import Objective, Preset
from serinus.servers.preset import ingredients_of
from serinus.signals.compile import Counted, Timed, compile_objective
from serinus.signals.series import Series
from tests.unit.replay.pods import MODEL, NAN, START, counter, pod_name

ERRORS = Objective(preset=Preset.ERROR_RATE, limit="1%")
LATENCY = Objective(preset=Preset.LATENCY, limit="500ms")
POD = pod_name(1)


async def frames(series: Sequence[Series], minutes: int, objective: Objective = ERRORS) -> Frames:
    signal = compile_objective(objective, ingredients_of("standard"), MODEL.tracks())
    assert isinstance(signal, Counted | Timed)
    until = START + timedelta(minutes=minutes)
    return await frames_of(signal, MODEL.tracks(), RecordedSamples(series), START, until)


async def test_a_counter_is_told_by_the_minute() -> None:
    found = await frames([counter("model_requests_total", POD, [5, 15, 15, 40], code="200")], 3)

    assert found.pods == (POD,)
    assert found.total.tolist() == [[10, 0, 25]]
    assert found.bad[:, :, 0].tolist() == [[0, 0, 0]]


async def test_a_restart_begins_at_zero() -> None:
    found = await frames([counter("model_requests_total", POD, [90, 100, 7, 9], code="200")], 3)

    assert found.total.tolist() == [[10, 7, 2]]


async def test_an_error_that_appears_on_a_pod_that_was_there_counts_in_full() -> None:
    series = [
        counter("model_requests_total", POD, [10, 20, 30, 40], code="200"),
        counter("model_requests_total", POD, [NAN, NAN, 3, 4], code="500"),
    ]

    found = await frames(series, 3)

    assert found.bad[:, :, 0].tolist() == [[0, 3, 1]]
    assert found.total.tolist() == [[10, 13, 11]]


async def test_a_pod_that_is_not_there_yet_has_no_count_and_no_zero() -> None:
    series = [
        counter("model_requests_total", POD, [NAN, NAN, 500, 510], code="200"),
        counter("model_requests_total", pod_name(2), [0, 1, 2, 3], code="200"),
    ]

    found = await frames(series, 3)

    assert np.isnan(found.total[0]).tolist() == [True, True, False]
    assert found.total[0, 2] == 10


async def test_pods_of_other_models_are_left_out() -> None:
    others = ("fraud-b-aaaaaaaaaa-rs-1", "churn-aaaaaaaaaa-rs-1")
    series = [counter("model_requests_total", pod, [0, 5], code="200") for pod in (POD, *others)]

    assert (await frames(series, 1)).pods == (POD,)


async def test_of_latency_what_took_longer_than_each_edge_is_told() -> None:
    name = "model_request_duration_seconds_bucket"
    within = {"0.1": [0, 60], "0.5": [0, 90], "+Inf": [0, 100]}
    series = [counter(name, POD, values, le=edge) for edge, values in within.items()]

    found = await frames(series, 1, LATENCY)

    assert found.edges == (0.1, 0.5)
    assert found.total.tolist() == [[100]]
    assert found.bad.tolist() == [[[40, 10]]]


async def test_a_long_past_is_asked_for_in_stretches_that_prometheus_can_answer() -> None:
    minutes = 25_000
    asked = []

    class Counting(RecordedSamples):
        async def evaluate(self, expression, since, until, step_seconds):  # type: ignore[no-untyped-def]
            asked.append((until - since).total_seconds() / step_seconds + 1)
            return await super().evaluate(expression, since, until, step_seconds)

    signal = compile_objective(ERRORS, ingredients_of("standard"), MODEL.tracks())
    assert isinstance(signal, Counted)
    series = [counter("model_requests_total", POD, list(range(minutes + 1)), code="200")]
    reader, until = Counting(series), START + timedelta(minutes=minutes)
    found = await frames_of(signal, MODEL.tracks(), reader, START, until)

    assert max(asked) < 11_000
    assert np.nansum(found.total) == minutes
