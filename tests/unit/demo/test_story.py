"""Each act waits for what it is about, and ends the story where it can't come any more."""

import json
from datetime import timedelta
from typing import Any

import pytest

from demo.clients import clients_leave, read_last_words
from demo.errors import StoryError, UnreachableError
from demo.killing import operator_is_killed
from demo.story import (
    ACTS,
    bad_version_is_rolled_back,
    first_version_is_installed,
    good_version_comes_on_trial,
    good_version_is_promoted,
    ignoring_version_is_rolled_back,
    operator_dies,
    tell,
)
from serinus.resource.spec import parse_spec
from serinus.resource.status import Draining, Fate, Phase, Status
from tests.unit.demo.recorded import START, record, rollout, status, summary
from tests.unit.demo.theatre import Theatre, operator_pod

PENDING = status(phase=Phase.PENDING, stable=None, stable_version=None)
AT_20, AT_50 = status(rollout=rollout(weight=20)), status(rollout=rollout(weight=50))
PROMOTED = status(stable_version="v2", history=(record("v2", Fate.PROMOTED),))


def refused(version: str, phase: Phase = Phase.ROLLED_BACK, **changes: Any) -> Status:
    history = (record(version, Fate.ROLLED_BACK),)
    return status(phase=phase, history=history, **changes)


def test_the_first_version_is_waited_for_until_it_serves() -> None:
    theatre = Theatre({"v1": [(PENDING, {}), (status(), {})]})
    stage = theatre.stage()
    first_version_is_installed(stage)
    assert stage.watch.last.status.stable_version == "v1"


def test_what_is_applied_is_a_resource_the_operator_understands() -> None:
    theatre = Theatre()
    first_version_is_installed(theatre.stage())
    manifest = theatre.applied[0]
    assert parse_spec(manifest["spec"]).model.version == "v1"
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    assert container["env"] == [{"name": "MODEL_VERSION", "value": "v1"}]


def test_model_pods_fit_into_a_restricted_namespace() -> None:
    theatre = Theatre()
    first_version_is_installed(theatre.stage())
    pod = theatre.applied[0]["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    security = pod["containers"][0]["securityContext"]
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}


def test_the_operator_is_not_killed_before_there_is_evidence_to_lose() -> None:
    theatre = Theatre({"v2": [(AT_20, {"v2": 3}), (AT_20, {"v2": 59}), (AT_20, {"v2": 60})]})
    good_version_comes_on_trial(theatre.stage())
    assert len(theatre.scenes) == 1


def test_a_good_version_that_is_refused_ends_the_story() -> None:
    theatre = Theatre({"v2": [(refused("v2"), {})]})
    with pytest.raises(StoryError, match="v2 gets traffic: can't be any more"):
        good_version_comes_on_trial(theatre.stage())


SUCCESSION = [
    [operator_pod("serinus-a")],
    [operator_pod("serinus-a")],  # a killed pod may be listed a moment longer
    [operator_pod("serinus-b", is_ready=False)],
    [operator_pod("serinus-b")],
]


def killed(*after: Status) -> Theatre:
    theatre = Theatre(
        scenes=[(AT_20, {"v2": 60}), *((told, {"v2": 70}) for told in after)],
        operators=list(SUCCESSION),
    )
    stage = theatre.stage()
    stage.watch.look()
    operator_dies(stage)
    assert stage.kill is not None
    assert (stage.kill.pod, stage.kill.successor) == ("serinus-a", "serinus-b")
    assert stage.kill.seconds_without == 1.0
    theatre.last_line = str(stage.kill.was_resumed)
    return theatre


def test_an_operator_that_goes_on_where_it_stood_has_resumed() -> None:
    theatre = killed(AT_20, AT_20, AT_20, AT_20, AT_50)
    assert theatre.last_line == "True"
    assert ("--grace-period=0" in theatre.said[0], "--force" in theatre.said[0]) == (True, True)


def test_an_operator_that_begins_anew_has_not_resumed() -> None:
    anew = rollout(weight=0, started_at=START + timedelta(seconds=9), step_entered_at=None)
    assert killed(AT_20, AT_20, AT_20, status(rollout=anew)).last_line == "False"


def test_without_a_rollout_there_is_no_middle_to_kill_the_operator_in() -> None:
    stage = Theatre().stage()
    with pytest.raises(StoryError, match="no rollout"):
        operator_is_killed(stage, stage.watch.look())


def test_promoted_means_healthy_again() -> None:
    promoting = PROMOTED.model_copy(update={"phase": Phase.PROMOTING})
    theatre = Theatre(scenes=[(AT_50, {}), (promoting, {}), (PROMOTED, {})])
    stage = theatre.stage()
    good_version_is_promoted(stage)
    assert stage.watch.last.status.phase is Phase.HEALTHY


def test_a_bad_version_that_is_promoted_ends_the_story() -> None:
    promoted = status(history=(record("v3", Fate.PROMOTED),))
    theatre = Theatre({"v3": [(AT_20, {}), (promoted, {})]})
    with pytest.raises(StoryError, match="v3 is rolled back: can't be any more"):
        bad_version_is_rolled_back(theatre.stage())


def test_a_rollback_is_over_when_its_phase_says_so() -> None:
    theatre = Theatre({"v3": [(refused("v3", Phase.ROLLING_BACK), {}), (refused("v3"), {})]})
    bad_version_is_rolled_back(theatre.stage())
    assert len(theatre.scenes) == 1


def test_the_story_waits_until_the_refused_pods_are_gone() -> None:
    left = (Draining(revision="rv5", since=START),)
    theatre = Theatre({"v5": [(refused("v5", draining=left), {}), (refused("v5"), {})]})
    ignoring_version_is_rolled_back(theatre.stage())
    assert len(theatre.scenes) == 1


def test_the_clients_last_line_is_the_count_in_the_end() -> None:
    theatre = Theatre(last_line=json.dumps(summary({"v2": 5}, final=True)) + "\n")
    stage = theatre.stage()
    clients_leave(stage)
    assert stage.final_load is not None
    assert (stage.final_load.sent, stage.final_load.is_final) == (5, True)


@pytest.mark.parametrize("line", ["", "Traceback", "[]", "{}", json.dumps(summary({"v1": 1}))])
def test_clients_that_end_without_a_summary_are_no_success(line: str) -> None:
    with pytest.raises(UnreachableError):
        read_last_words(line)


def test_every_act_is_announced_and_what_ends_one_ends_all() -> None:
    theatre = Theatre({"v1": [(PENDING, {})]})
    with pytest.raises(StoryError, match="version v1 serves: not within"):
        tell(theatre.stage())
    assert theatre.announced == [ACTS[0][0]]
