"""Stable's own pods split in two: which stretches of a past serve, and who is the canary."""

from __future__ import annotations

import numpy as np

from serinus.replay.pseudo import course_of
from serinus.replay.summary import calibration_of
from serinus.resource.rollout import RolloutPolicy, Step
from tests.unit.replay.pods import START, counter, error_rate, past_of, pod_name, served

HOUR = {"rollout": {"maxDuration": "1h"}}


async def test_two_pods_are_split_in_both_directions() -> None:
    found = await past_of(served(2, 600), 600, error_rate(**HOUR))

    assert len(found.splits) == 2 * 10
    assert {split.pods for split in found.splits} == {(0, 1), (1, 0)}


async def test_a_pseudo_canary_grows_with_the_weight_of_the_step() -> None:
    found = await past_of(served(10, 60), 60, error_rate(**HOUR))
    (counts, *_), trial = (found.trials[0].counts, found.trials[0])

    share = counts.canary / (counts.canary + counts.stable)
    late = trial.counts[-1]
    assert np.allclose(share, 0.1, atol=0.05)
    assert np.allclose(late.canary / (late.canary + late.stable), 0.5, atol=0.1)


async def test_both_tracks_together_are_all_there_was() -> None:
    found = await past_of(served(3, 60), 60, error_rate(**HOUR))

    for minute, counts in enumerate(found.trials[0].counts):
        total = counts.canary + counts.stable
        assert np.allclose(total, np.nansum(found.past[0][1].total[:, minute]))


async def test_one_pod_can_not_be_split_and_it_is_said() -> None:
    found = await past_of(served(1, 600), 600, error_rate(**HOUR))

    assert found.splits == ()
    assert "one pod" in found.shortfall


async def test_a_stretch_with_a_deploy_is_cut_out() -> None:
    new = [
        counter("model_requests_total", pod_name(n, "b" * 10), [0] * 90 + [5] * 511, code="200")
        for n in (1, 2)
    ]
    found = await past_of([*served(2, 600), *new], 600, error_rate(**HOUR))

    assert found.cuts.deploys == 1
    assert len(found.splits) == 2 * 9


async def test_a_named_incident_is_cut_out() -> None:
    began = START.timestamp() + 130 * 60
    found = await past_of(
        served(2, 600), 600, error_rate(**HOUR), incidents=[(began, began + 600)]
    )

    assert found.cuts.incidents == 1
    assert {split.first_minute for split in found.splits} == {n * 60 for n in range(10)} - {120}


async def test_an_incident_that_the_policy_names_is_cut_out_and_told() -> None:
    named = {"from": "2026-01-05T02:10:00Z", "until": "2026-01-05T02:20:00Z"}
    spec = error_rate(rollout={"maxDuration": "1h", "calibration": {"without": [named]}})

    found = await past_of(served(2, 151 * 60), 151 * 60, spec)
    made = calibration_of(found, START)

    assert {split.first_minute for split in found.splits} == {n * 60 for n in range(151)} - {120}
    assert made.cut_out_seconds == 3600
    assert made.message.endswith(
        "0 of 300 A/A rollouts of the last 6.29 days; 60 min cut out for incidents"
    )


async def test_an_incident_at_another_time_is_told_to_be_elsewhere() -> None:
    named = {"from": "2025-01-05T02:10:00Z", "until": "2025-01-05T02:20:00Z"}
    spec = error_rate(rollout={"maxDuration": "1h", "calibration": {"without": [named]}})

    made = calibration_of(await past_of(served(2, 600), 600, spec), START)

    assert made.cut_out_seconds == 0
    assert made.message.endswith("; no incident that is named lies in that time")


async def test_too_little_past_says_how_much_is_missing() -> None:
    week, day = 7 * 24 * 60, 24 * 60
    nothing = np.full(week - day, np.nan)
    young = [
        counter(
            one.labels["__name__"],
            one.labels["pod"],
            [*nothing, *(value for _, value in one.samples)],
            code=one.labels["code"],
        )
        for one in served(2, day)
    ]
    found = await past_of(young, week, error_rate(**HOUR))

    assert found.shortfall == (
        "48 pseudo-rollouts of 1 h in the past, 300 needed: about 5.2 days more, or more pods"
    )


async def test_two_pods_take_six_days_and_a_quarter_of_a_quiet_week() -> None:
    spec = error_rate(**HOUR)
    (enough, few) = [
        await past_of(served(2, hours * 60), hours * 60, spec) for hours in (150, 149)
    ]

    assert len(enough.splits) == 300
    assert enough.shortfall == ""
    assert "298 pseudo-rollouts" in few.shortfall


def test_a_step_of_all_the_traffic_or_none_compares_nothing() -> None:
    steps = tuple(Step(weight=weight) for weight in (0, 10, 50, 100))

    course = course_of(RolloutPolicy(steps=steps))

    assert course.weights_percent == (10, 50)
    assert course.minutes == 60
    assert [n for n, begins in enumerate(course.begins_step) if begins] == [30]
