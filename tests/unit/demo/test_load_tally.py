"""What the load generator counts, and for whom."""

import pytest

from demo.load import tally as tally_module
from demo.load.outcome import Kind, Outcome
from demo.load.tally import Latencies, Tally


def answer(at: float = 1.0, version: str = "1", prediction: float | None = 0.9) -> Outcome:
    return Outcome(at, 0.01, Kind.ANSWERED, 200, version, prediction, label=1)


def failure(at: float = 1.0, cause: str = "refused") -> Outcome:
    return Outcome(at, 0.01, Kind.TRAFFIC_FAILURE, cause=cause)


def model_error(at: float = 1.0) -> Outcome:
    return Outcome(at, 0.01, Kind.MODEL_ERROR, 500, "1", cause="status-500")


def tally_of(*outcomes: Outcome) -> Tally:
    tally = Tally()
    for outcome in outcomes:
        tally.sent += 1
        tally.add(outcome)
    return tally


def test_versions_are_counted_apart() -> None:
    line = tally_of(answer(), answer(version="2", prediction=None), model_error()).line()
    assert line["versions"] == {
        "1": {"requests": 2, "model_errors": 1, "null_outputs": 0, "correct": 1},
        "2": {"requests": 1, "model_errors": 0, "null_outputs": 1, "correct": 0},
    }


def test_a_failure_of_the_traffic_is_no_versions_fault() -> None:
    summary = tally_of(answer(), failure(5.0), failure(6.0, "status-503")).summary()
    assert summary["traffic_failures"] == {
        "total": 2,
        "by_cause": {"refused": 1, "status-503": 1},
        "latest": [
            {"at": 5.0, "cause": "refused", "status": None},
            {"at": 6.0, "cause": "status-503", "status": None},
        ],
    }
    assert list(summary["versions"]) == ["1"]  # type: ignore[call-overload]


def test_a_version_tells_when_it_was_seen_whatever_the_order_of_answers() -> None:
    version = tally_of(answer(at=7.0), answer(at=3.0), answer(at=5.0)).versions["1"].as_json()
    assert (version["first_seen"], version["last_seen"]) == (3.0, 7.0)


def test_what_was_sent_and_not_answered_is_in_flight() -> None:
    tally = tally_of(answer())
    tally.sent += 2
    assert tally.line()["in_flight"] == 2


@pytest.mark.parametrize(
    ("prediction", "label", "correct"),
    [(0.5, 1, True), (0.49, 1, False), (0.1, 0, True), (None, 0, False)],
)
def test_a_null_is_never_correct(prediction: float | None, label: int, correct: bool) -> None:
    outcome = Outcome(1.0, 0.01, Kind.ANSWERED, 200, "1", prediction, label)
    assert outcome.correct is correct


def test_recent_goes_on_where_the_last_answer_ended() -> None:
    tally = tally_of(answer(1.0), answer(2.0))
    first = tally.since(0)
    tally.add(answer(3.0))
    second = tally.since(2)
    assert (first["next"], second["next"]) == (2, 3)
    assert [record["at"] for record in second["records"]] == [3.0]  # type: ignore[attr-defined]
    assert tally.since(3) == {"records": [], "next": 3, "missed": 0}


def test_recent_tells_how_many_are_gone() -> None:
    tally = tally_of(*(answer() for _ in range(tally_module.RECENT_KEPT + 10)))
    answered = tally.since(3)
    assert answered["missed"] == 7
    assert answered["records"][0]["sequence"] == 10  # type: ignore[index]
    assert answered["next"] == 10 + tally_module.RECENT_AT_ONCE


def test_recent_from_beyond_the_end_is_empty() -> None:
    assert tally_of(answer()).since(99) == {"records": [], "next": 99, "missed": 0}


def test_quantiles_are_right_to_within_their_resolution() -> None:
    latencies = Latencies()
    for number in range(1, 1001):
        latencies.add(number / 1000)
    assert latencies.quantile(0.5) == pytest.approx(0.5, rel=0.05)
    assert latencies.quantile(0.99) == pytest.approx(0.99, rel=0.05)
    assert latencies.as_json()["max"] == 1.0


def test_no_latency_at_all_is_no_error() -> None:
    assert Latencies().quantile(0.99) == 0.0
