"""The operator dies at every write around a terminal decision, before it arrives and after."""

import asyncio
from pathlib import Path

import pytest

from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.faults.kills import TERMINAL, Kill, When
from tests.integration.faults.run import Outcome, Play, Run
from tests.integration.faults.story import a_good_version, versions_that_do_not_stay

PROMOTION = {
    "before": ["promotion stored", "Services moved", "promotion recorded", "promotion done"],
    "after": ["promotion stored", "Services moved", "promotion recorded", "promotion told"],
}
ROLLBACK = {
    "before": ["rollback stored in status", "rollback recorded", "supersession recorded"],
    "after": ["rollback stored on the route", "rollback recorded", "supersession recorded"],
}
"""`make faults` dies at every other write too."""


@pytest.mark.timeout(1200)
async def test_what_was_decided_is_finished_once_by_whoever_comes_next(
    control_plane: ControlPlane, admin: Admin, namespace: str, tmp_path: Path
) -> None:
    async def played(play: Play, moments: dict[str, list[str]], when: When) -> Outcome:
        name = f"{namespace}-{play.__name__.replace('_', '-')}-{when}"
        kills = tuple(Kill(TERMINAL[moment], when) for moment in moments[when])
        outcome = await Run(control_plane, admin, name, tmp_path / name, kills).play(play)
        assert len(outcome.injected) == len(kills), outcome.injected
        return outcome

    outcomes = await asyncio.gather(
        played(a_good_version, PROMOTION, "before"),
        played(a_good_version, PROMOTION, "after"),
        played(versions_that_do_not_stay, ROLLBACK, "before"),
        played(versions_that_do_not_stay, ROLLBACK, "after"),
    )
    for outcome in outcomes:
        assert outcome.violations == ()
        assert outcome.lost == 0
    promoted, _, rolled_back, _ = (outcome.ending for outcome in outcomes)
    assert [outcome.ending for outcome in outcomes] == [promoted] * 2 + [rolled_back] * 2
    assert promoted["fates"] == ["2 Promoted EveryStepPassed", "1 Installed Installed"]
    assert rolled_back["fates"] == [
        "4 Reverted Reverted",
        "3 Superseded Superseded",
        "2 RolledBack ObjectiveFailed",
        "1 Installed Installed",
    ]
