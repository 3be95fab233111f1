"""The stub of Prometheus answers whatever becomes of a pod, and knows when it told of bad ones."""

import time

import pytest

from benchmarks.scale.prometheus import BAD_VERSION, Exposed, Pod


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    return clock


def exposed(now: list[float]) -> Exposed:
    made = Exposed(scrape_seconds=5.0)
    labels = {"namespace": "fleet", "pod": "canary", "instance": "canary", "job": "models"}
    made.pods["canary"] = Pod(
        labels=labels, model="fraud", version=BAD_VERSION, born_at=now[0] - 60, phase=0.5
    )
    return made


def test_the_first_bad_answer_is_the_first_that_breaks_the_limit(now: list[float]) -> None:
    stub = exposed(now)
    stub.turn_bad(["fraud"])
    stub.answer('model_requests_total{pod!=""}[30000ms]', now[0])
    assert stub.first_bad_answers == {}
    now[0] += 10
    stub.answer('model_requests_total{pod!=""}[30000ms]', now[0])
    assert stub.first_bad_answers == {"fraud": now[0]}


def test_a_pod_that_is_gone_spoils_no_answer(now: list[float]) -> None:
    """It is in long windows still, and in none of the last scrapes."""
    stub = exposed(now)
    stub.turn_bad(["fraud"])
    now[0] += 20
    stub.pods["canary"].gone_at = now[0]
    now[0] += 30
    (good, bad) = stub.answer('model_requests_total{pod!=""}[60000ms]', now[0])
    assert [len(each["values"]) for each in (good, bad)] == [6, 6]
