"""What the orchestrator reads out of the cluster's and the clients' answers."""

from demo.sights import read_events, read_load, read_sight
from serinus.resource.status import Fate
from tests.unit.demo.recorded import START_SECONDS, event, record, resource, status, summary


def test_before_there_is_anything_a_look_shows_nothing() -> None:
    sight = read_sight(1.0, None, None)
    assert (sight.load, sight.is_up_to_date, sight.status.stable_version) == (None, False, None)


def test_a_status_about_an_older_spec_is_not_up_to_date() -> None:
    assert read_sight(1.0, resource(generation=1), None).is_up_to_date
    assert not read_sight(1.0, resource(generation=2), None).is_up_to_date


def test_a_versions_fate_is_its_latest() -> None:
    history = (record("v2", Fate.ROLLED_BACK), record("v2", Fate.SUPERSEDED))
    sight = read_sight(1.0, resource(status(history=history)), None)
    assert sight.fate_of("v2") is Fate.ROLLED_BACK
    assert sight.fate_of("v3") is None


def test_the_clients_counts_are_told_apart_by_version() -> None:
    load = read_load(summary({"v1": 3, "v3": 2}, nulls={"v3": 1}, lost=2))
    assert (load.sent, load.failures, dict(load.causes)) == (7, 2, {"reset": 2})
    assert (load.by("v1").requests, load.by("v1").bad) == (3, 0)
    assert (load.by("v3").requests, load.by("v3").bad) == (2, 1)
    assert load.by("v4").requests == 0


def test_events_come_in_the_order_in_which_they_happened() -> None:
    told = read_events({"items": [event("Second", 2, "Warning"), event("First", 1)]})
    assert [(each.reason, each.is_warning) for each in told] == [
        ("First", False),
        ("Second", True),
    ]
    assert told[0].at == START_SECONDS + 1


def test_an_event_of_the_older_kind_has_a_time_too() -> None:
    old = event("Old", 3) | {"eventTime": None, "firstTimestamp": "2030-01-01T00:00:03Z"}
    assert read_events({"items": [old]})[0].at == START_SECONDS + 3
