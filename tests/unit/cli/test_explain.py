"""What decides a rollout, told before there is one."""

import io
from typing import Any

from rich.console import Console

from serinus.cli.explain import NO_CALIBRATION, explained
from serinus.cli.show import page
from serinus.resource.body import read_resource
from serinus.resource.status import parse_status
from tests.unit.cli.situations import NOW, body, healthy
from tests.unit.resource.manifests import spec

CALIBRATION = {
    "policy": "0123456789ab",
    "at": "2030-01-01T02:30:00Z",
    "days": 7.0,
    "rollouts": 314,
    "threshold": 46053,
    "message": "this policy would have rolled back 0 of 314 A/A rollouts of the last 7 days",
    "expected": "error-rate: at 12 requests/s a 1-point regression shows in about 30 min at 5 %",
}


def shown(status: dict[str, Any], **rollout: Any) -> str:
    resource = body(status)
    resource["spec"] = spec(rollout=rollout)
    return explained(read_resource(resource), parse_status(resource["status"]))


def test_a_calibrated_policy_says_how_often_it_would_have_been_wrong_and_how_long_it_takes() -> (
    None
):
    text = shown(healthy() | {"calibration": CALIBRATION})

    assert "would have rolled back 0 of 314 A/A rollouts of the last 7 days (2030-01-01" in text
    assert "at 12 requests/s a 1-point regression shows in about 30 min at 5 %" in text


def test_whose_traffic_tells_the_time_is_said() -> None:
    calibrated = healthy() | {"calibration": CALIBRATION}
    resource = read_resource(body(calibrated) | {"spec": spec()})

    by_night = explained(resource, parse_status(calibrated))
    live = explained(resource, parse_status(calibrated), "error-rate: at 90 requests/s ...")

    assert "by the traffic of the day before 2030-01-01 02:30 UTC; --prometheus URL" in by_night
    assert "at 90 requests/s" in live
    assert "by the traffic of the last hour" in live
    assert "at 12 requests/s" not in live


def test_a_limit_that_may_be_a_hundred_times_what_was_meant_is_told() -> None:
    shares = [
        {"preset": "error-rate", "limit": "0.5", "worseThanStable": {"by": "0.2"}},
        {"preset": "null-outputs", "limit": "50%", "worseThanStable": {"by": "0.01"}},
        {"name": "queue", "value": "queue_length{$(selector)}", "limit": "0.5"},
    ]
    told = read_resource(body(healthy()) | {"spec": spec(objectives=shares)})
    text = explained(told, parse_status(healthy()))
    assert 'error-rate: limit "0.5" is 50 %; if 0.5 % is meant, write "0.5%"' in text
    assert 'error-rate: worseThanStable.by "0.2" is 20 %; if 0.2 %' in text
    assert text.count(" is meant, write ") == 2


def test_error_rates_and_steps_are_told() -> None:
    text = shown(healthy(), steps=[{"weight": 10}, {"weight": 50}], falseRollbackRate="2%")

    assert "10 %, 50 %, then all of the traffic; by evidence, for 2h at most" in text
    assert "a good canary is rolled back with a chance of at most 2%" in text
    assert NO_CALIBRATION in text


def test_a_simulated_threshold_is_told() -> None:
    text = shown(healthy(), threshold="simulated", maxDuration="30m")

    assert "the threshold of a share is simulated for 30m: each verdict says which it is" in text
    assert "simulated" not in shown(healthy())


def test_features_that_drift_are_told_with_the_worst_first() -> None:
    features = [
        {"feature": "age", "distance": 0.31, "samples": 5200, "isDrifted": True},
        {"feature": "city", "samples": 12},
    ]
    verdict = {"objective": "drift", "verdict": "undecided", "message": "", "features": features}
    text = shown(healthy() | {"verdicts": [verdict]})

    assert "drift: age 0.31, drifted (5,200 values)" in text
    assert "drift: city not told yet (12 values)" in text
    assert text.index("drift: age") < text.index("drift: city")
    assert "worst first" not in shown(healthy())


def test_classic_thresholds_have_no_error_rates() -> None:
    text = shown(healthy(), advance="time")

    assert "by time and failure counts" in text
    assert "Error rates" not in text


def test_status_shows_the_calibration_too() -> None:
    resource = body(healthy() | {"calibration": CALIBRATION})
    output = io.StringIO()
    console = Console(file=output, width=200)
    console.print(page(read_resource(resource), parse_status(resource["status"]), NOW))

    assert "0 of 314 A/A rollouts" in output.getvalue()


def test_what_the_cluster_says_of_rollouts_is_told_as_such() -> None:
    policy = [
        {"name": "steps", "value": "5 %, 50 %", "source": "cluster default"},
        {"name": "falseRollbackRate", "value": "0.5%", "source": "cluster default"},
        {"name": "interval", "value": "15s", "source": "spec.rollout"},
    ]
    text = shown(healthy() | {"policy": policy})

    assert "5 %, 50 %, then all of the traffic" in text
    assert "rolled back with a chance of at most 0.5%" in text
    assert "falseRollbackRate: 0.5%; cluster default" in text
    assert "interval: 15s" not in text
