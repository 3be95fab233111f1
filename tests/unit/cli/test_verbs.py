"""A command is written for the revision its giver saw, or it is refused and nothing is written."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from serinus.cli.app import WRITE_TRIES, tell
from serinus.cli.exits import Ended, ExitCode
from serinus.resource.commands import read_commands
from tests.unit.cli.situations import (
    CANARY,
    STABLE,
    OneResource,
    at,
    body,
    healthy,
    progressing,
    record,
    rolled_back,
    rollout,
    status,
    waiting_for_approval,
)

TIME = r"\d{8}T\d{6}Z"


def refusal(cluster: OneResource, verb: str, revision: str | None = None) -> str:
    before = cluster.commands
    with pytest.raises(Ended) as ended:
        tell(cluster, verb, "fraud", revision)
    assert ended.value.code is ExitCode.FAILED
    assert cluster.commands == before
    return str(ended.value)


@pytest.mark.parametrize("verb", ["promote", "abort"])
def test_a_command_about_the_rollout_names_its_revision_and_is_new_each_time(verb: str) -> None:
    cluster = OneResource(body(progressing()))
    tell(cluster, verb, "fraud", None)
    assert re.fullmatch(f"{CANARY}/{TIME}", cluster.commands[verb])


def test_an_approval_is_for_the_step_now_stood_on() -> None:
    cluster = OneResource(body(waiting_for_approval(step=1)))
    tell(cluster, "approve", "fraud", None)
    assert cluster.commands == {"approve": f"{CANARY}/1"}


def test_the_operator_reads_what_was_written() -> None:
    cluster = OneResource(body(waiting_for_approval(step=2)))
    tell(cluster, "approve", "fraud", None)
    command = read_commands(cluster.stored["metadata"]["annotations"])["approve"]
    assert (command.revision, command.detail) == (CANARY, "2")


def test_a_retry_names_the_newest_failure_of_the_version_asked_for() -> None:
    history = (record("cccccccccc", version="9"), record(), record("dddddddddd"))
    cluster = OneResource(body(rolled_back(*history), version="8"))
    tell(cluster, "retry", "fraud", None)
    assert re.fullmatch(f"{CANARY}/{TIME}", cluster.commands["retry"])


def test_a_retry_of_an_older_failure_is_said_explicitly() -> None:
    cluster = OneResource(body(rolled_back(record(), record("dddddddddd", fate="Aborted"))))
    tell(cluster, "retry", "fraud", "dddddddddd")
    assert cluster.commands["retry"].startswith("dddddddddd/")


@pytest.mark.parametrize("verb", ["promote", "abort", "approve"])
@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (healthy(), "no rollout .* fraud is Healthy"),
        (rolled_back(), "no rollout .* RolledBack; `retry` starts it again"),
        (status("Pending", stable=None, rollout=rollout()), "version 8 is the first"),
        (
            status(
                "RollingBack",
                rollout=rollout(),
                decision={
                    "id": "x",
                    "kind": "rollback",
                    "revision": CANARY,
                    "fate": "RolledBack",
                    "reason": "ObjectiveFailed",
                    "message": "bad",
                    "at": at(),
                },
            ),
            r"too late .* rollback of revision bbbbbbbbbb .*ObjectiveFailed",
        ),
    ],
)
def test_a_command_with_nothing_to_act_on_is_refused(
    verb: str, told: dict[str, Any], reason: str
) -> None:
    told = {key: value for key, value in told.items() if value is not None}
    assert re.search(reason, refusal(OneResource(body(told)), verb))


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (healthy(), "nothing to retry: the spec asks for version 8"),
        (progressing(), "version 8 is on its way"),
        (rolled_back(record(version="9")), "no failed revision of it"),
        (rolled_back(record(fate="Promoted")), "no failed revision of it"),
        (rolled_back(record(STABLE)), "no failed revision of it"),
        (rolled_back() | {"observedGeneration": 1}, "not looked at the newest spec"),
    ],
)
def test_a_retry_of_what_has_not_failed_is_refused(told: dict[str, Any], reason: str) -> None:
    assert reason in refusal(OneResource(body(told)), "retry")


def test_an_approval_without_a_pause_is_refused() -> None:
    assert "step 3/4 has no pause" in refusal(OneResource(body(progressing(step=2))), "approve")


def test_an_approval_given_twice_is_refused() -> None:
    twice = OneResource(body(waiting_for_approval(step=1, approvedStep=1)))
    assert "step 2/4 is approved already" in refusal(twice, "approve")


@pytest.mark.parametrize("verb", ["promote", "abort", "approve"])
def test_another_revision_than_the_one_insisted_on_is_not_touched(verb: str) -> None:
    cluster = OneResource(body(waiting_for_approval()))
    assert f"revision {CANARY} (version 8), not {STABLE}" in refusal(cluster, verb, STABLE)


def test_a_resource_being_deleted_takes_no_commands() -> None:
    resource = body(progressing())
    resource["metadata"]["deletionTimestamp"] = at()
    assert "being deleted" in refusal(OneResource(resource), "abort")


def test_a_command_to_a_suspended_resource_is_said_to_wait(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cluster = OneResource(body(status("Suspended", rollout=rollout())))
    tell(cluster, "promote", "fraud", None)
    assert "waits until spec.paused is gone" in capsys.readouterr().out


def touch(stored: dict[str, Any]) -> None:
    stored["status"]["message"] = "another look, nothing new"


def supersede(stored: dict[str, Any]) -> None:
    stored["status"]["rollout"]["revision"] = "cccccccccc"


def next_step(stored: dict[str, Any]) -> None:
    stored["status"]["rollout"]["step"] = 2
    stored["spec"]["rollout"]["steps"][2]["pause"] = {}


def test_a_status_write_in_between_does_not_stop_the_command() -> None:
    cluster = OneResource(body(progressing()), [touch, touch])
    tell(cluster, "abort", "fraud", None)
    assert cluster.commands["abort"].startswith(CANARY)


@pytest.mark.parametrize(("verb", "change"), [("promote", supersede), ("approve", next_step)])
def test_a_race_never_hits_a_later_revision_or_step(
    verb: str, change: Callable[[dict[str, Any]], None]
) -> None:
    cluster = OneResource(body(waiting_for_approval()), [change])
    assert "changed while you asked" in refusal(cluster, verb)


def test_a_race_without_end_is_given_up() -> None:
    cluster = OneResource(body(progressing()), [touch] * WRITE_TRIES)
    assert "changed while you asked" in refusal(cluster, "promote")
