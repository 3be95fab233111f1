"""The monitor: every value of every row counts once, where a person would look for it."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from serinus.servers.ingredients import Share
from serinus.servers.preset import ingredients_of
from serinus_sdk import Monitor
from serinus_sdk.outcomes import within
from serinus_sdk.tally import Tally
from tests.unit.sdk.shown import ROWS, Shown, baseline, monitor, shown

ANYTHING = (
    st.none()
    | st.floats()
    | st.integers()
    | st.text()
    | st.booleans()
    | st.sampled_from(["Rome", "Oslo", 30.0, [1], {}, np.float32(30), np.int64(40)])
)


def test_a_row_is_counted_with_all_that_is_odd_about_it() -> None:
    seen = monitor(baseline())
    seen.record({"age": 30.0, "city": "Rome"}, 0.5)
    seen.record({"age": None, "city": "Atlantis"}, None)
    seen.record({"age": 200.0}, float("nan"))
    seen.record({"age": "thirty", "city": "Oslo"}, 0.3)
    told = shown(seen)
    assert told.value("model_predictions_total") == 4
    assert told.value("model_null_outputs_total") == 2
    assert told.value("model_inputs_total") == 8
    assert told.value("model_missing_inputs_total") == 2
    assert told.value("model_out_of_range_inputs_total") == 1
    assert told.value("model_unseen_categories_total") == 1
    assert told.value("model_invalid_inputs_total") == 1
    assert told.value("model_feature_faults_total", feature="age", fault="out_of_range") == 1
    assert told.value("model_feature_values_total", feature="city", category="Rome") == 1
    assert told.value("model_feature_values_total", feature="city", category="(unseen)") == 1
    assert told.sum("model_prediction_values_total") == 2


def test_rows_by_name_by_position_and_as_arrays_count_alike() -> None:
    by_name, by_position, arrays = (monitor(baseline()) for _ in range(3))
    numbers = {"age": 30.0, "city": None}
    by_name.record(numbers, 1.0)
    by_position.record([30.0, None], 1.0)
    arrays.record(np.array([30.0, np.nan]), np.float64(1.0))
    assert shown(by_name) == shown(by_position) == shown(arrays)


@given(st.lists(st.dictionaries(st.sampled_from(["age", "city", "surplus"]), ANYTHING)))
def test_no_row_is_lost_or_counted_twice_whatever_is_in_it(rows: list[dict[str, Any]]) -> None:
    tally = Tally(baseline().features)
    for row in rows:
        tally.count(row)
    counts = tally.taken()
    for column in tally.columns:
        assert sum(counts[column.first : column.end]) == len(rows)
    assert not any(tally.taken())


@given(st.floats() | st.integers(), st.sampled_from(["Rome", "Oslo", "Bern"]))
def test_the_fast_way_counts_as_the_slow_way_does(age: float, city: str) -> None:
    fast, slow = Tally(baseline().features), Tally(baseline().features)
    fast.count({"age": age, "city": city})
    for column, value in zip(slow.columns, (age, city), strict=True):
        slow._counts[column.place(value)] += 1
    assert fast.taken() == slow.taken()


def test_a_short_row_misses_what_it_lacks_and_a_long_one_is_cut() -> None:
    seen = monitor(baseline())
    seen.record([30.0], 0.5)
    seen.record([30.0, "Rome", "surplus"], 0.5)
    assert shown(seen).value("model_missing_inputs_total") == 1
    assert shown(seen).value("model_inputs_total") == 4


def test_without_a_baseline_values_missing_ones_and_nulls_are_counted_all_the_same() -> None:
    seen = monitor()
    seen.record({"a": 1, "b": None}, None)
    seen.record([1, 2, float("nan")], "class")
    told = shown(seen)
    assert told.value("model_inputs_total") == 5
    assert told.value("model_missing_inputs_total") == 2
    assert told.value("model_predictions_total") == 2
    assert told.value("model_null_outputs_total") == 1


def test_every_series_is_there_before_the_first_request() -> None:
    """A counter that is born late hides what it counted first, and is not taken for zero."""
    told = shown(monitor(baseline()))
    for name in ("predictions", "null_outputs", "inputs", "missing_inputs", "invalid_inputs"):
        assert told.value(f"model_{name}_total") == 0
    assert told.value("model_requests_total", code="500") == 0
    assert told.value("model_feature_faults_total", feature="city", fault="unseen") == 0
    assert told.value("model_feature_values_total", feature="age", upto="+Inf") == 0


def test_the_baseline_is_shown_bin_by_bin_beside_what_is_counted() -> None:
    told = shown(monitor(baseline()))
    assert told.value("model_baseline_info", digest=baseline().digest, model_version="7") == 1
    assert told.sum("model_baseline_feature_values", feature="age") == 60
    bins = {labels for name, labels in told if name == "model_feature_values_total"}
    assert bins == {labels for name, labels in told if name == "model_baseline_feature_values"}


@pytest.mark.parametrize("preset", ["error-rate", "null-outputs", "missing-inputs"])
def test_the_names_are_those_of_the_preset_standard(preset: str) -> None:
    share, latency = ingredients_of("standard").of(preset), ingredients_of("standard").latency
    assert isinstance(share, Share)
    assert latency is not None
    names = {name for name, _ in shown(monitor(baseline()))}
    assert {text.partition("{")[0] for text in (*share.bad, *share.total)} <= names
    assert f"{latency.histogram}_bucket" in names


def test_a_watched_function_answers_as_before_and_is_counted() -> None:
    seen = monitor(baseline())

    @seen.watch()
    def predict(row: dict[str, Any]) -> float | None:
        return None if row["age"] is None else row["age"] / 100

    assert predict({"age": 30.0, "city": "Rome"}) == 0.3
    assert predict(row={"age": None, "city": "Rome"}) is None
    with pytest.raises(KeyError):
        predict({})
    told = shown(seen)
    assert told.value("model_predictions_total") == 2
    assert told.value("model_requests_total", code="200") == 2
    assert told.value("model_requests_total", code="500") == 1
    assert told.value("model_request_duration_seconds_count") == 3


async def test_an_asynchronous_function_is_watched_until_it_has_answered() -> None:
    seen = monitor(baseline())

    @seen.watch(rows=lambda request: request["rows"], prediction=lambda a: a["y"], batch=True)
    async def predict(request: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0)
        return {"y": [0.5 for _ in request["rows"]]}

    await predict({"rows": ROWS[:3]})
    assert shown(seen).value("model_predictions_total") == 3
    assert shown(seen).value("model_requests_total", code="200") == 1


async def test_a_call_whose_caller_left_is_no_error_of_the_models() -> None:
    seen, waits = monitor(baseline()), asyncio.Event()

    @seen.watch()
    async def predict(row: dict[str, Any]) -> float:
        waits.set()
        return await asyncio.Future[float]()

    call = asyncio.create_task(predict(ROWS[0]))
    await waits.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    told = shown(seen)
    assert told.value("model_requests_total", code="499") == 1
    assert told.value("model_requests_total", code="500") == 0
    assert told.value("model_request_duration_seconds_count") == 1
    assert told.value("model_predictions_total") == 0


def test_a_truth_counts_for_the_version_that_predicted() -> None:
    seen = monitor(baseline(), segments={"country": ["IT", "NO"]})
    seen.record(ROWS[0], "yes", id=1, segments={"country": "IT"})
    seen.record(ROWS[0], "yes", id=2, segments={"country": "FR"})
    assert seen.record_outcome(1, "yes")
    assert seen.record_outcome(2, "no")
    assert not seen.record_outcome(1, "yes")
    seen.record_outcome_of("yes", "yes", version="6", segments={"country": "NO"})
    told = shown(seen)
    outcomes = "model_outcomes_total"
    assert told.value(outcomes, model_version="7", correct="true", country="IT") == 1
    assert told.value(outcomes, model_version="7", correct="false", country="(other)") == 1
    assert told.value(outcomes, model_version="6", correct="true", country="NO") == 1
    assert told.value("model_outcomes_unmatched_total") == 1


@pytest.mark.parametrize("edges", [(0.3, 30), [0.3, 30.0, float("inf")]])
def test_durations_are_counted_at_the_edges_that_limits_need(edges: Any) -> None:
    seen = monitor(duration_edges_seconds=edges)
    for seconds in (0.25, 0.3, 20, 40):
        seen.record_request(200, seconds)
    told = {le: shown(seen).value("model_request_duration_seconds_bucket", le=le)
            for le in ("0.25", "0.3", "30.0", "+Inf")}  # fmt: skip
    assert told == {"0.25": None, "0.3": 2, "30.0": 3, "+Inf": 4}
    with pytest.raises(ValueError, match="sorted"):
        monitor(duration_edges_seconds=(1, 0.5))


def test_a_system_that_never_forks_has_a_monitor_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork")
    seen = monitor(baseline())
    seen.record(ROWS[0], 0.5)
    assert shown(seen).value("model_predictions_total") == 1


def test_segments_that_are_numbers_are_told_apart_and_a_text_is_no_list_of_them() -> None:
    seen = monitor(segments={"tier": [1, 2]})
    for tier in (1, np.int64(2), "2", 3):
        seen.record_outcome_of("a", "a", version="7", segments={"tier": tier})
    told = shown(seen)
    counted = [
        told.value("model_outcomes_total", correct="true", model_version="7", tier=tier)
        for tier in ("1", "2", "(other)")
    ]
    assert counted == [1, 2, 1]
    with pytest.raises(TypeError, match="segments of country are a list"):
        monitor(segments={"country": "DE"})


def test_a_number_is_right_within_its_tolerance_and_null_never_is() -> None:
    seen = monitor(baseline(), is_correct=within(0.5))
    seen.record_outcome_of(10.0, 10.4, version="7")
    seen.record_outcome_of(10.0, 10.6, version="7")
    seen.record_outcome_of(None, 10.0, version="7")
    told = shown(seen)
    assert told.value("model_outcomes_total", model_version="7", correct="true") == 1
    assert told.value("model_outcomes_total", model_version="7", correct="false") == 2


@pytest.mark.parametrize(
    ("prediction", "truth"), [(np.bool_(1), True), (np.int64(3), "3"), (np.float32(3), 3)]
)
def test_scalars_of_numpy_are_right_as_those_of_python_are(prediction: Any, truth: Any) -> None:
    seen = monitor(baseline())
    seen.record(ROWS[0], prediction, id=np.int64(1))
    assert seen.record_outcome("1", truth)
    assert shown(seen).value("model_outcomes_total", model_version="7", correct="true") == 1


def test_of_two_predictions_with_one_id_the_newer_is_judged_and_lasts_as_long() -> None:
    seen = monitor(baseline(), remembered=2)
    for identity, prediction in ((1, "no"), (2, "yes"), (1, "yes"), (3, "yes")):
        seen.record(ROWS[0], prediction, id=identity)
    assert [seen.record_outcome(identity, "yes") for identity in (1, 2, 3)] == [True, False, True]
    assert shown(seen).value("model_outcomes_total", model_version="7", correct="true") == 2


def test_only_so_many_predictions_wait_for_their_truth() -> None:
    seen = monitor(baseline(), remembered=2)
    for number in range(3):
        seen.record(ROWS[0], "yes", id=number)
    assert [seen.record_outcome(number, "yes") for number in range(3)] == [False, True, True]


def test_threads_lose_no_row() -> None:
    seen = monitor(baseline())

    def work() -> None:
        for row in ROWS * 10:
            seen.record(row, 0.5)

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shown(seen).value("model_predictions_total") == 4 * 600
    assert shown(seen).value("model_inputs_total") == 4 * 1200


def test_rows_take_no_room_until_they_are_scraped() -> None:
    tally = Tally(baseline().features)
    for row in ROWS * 20:
        tally.count(row)
        assert len(tally._noted) < 1000
    assert sum(tally.taken()) == 2 * 1200


WORKERS = """
import os
from prometheus_client import CollectorRegistry
from serinus_sdk import Monitor
from tests.unit.sdk.shown import ROWS, baseline

seen = Monitor(baseline(), registry=CollectorRegistry())
seen.record(ROWS[0], 0.5)
seen.record_request(200, 0.005)
children = []
for _ in range(3):
    child = os.fork()
    if not child:
        for row in ROWS:
            seen.record(row, 0.5)
            seen.record_request(200, 0.5)
        seen.record_request(500, 60)
        seen.flush()
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print(seen.exposition().decode())
"""


def of_workers(folder: Path, program: str) -> Shown:
    path = os.pathsep.join(sys.path)
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "PYTHONPATH": path}
    run = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True
    )
    return Shown.of(run.stdout)


def test_the_workers_of_a_server_show_one_sum_and_one_baseline(tmp_path: Path) -> None:
    told = of_workers(tmp_path, WORKERS)
    assert told.value("model_predictions_total") == 3 * 60 + 1
    assert told.sum("model_feature_values_total", feature="age") == 3 * 60 + 1
    assert told.sum("model_baseline_feature_values", feature="age") == 60
    durations = "model_request_duration_seconds"
    assert told.value(f"{durations}_bucket", le="0.005") == 1
    assert told.value(f"{durations}_bucket", le="0.5") == 3 * 60 + 1
    assert told.value(f"{durations}_bucket", le="+Inf") == told.value(f"{durations}_count") == 184
    assert told.value(f"{durations}_sum") == pytest.approx(3 * (60 * 0.5 + 60) + 0.005)


UNSCRAPED = """
import os, signal
from time import monotonic, sleep
from prometheus_client import CollectorRegistry
from serinus_sdk import Monitor

seen = Monitor(registry=CollectorRegistry())
child = os.fork()
if not child:
    seen.record_request(200, 0.2)
    signal.pause()
try:
    until = monotonic() + 60
    while b"duration_seconds_count 1.0" not in seen.exposition() and monotonic() < until:
        sleep(0.05)
finally:  # it holds our output open: whoever reads that would wait for ever
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print(seen.exposition().decode())
"""


STARTING = """
import os
from pathlib import Path
from prometheus_client import CollectorRegistry
from serinus_sdk import Monitor

seen = Monitor(registry=CollectorRegistry())
seen.record_request(200, 0.2)
Path(os.environ["PROMETHEUS_MULTIPROC_DIR"], "counter_1.db").touch()
print(seen.exposition().decode())
"""


def test_a_worker_that_is_about_to_start_fails_no_scrape(tmp_path: Path) -> None:
    """Its file has no length yet, and never will where it was killed."""
    assert of_workers(tmp_path, STARTING).value("model_requests_total", code="200") == 1


def test_durations_of_a_worker_that_is_never_scraped_are_shown_by_another(tmp_path: Path) -> None:
    told = of_workers(tmp_path, UNSCRAPED)
    assert told.value("model_request_duration_seconds_count") == 1
    assert told.value("model_requests_total", code="200") == 1


def test_the_version_is_the_environments_where_none_is_given(monkeypatch: Any) -> None:
    monkeypatch.setenv("MODEL_VERSION", "8")
    assert Monitor(baseline(), registry=CollectorRegistry()).version == "8"
