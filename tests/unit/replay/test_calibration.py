"""A policy on all pseudo-rollouts at once: the same evidence as a ledger's, and a threshold."""

from __future__ import annotations

import re
from datetime import timedelta
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.evidence.ledger import Block, Ledger
from serinus.evidence.wealth import Nats
from serinus.replay.aa import Replayed
from serinus.replay.calibration import calibrated, worsened
from serinus.replay.summary import calibration_of
from serinus.replay.threshold import log_threshold, rank_of
from serinus.resource.objectives import in_force
from serinus.signals.blocks import objective_key
from serinus.signals.series import Series
from serinus.signals.tally import Tally
from tests.unit.replay.pods import (
    REVISION,
    START,
    counter,
    error_rate,
    past_of,
    pod_name,
    predicted,
    served,
)

HOUR = {"rollout": {"maxDuration": "1h"}}
WEEK = 7 * 24 * 60


def as_a_ledger_has_it(found: Replayed, place: int) -> list[float]:
    """Return the evidence against one pseudo-canary, block by block, as a rollout counts it."""
    (objective,) = found.spec.objectives
    key, told = objective_key(objective), []
    ledger = Ledger(rollout="r", begun={key: START})
    entered = START
    for minute, counts in enumerate(found.trials[0].counts):
        since = START + timedelta(minutes=minute)
        if found.course.begins_step[minute]:
            entered = since
        canary, stable = (
            tally(found.trials[0].bins, float(total[place]), bad[place])
            for total, bad in (
                (counts.canary, counts.bad_canary),
                (counts.stable, counts.bad_stable),
            )
        )
        block = Block(
            since=since, until=since + timedelta(minutes=1), canary=canary, stable=stable
        )
        ledger = ledger.extended({key: (block,)}).staked(
            {key: objective}, {key: (block,)}, entered
        )
        said = ledger.told_of(key)
        told.append(said.against if said.bad >= 4 else min(0.0, said.against))
    return told


def tally(edges: tuple[str, ...], total: float, bad: Nats) -> Tally:
    """Bad events, or of a distribution values beyond each edge."""
    if not edges:
        return Tally(total=total, bad=float(bad[0]))
    beyond = [total, *bad, 0.0]
    labels = (*edges, "+Inf")
    between = {x: float(beyond[n] - beyond[n + 1]) for n, x in enumerate(labels)}
    return Tally(total=total, bins={"": between})


async def test_predictions_held_against_stables_are_replayed_like_all_that_is_counted() -> None:
    objective = {"preset": "drift", "of": "predictions", "against": "stable", "limit": "0.1"}
    spec = error_rate(**HOUR, objectives=[objective])

    found = await past_of(predicted(4, 180), 180, spec)

    assert found.left_out == ()
    assert found.trials[0].bins == ("0.2", "0.5", "0.9")
    evidence = found.evidence()
    for place in (0, len(found.splits) - 1):
        assert evidence[:, place] == pytest.approx(as_a_ledger_has_it(found, place), abs=1.1e-4)


async def test_the_evidence_is_what_a_rollout_would_have_counted() -> None:
    found = await past_of(served(4, 180), 180, error_rate(**HOUR))

    evidence = found.evidence()

    for place in (0, len(found.splits) - 1):
        assert evidence[:, place] == pytest.approx(as_a_ledger_has_it(found, place), abs=1.1e-4)


async def test_a_quiet_week_is_told_in_a_sentence() -> None:
    found = await past_of(served(2, WEEK), WEEK, error_rate(**HOUR))

    made = calibration_of(found, START)

    assert made.rollouts == 336
    assert made.message == (
        "this policy would have rolled back 0 of 336 A/A rollouts of the last 7 days"
    )
    assert made.log_threshold == pytest.approx(log(100), abs=2e-4)


async def test_bursts_of_one_pod_raise_the_threshold_beyond_all_of_them() -> None:
    rng, series = np.random.default_rng(3), []
    for number in range(2):
        gains = rng.poisson(3, WEEK + 1)
        for begin in rng.integers(0, WEEK, 60):
            gains[begin : begin + 3] += 120
        good = np.cumsum(rng.poisson(600, WEEK + 1))
        for code, values in (("200", good), ("500", np.cumsum(gains))):
            series.append(
                counter("model_requests_total", pod_name(number), list(values), code=code)
            )
    found = await past_of(series, WEEK, error_rate(**HOUR))

    made = calibration_of(found, START)

    assert made.log_threshold is not None
    assert made.log_threshold > log(100)
    assert made.rolled_back == 0
    assert made.uncalibrated_rolled_back > 0
    assert "by its error rate alone" in made.message


async def test_a_canary_made_worse_is_found() -> None:
    found = await past_of(served(4, WEEK), WEEK, error_rate(**HOUR))
    result = calibrated(found.evidence(), 0.01)

    worse = found.evidence([worsened(found.trials[0], 0.02, seed=1)])

    assert np.mean(worse.max(axis=0) >= result.log_threshold) > 0.95


async def test_what_is_expected_is_told_from_the_traffic_there_is() -> None:
    found = await past_of(served(2, WEEK, per_minute=300), WEEK, error_rate(**HOUR))

    told = found.expected(None)
    assert told.startswith("error-rate: at 10 requests/s a 1-point regression shows in")
    assert "at 10 %" in told
    assert "at 50 %" in told
    assert found.expected(20.0) != told


async def test_a_service_that_has_only_begun_is_told_by_the_traffic_there_is() -> None:
    young = await past_of(served(2, 30, per_minute=300), 24 * 60, error_rate(**HOUR))

    rate = re.search(r"at ([0-9.]+) requests/s", young.expected(None))
    assert rate is not None
    assert 8 < float(rate[1]) <= 10


async def test_what_a_proxy_counts_tells_what_to_expect_and_of_no_pod() -> None:
    spec = error_rate(metrics={"source": "istio"}, **HOUR)
    labels = {
        "destination_workload": f"fraud-{REVISION}",
        "destination_workload_namespace": "prod",
        "reporter": "source",
        "response_code": "200",
    }
    seen = counter("istio_requests_total", "gateway", [600.0 * n for n in range(61)], **labels)
    other = counter(
        "istio_requests_total",
        "gateway",
        [6000.0 * n for n in range(61)],
        **{**labels, "destination_workload": f"fraudulent-{REVISION}"},
    )

    found = await past_of([seen, other], 60, spec)

    assert found.left_out == ("error-rate",)
    assert calibration_of(found, START).expected.startswith("error-rate: at 10 requests/s")


QUALITY = {"preset": "quality", "worseThanStable": {"by": "5%"}}


def outcomes(pods: int, minutes: int, **wrong: float) -> list[Series]:
    """Return the outcomes of each pod's own predictions, in segments with shares of wrong ones."""
    rng = np.random.default_rng(5)
    return [
        counter(
            *("model_outcomes_total", pod_name(pod), list(np.cumsum(told))),
            correct=correct,
            country=country,
            model_version="1",
        )
        for pod in range(pods)
        for country, share in wrong.items()
        for correct, mean in (("true", 100 * (1 - share)), ("false", 100 * share))
        for told in (rng.poisson(mean, minutes + 1),)
    ]


async def test_outcomes_are_replayed_by_segment_each_with_its_part_of_the_error_budget() -> None:
    objectives = [{**QUALITY, "by": "country", "segments": ["DE", "FR"]}]
    spec = in_force(error_rate(objectives=objectives, **HOUR), None)
    series = [*served(4, 180), *outcomes(4, 180, DE=0.05, FR=0.2)]

    found = await past_of(series, 180, spec)

    assert found.left_out == ()
    by_title = {each.objective.title: each for each in found.trials}
    rates = {
        title: float(
            sum(c.bad_canary.sum() for c in t.counts) / sum(c.canary.sum() for c in t.counts)
        )
        for title, t in by_title.items()
    }
    assert rates["quality[DE]"] == pytest.approx(0.05, abs=0.01)
    assert rates["quality[FR]"] == pytest.approx(0.2, abs=0.01)
    assert rates["quality"] == pytest.approx(0.125, abs=0.01)
    assert found.evidence().max() < log(100)


async def test_outcomes_say_nothing_before_there_are_enough() -> None:
    """As in a rollout, where the objective is immature until then."""
    few, many = (
        error_rate(objectives=[{**QUALITY, "minLabelled": least}], **HOUR) for least in (1, 2000)
    )
    series = outcomes(4, 60, DE=0.05)

    first = (await past_of(series, 60, few)).evidence()
    later = (await past_of(series, 60, many)).evidence()

    assert np.all(later[:5] == 0)
    assert np.any(first[:5] != 0)
    assert np.array_equal(first[-1], later[-1])


@given(st.integers(300, 5000), st.sampled_from([0.001, 0.01, 0.05, 0.2]))
def test_no_more_than_the_false_rollback_rate_lies_beyond(rollouts: int, rate: float) -> None:
    rank = rank_of(rollouts, rate)

    assert 1 <= rank <= rollouts
    assert rank == 1 or rank / (rollouts + 1) <= rate


@given(st.integers(0, 2**32), st.integers(300, 600), st.floats(0.1, 20))
def test_a_threshold_is_never_below_what_the_rate_asks_for(
    seed: int, rollouts: int, spread: float
) -> None:
    maxima = np.random.default_rng(seed).normal(0, spread, rollouts)

    asked = float(log_threshold(maxima, 0.01))

    assert asked >= -log(0.01)
    assert np.sum(maxima > asked) < rank_of(rollouts, 0.01)


async def test_a_latency_without_a_histogram_stands_in_nobodys_way() -> None:
    objectives = [
        {"preset": "error-rate", "worseThanStable": {"by": "1%"}},
        {"preset": "latency", "limit": "250ms"},
    ]
    found = await past_of(served(2, 120), 120, error_rate(objectives=objectives, **HOUR))

    assert np.all(found.evidence() <= log(100))


async def test_several_objectives_share_the_error_budget() -> None:
    one, (objective,) = error_rate(**HOUR), error_rate().objectives
    advised = [{"preset": "null-outputs", "worseThanStable": {"by": "1%"}, "advisory": True}]
    written = objective.model_dump(mode="json", by_alias=True, exclude_unset=True)
    two = error_rate(objectives=[written, *advised], **HOUR)
    series = served(2, 120)

    alone = (await past_of(series, 120, one)).evidence()
    shared = (await past_of(series, 120, two)).evidence()

    assert shared == pytest.approx(alone - log(2), abs=1.1e-4)


async def test_a_known_duration_lowers_what_a_quiet_past_asks_for() -> None:
    known = {"rollout": {"maxDuration": "1h", "threshold": "simulated"}}
    series = served(4, 75 * 60)

    at_any_time, in_time = [
        calibration_of(await past_of(series, 75 * 60, error_rate(**each)), START)
        for each in (HOUR, known)
    ]

    assert at_any_time.log_threshold == pytest.approx(log(100), abs=1e-3)
    assert in_time.log_threshold is not None
    assert log(100) - 0.5 < in_time.log_threshold < log(100) - 0.1
    assert in_time.policy != at_any_time.policy
