"""The demo fails when anything went otherwise, and says what; its last lines are figures."""

from dataclasses import replace
from typing import Any

import pytest

from demo.sights import read_events, read_load, read_sight
from demo.stage import Kill
from demo.summary import Account, faults, figures, written
from serinus.resource.status import Fate
from tests.unit.demo.recorded import START_SECONDS, event, record, resource, status, summary

INSTALLED = record("v1", Fate.INSTALLED, "Installed")
PROMOTED = record("v2", Fate.PROMOTED, "EveryStepPassed")
NULLS = record("v3", Fate.ROLLED_BACK, "ObjectiveFailed", "null-outputs: canary 7 % null outputs")
CRASHED = record("v4", Fate.ROLLED_BACK, "CanaryCrashLooping", "keeps crashing")
IGNORED = record(
    "v5", Fate.ROLLED_BACK, "ObjectiveFailed", "missing-inputs: canary 3.6 % missing inputs"
)
REFUSED = (IGNORED, CRASHED, NULLS)
KILL = Kill(
    at=START_SECONDS + 30,
    pod="serinus-a",
    version="v2",
    weight=20,
    rollout_started="then",
    successor="serinus-b",
    seconds_without=6.0,
    was_resumed=True,
)
ANSWERS = {"v1": 100, "v2": 80, "v3": 20, "v5": 10}


def account(*history: Any, load: dict[str, Any] | None = None, **changes: Any) -> Account:
    told = status(history=history or (*REFUSED, PROMOTED, INSTALLED), stable_version="v2")
    counted = load or summary(ANSWERS, nulls={"v3": 3}, final=True)
    as_it_should_be = Account(
        started=START_SECONDS,
        ended=START_SECONDS + 200.4,
        sight=read_sight(START_SECONDS + 200, resource(told), None),
        events=tuple(read_events({"items": [event("Promoted", 50), event("RolledBack", 55)]})),
        kill=KILL,
        final_load=read_load(counted),
    )
    return replace(as_it_should_be, **changes)


def test_a_story_that_went_as_told_has_no_fault() -> None:
    assert faults(account()) == []


WRONG = {
    "the story ended early": (account(trouble="no gateway"), "no gateway"),
    "the good version was refused": (
        account(*REFUSED, record("v2", Fate.ROLLED_BACK, "Inconclusive", "thin"), INSTALLED),
        "version v2 was to be Promoted, and is RolledBack: Inconclusive: thin",
    ),
    "the crashing version has no fate yet": (
        account(IGNORED, NULLS, PROMOTED, INSTALLED),
        "version v4 was to be RolledBack, and is undecided",
    ),
    "the bad version was refused for something else": (
        account(
            IGNORED,
            CRASHED,
            record("v3", Fate.ROLLED_BACK, "ObjectiveFailed", "latency: slow"),
            PROMOTED,
            INSTALLED,
        ),
        "version v3 was RolledBack for another reason: ObjectiveFailed: latency: slow",
    ),
    "the crashing version was refused for something else": (
        account(
            IGNORED,
            record("v4", Fate.ROLLED_BACK, "CanaryLost", "lost"),
            NULLS,
            PROMOTED,
            INSTALLED,
        ),
        "version v4 was RolledBack for another reason: CanaryLost: lost",
    ),
    "the version that ignores a feature was refused for something else": (
        account(
            record("v5", Fate.ROLLED_BACK, "ObjectiveFailed", "latency: slow"),
            CRASHED,
            NULLS,
            PROMOTED,
            INSTALLED,
        ),
        "version v5 was RolledBack for another reason: ObjectiveFailed: latency: slow",
    ),
    "what is wrong with the fifth version was seen by its callers": (
        account(load=summary(ANSWERS, nulls={"v3": 3, "v5": 1}, final=True)),
        "version v5 gave 1 bad answers",
    ),
    "a request was lost": (
        account(load=summary(ANSWERS, nulls={"v3": 3}, lost=1, final=True)),
        "1 requests were lost by a traffic shift: 1 reset",
    ),
    "the crashing version got a request": (
        account(load=summary({**ANSWERS, "v4": 1}, nulls={"v3": 3}, final=True)),
        "version v4 got 1 requests",
    ),
    "a good version gave a null": (
        account(load=summary(ANSWERS, nulls={"v3": 3, "v2": 1}, final=True)),
        "version v2 gave 1 bad answers",
    ),
    "the canary was never asked": (
        account(load=summary({"v1": 9, "v3": 9, "v5": 9}, nulls={"v3": 3}, final=True)),
        "version v2 got no request",
    ),
    "the bad version was not bad": (
        account(load=summary(ANSWERS, final=True)),
        "version v3 gave no null: it was no bad model",
    ),
    "the count is not the last one": (
        account(load=summary(ANSWERS, nulls={"v3": 3})),
        "the clients' count is not complete",
    ),
    "nobody killed the operator": (
        account(kill=None),
        "no operator was killed and followed by another",
    ),
    "no operator came after it": (
        account(kill=replace(KILL, successor="")),
        "no operator was killed and followed by another",
    ),
    "the rollout began anew": (
        account(kill=replace(KILL, was_resumed=False)),
        "after the operator's death the rollout of v2 began anew",
    ),
}


@pytest.mark.parametrize(("told", "fault"), WRONG.values(), ids=WRONG)
def test_whatever_went_otherwise_is_named(told: Account, fault: str) -> None:
    assert faults(told) == [fault]
    assert f"  - {fault}" in written(told)


def test_the_last_lines_are_the_figures() -> None:
    assert written(account()).splitlines()[-7:] == [
        "figure demo.requests_total 210",
        "figure demo.requests_failed_by_shift 0",
        "figure demo.promoted 1",
        "figure demo.rolled_back 3",
        "figure demo.crashed_version_requests 0",
        "figure demo.bad_answers_before_rollback 3",
        "figure demo.seconds 200",
    ]


def test_a_story_that_never_began_has_figures_too() -> None:
    nothing = Account(started=0.0, ended=1.0, sight=read_sight(1.0, None, None), trouble="no")
    assert set(figures(nothing).values()) == {0, 1}
    assert "Not as it should be" in written(nothing)


def test_decisions_and_the_kill_are_told_in_order_of_time() -> None:
    lines = [line for line in written(account()).splitlines() if " s " in line]
    assert [line.split()[0] for line in lines[:4]] == ["30", "36", "50", "55"]


def test_why_it_was_rolled_back_is_told_once() -> None:
    why = event("ObjectiveFailed", 50) | {"message": "null-outputs: 7 %"}
    end = event("RolledBack", 51) | {"message": "v3 is out: null-outputs: 7 %"}
    told = account(events=tuple(read_events({"items": [why, end]})))
    lines = [line for line in written(told).splitlines() if " s ! " in line or " s   " in line]
    assert [line.split(maxsplit=3)[-1] for line in lines][-2:] == [
        "null-outputs: 7 %",
        "v3 is out",
    ]
