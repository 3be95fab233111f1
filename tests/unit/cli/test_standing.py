"""One exit code for CI: it never says "healthy" or "failed" of what is still to be decided."""

from typing import Any

import pytest

from serinus.cli.exits import ExitCode
from serinus.cli.standing import exit_code
from serinus.resource.body import read_resource
from serinus.resource.status import parse_status
from tests.unit.cli.situations import (
    CANARY,
    body,
    condition,
    healthy,
    progressing,
    rolled_back,
    status,
    waiting_for_approval,
)


def code(resource: dict[str, Any]) -> ExitCode:
    return exit_code(read_resource(resource), parse_status(resource["status"]))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param(healthy(), ExitCode.HEALTHY, id="healthy and settled"),
        pytest.param(status("Healthy"), ExitCode.IN_PROGRESS, id="healthy, still draining"),
        pytest.param(status("Degraded"), ExitCode.IN_PROGRESS, id="stable has no ready pod"),
        pytest.param(progressing(), ExitCode.IN_PROGRESS, id="a canary is on its way"),
        pytest.param(waiting_for_approval(), ExitCode.IN_PROGRESS, id="waits for a person"),
        pytest.param(status("RollingBack"), ExitCode.IN_PROGRESS, id="not rolled back yet"),
        pytest.param(status("Promoting"), ExitCode.IN_PROGRESS, id="promoting"),
        pytest.param(status("Suspended"), ExitCode.IN_PROGRESS, id="suspended"),
        pytest.param(rolled_back(), ExitCode.FAILED, id="rolled back"),
        pytest.param(status("Invalid"), ExitCode.FAILED, id="invalid"),
        pytest.param(
            status("Progressing", conditions=[condition("Stalled", "True")]),
            ExitCode.FAILED,
            id="stalled half-way",
        ),
        pytest.param({}, ExitCode.IN_PROGRESS, id="no operator has looked at it"),
    ],
)
def test_a_situation_has_its_exit_code(told: dict[str, Any], expected: ExitCode) -> None:
    assert code(body(told)) is expected


@pytest.mark.parametrize("told", [healthy(), rolled_back(), status("Invalid")])
def test_a_status_of_an_older_spec_says_nothing_about_the_new_one(told: dict[str, Any]) -> None:
    resource = body(told)
    resource["metadata"]["generation"] = 3
    assert code(resource) is ExitCode.IN_PROGRESS


def test_right_after_a_retry_the_old_failure_is_not_the_answer() -> None:
    retried = body(rolled_back(), retry=f"{CANARY}/20300131T120000Z")
    assert code(retried) is ExitCode.IN_PROGRESS


def test_a_command_carried_out_is_no_longer_waited_for() -> None:
    text = f"{CANARY}/20300131T120000Z"
    assert code(body(rolled_back() | {"handled": {"retry": text}}, retry=text)) is ExitCode.FAILED


def test_an_invalid_spec_fails_whatever_was_asked_for() -> None:
    assert code(body(status("Invalid"), promote=f"{CANARY}/x")) is ExitCode.FAILED


def test_what_is_being_deleted_is_not_healthy() -> None:
    resource = body(healthy())
    resource["metadata"]["deletionTimestamp"] = "2030-01-31T12:00:00Z"
    assert code(resource) is ExitCode.IN_PROGRESS
