"""The status: what was written is read back, whatever newer versions have added to it."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.errors import StatusUnreadable
from serinus.resource.status import ObjectiveInForce, Status, format_time, parse_status
from serinus.resource.verdict import FeatureDrift

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
offsets = st.integers(-720, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=offsets,
)


def dump(status: Status) -> dict[str, Any]:
    return status.model_dump(mode="json", by_alias=True, exclude_none=True)


FULL: dict[str, Any] = {
    "observedGeneration": 3,
    "phase": "Progressing",
    "message": "step 2 of 4",
    "stable": {"revision": "a", "version": "7", "since": "2030-01-01T00:00:00Z"},
    "rollout": {
        "revision": "b",
        "version": "8",
        "startedAt": "2030-01-01T00:00:00.000123Z",
        "weight": 5,
        "step": 1,
        "steps": 4,
        "stepEnteredAt": "2030-01-01T00:01:00Z",
        "capacityAskedAt": "2030-01-01T00:00:00Z",
        "failingSince": {"null-outputs": "2030-01-01T00:01:30Z"},
        "approvedStep": -1,
        "revivals": 0,
        "waitedSeconds": 1.5,
    },
    "decision": {
        "id": "promote/b/1",
        "kind": "promote",
        "revision": "b",
        "fate": "Promoted",
        "reason": "EveryStepPassed",
        "message": "passed",
        "at": "2030-01-01T00:02:00Z",
    },
    "calibration": {
        "policy": "0123456789ab",
        "incidents": "ba9876543210",
        "at": "2030-01-01T00:00:00Z",
        "days": 7.0,
        "cutOutSeconds": 3600,
        "rollouts": 314,
        "rolledBack": 0,
        "uncalibratedRolledBack": 2,
        "threshold": 61234,
        "message": "this policy would have rolled back 0 of 314 A/A rollouts",
        "expected": "a 1-point regression shows in about 30 min",
    },
    "history": [
        {
            "revision": "z",
            "version": "6",
            "fate": "RolledBack",
            "reason": "ObjectiveFailed",
            "message": "4 % failed",
            "at": "2029-12-31T00:00:00Z",
        }
    ],
    "draining": [{"revision": "z", "since": "2029-12-31T00:00:00Z"}],
    "handled": {"retry": "z/1"},
    "contents": {"aaaaaaaaaa": ["sha256:0", "sha256:1"]},
    "conditions": [
        {
            "type": "Ready",
            "status": "False",
            "reason": "Analysing",
            "message": "m",
            "lastTransitionTime": "2030-01-01T00:00:00Z",
            "observedGeneration": 3,
        }
    ],
    "stableVersion": "7",
    "canaryVersion": "8",
    "weight": 5,
    "step": "2/4",
    "verdict": "undecided",
    "objectives": [
        {
            "name": "null-outputs",
            "source": "ObjectiveTemplate/serving",
            "limit": "≤ 1 %",
            "advisory": False,
        }
    ],
    "policy": [{"name": "interval", "value": "15s", "source": "cluster default"}],
    "verdicts": [
        {
            "objective": "error-rate",
            "verdict": "undecided",
            "advisory": False,
            "canary": "0.4 %",
            "canarySamples": 12,
            "stableSamples": 340,
            "isInconclusive": False,
            "message": "12 of 50 samples",
        }
    ],
    "asOf": "2030-01-01T00:00:30Z",
    "replicas": 3,
    "readyReplicas": 3,
    "selector": "serinus.dev/model=fraud,serinus.dev/revision=a",
}


def test_a_full_status_is_written_as_it_was_read() -> None:
    assert dump(parse_status(FULL)) == FULL


def test_all_parts_of_the_status_are_in_that_test() -> None:
    assert set(FULL) == {field.alias or name for name, field in Status.model_fields.items()}


@given(st.data())
def test_whatever_is_written_is_read_back(data: st.DataObject) -> None:
    history = data.draw(st.lists(moments, max_size=3))
    records = [
        {"revision": "r", "version": "v", "fate": "Aborted", "reason": "x", "at": at}
        | {"message": data.draw(texts)}
        for at in history
    ]
    status = Status.model_validate({"history": records, "message": data.draw(texts)})
    assert parse_status(dump(status)) == status


MAPS = (FULL["handled"], FULL["contents"], FULL["rollout"]["failingSince"])


def test_fields_of_newer_versions_are_left_out_at_every_depth() -> None:
    def with_news(value: Any) -> Any:
        if isinstance(value, dict):
            news = {} if value in MAPS else {"addedIn": "v9"}
            return {key: with_news(item) for key, item in value.items()} | news
        return [with_news(item) for item in value] if isinstance(value, list) else value

    assert parse_status(with_news(FULL)) == parse_status(FULL)


def test_what_is_only_told_need_not_be_understood() -> None:
    """After a downgrade, say: it is told anew by the next look."""
    news = [FULL["verdicts"][0] | {"verdict": "maybe"}]
    raw = FULL | {"verdicts": news, "phase": "Musing", "conditions": "none"}
    assert parse_status(raw).memory() == parse_status(FULL).memory()


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("history", [FULL["history"][0] | {"fate": "Ascended"}], "status.history[0].fate: "),
        ("decision", FULL["decision"] | {"kind": "ponder"}, "status.decision.kind: "),
        ("rollout", {"revision": "b"}, "status.rollout.version: "),
    ],
)
def test_what_decisions_are_made_from_is_not_guessed(field: str, value: Any, fault: str) -> None:
    with pytest.raises(StatusUnreadable) as unreadable:
        parse_status(FULL | {field: value})
    assert str(unreadable.value).startswith(fault)
    assert "newer operator" in str(unreadable.value)


def test_names_and_words_of_others_are_cut_and_no_look_fails_on_them() -> None:
    """Templates have names of up to 253 characters, features any that a model calls them."""
    source = f"ClusterObjectiveTemplate/{'t' * 253}"
    told = ObjectiveInForce(name="tail", source=source, limit="≤ 1 %")
    assert (len(told.source), told.source[-2:]) == (256, "t…")
    drift = FeatureDrift(feature="é" * 300)
    assert len(drift.feature) == 256
    assert len(parse_status({"message": "m" * 3000}).message) == 2048
    assert FeatureDrift(feature="é" * 256).feature == "é" * 256


def test_no_status_is_a_fresh_one() -> None:
    assert parse_status(None) == parse_status({}) == Status()


def test_decisions_are_made_from_all_of_the_memory_and_nothing_else() -> None:
    memory = parse_status(FULL).memory()
    remembered = {
        *("stable", "rollout", "decision", "history", "draining", "handled", "contents"),
        "calibration",
    }
    dumped = memory.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert dumped == {key: value for key, value in FULL.items() if key in remembered}


@given(moments)
def test_a_time_is_written_in_utc_and_means_the_same(moment: datetime) -> None:
    text = format_time(moment)
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == moment
    assert datetime.fromisoformat(text).tzinfo == UTC
