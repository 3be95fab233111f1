"""What a person reads: numbers, sentences and what to do next; brackets are no markup."""

import io
from typing import Any

import pytest
from rich.console import Console

from serinus.cli.show import age, page
from serinus.resource.body import read_resource
from serinus.resource.status import parse_status
from tests.unit.cli.situations import (
    CANARY,
    NOW,
    STABLE,
    at,
    body,
    condition,
    healthy,
    progressing,
    rolled_back,
    waiting_for_approval,
)


def shown(resource: dict[str, Any]) -> str:
    output = io.StringIO()
    console = Console(file=output, width=200, highlight=False, markup=False, emoji=False)
    console.print(page(read_resource(resource), parse_status(resource["status"]), NOW))
    return output.getvalue()


def lines_with(word: str, text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if word in line]


def test_the_first_line_says_how_it_stands() -> None:
    first, second, *_ = shown(body(healthy())).splitlines()
    assert (first, second) == ("fraud in ml: Healthy", "  what is going on")


def test_both_tracks_are_told_with_version_revision_and_share() -> None:
    text = shown(body(progressing()))
    assert lines_with(STABLE, text) == [f"stable version 7 {STABLE} 3 of 3 pods ready for 9d"]
    assert lines_with(CANARY, text) == [
        f"canary version 8 {CANARY} 5 % of the traffic, step 2/4 for 10m"
    ]


def test_the_objectives_in_force_are_told_with_where_they_come_from() -> None:
    objectives = [
        {"name": "error-rate", "source": "built in", "limit": "≤ 5 %, ≤ stable + 1 %"},
        {"name": "drift", "source": "ObjectiveTemplate/ml", "limit": "≤ 0.2", "advisory": True},
    ]
    text = shown(body(healthy() | {"objectives": objectives}))
    assert lines_with("built in", text) == ["error-rate ≤ 5 %, ≤ stable + 1 % from built in"]
    assert lines_with("drift", text) == ["drift (advisory) ≤ 0.2 from ObjectiveTemplate/ml"]


def test_verdicts_come_with_their_numbers_and_their_sentence() -> None:
    verdict = {
        "objective": "error-rate",
        "verdict": "fail",
        "canary": "4.1 %",
        "stable": "0.5 %",
        "limit": "1 %",
        "canarySamples": 1200,
        "stableSamples": 23000,
        "message": "4.1 % of requests failed [3 of the last 5 windows]",
        "advisory": True,
    }
    (line,) = lines_with("error-rate", shown(body(progressing() | {"verdicts": [verdict]})))
    assert line == (
        "error-rate (advisory) fail canary 4.1 % stable 0.5 % limit 1 % samples 1200/23000 "
        "4.1 % of requests failed [3 of the last 5 windows]"
    )


def test_conditions_and_history_are_told() -> None:
    text = shown(body(rolled_back()))
    assert lines_with("Stalled", text) == ["Stalled True ObjectiveFailed for 2h a sentence"]
    (past,) = lines_with("limit 1 %", text)
    assert past == (
        f"version 8 {CANARY} RolledBack 60m ago ObjectiveFailed "
        "error-rate: 4.1 % of requests failed [limit 1 %]"
    )


@pytest.mark.parametrize(
    ("told", "hint"),
    [
        (progressing(), "You can: kubectl serinus promote|abort fraud"),
        (waiting_for_approval(), "You can: kubectl serinus approve|promote|abort fraud"),
        (rolled_back(), "Change the spec, or: kubectl serinus retry fraud"),
        ({}, "The operator has not looked at the newest spec yet; is it running?"),
    ],
)
def test_what_can_be_done_next_is_said(told: dict[str, Any], hint: str) -> None:
    assert hint in shown(body(told)).splitlines()


def test_a_healthy_resource_asks_for_nothing() -> None:
    assert "kubectl serinus" not in shown(body(healthy()))


def test_a_command_on_its_way_is_told() -> None:
    text = shown(body(rolled_back(), retry=f"{CANARY}/20300131T120000Z"))
    assert "retry was asked for and is not carried out yet." in text


@pytest.mark.parametrize(
    ("seconds_ago", "expected"),
    [
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (7199, "119m"),
        (7200, "2h"),
        (172800, "2d"),
        (-5, "0s"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(seconds_ago: float, expected: str) -> None:
    then = parse_status({"stable": {"revision": "r", "version": "v", "since": at(seconds_ago)}})
    assert then.stable is not None
    assert age(NOW, then.stable.since) == expected


def test_nobody_is_asked_to_approve_what_waits_for_a_template() -> None:
    missing = [condition("Ready", "False", "ObjectiveTemplateMissing")]
    text = shown(body(waiting_for_approval() | {"conditions": missing}))
    assert "You can: kubectl serinus promote|abort fraud" in text


def test_drift_is_told_by_feature_the_worst_first() -> None:
    features = [
        {"feature": "age", "distance": 0.3117, "samples": 5700, "isDrifted": True},
        {"feature": "city", "samples": 12, "isDrifted": False},
    ]
    verdict = {"objective": "drift", "verdict": "undecided", "message": "", "features": features}
    text = shown(body(progressing() | {"verdicts": [verdict]}))
    assert lines_with("age", text)[-1] == "drift age 0.312 5,700 values drifted"
    assert lines_with("city", text)[-1] == "drift city - 12 values"
