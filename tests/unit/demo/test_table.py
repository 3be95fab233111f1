"""What a person sees while it runs."""

import pytest
from rich.console import Console

from demo.sights import Sight, read_load, read_sight
from demo.table import PlainLines, Shares, draw, track_of, where_it_stands
from serinus.resource.status import Fate, Status, VerdictValue
from tests.unit.demo.recorded import (
    START_SECONDS,
    record,
    resource,
    rollout,
    status,
    summary,
    verdict,
)

ON_TRIAL = status(
    rollout=rollout("v3", 20),
    verdicts=(
        verdict("null-outputs", VerdictValue.FAIL),
        verdict("error-rate", VerdictValue.PASS),
    ),
)


def sight_of(told: Status, at: float = START_SECONDS, answers: int = 80) -> Sight:
    counted = summary({"v1": answers, "v3": 20}, nulls={"v3": 2}, lost=4, at=at)
    return read_sight(at, resource(told), counted)


def drawn(sight: Sight) -> str:
    shares = Shares()
    shares.add(read_load(summary({"v1": 0, "v3": 0}, at=START_SECONDS - 1)))
    shares.add(sight.load)
    console = Console(width=120, file=None, record=True, quiet=True)
    with console.capture() as captured:
        console.quiet = False
        console.print(draw(sight, shares, 12.0))
    return captured.get()


def row_of(text: str, first: str) -> list[str]:
    rows = (line.replace("│", " ").split() for line in text.splitlines())
    return next(row for row in rows if row[:1] == [first])


def test_the_table_shows_phase_weight_verdicts_and_counts() -> None:
    text = drawn(sight_of(ON_TRIAL))
    assert "Progressing" in text
    assert "lost requests: 4" in text
    assert row_of(text, "v1") == ["v1", "stable", "80", "%", "80%", "80", "0", "0", "10", "ms"]
    assert row_of(text, "v3") == ["v3", "canary", "20", "%", "20%", "20", "2", "0", "10", "ms"]
    assert row_of(text, "null-outputs")[:2] == ["null-outputs", "fail"]
    assert row_of(text, "error-rate")[:2] == ["error-rate", "pass"]


def test_a_version_out_of_the_game_is_shown_with_its_fate() -> None:
    told = status(history=(record("v3", Fate.ROLLED_BACK),))
    assert track_of("v3", told) == ("RolledBack", "0 %")


def test_the_first_version_is_no_canary() -> None:
    first = rollout("v1", 0)
    starting = status(rollout=first, stable=None, stable_version=None, step=None)
    assert where_it_stands(starting) == "Progressing"
    assert track_of("v1", starting) == ("starting", "")


def test_the_measured_split_looks_back_a_few_seconds_only() -> None:
    shares = Shares()
    for second, first in enumerate(range(0, 1000, 100)):
        at = START_SECONDS + second
        second_version = 0 if second < 5 else (second - 4) * 100
        shares.add(read_load(summary({"v1": first, "v2": second_version}, at=at)))
    assert shares.of("v2") == pytest.approx(0.5)


def test_in_a_log_a_line_is_written_when_something_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = PlainLines(START_SECONDS)
    lines.show(sight_of(ON_TRIAL))
    lines.show(sight_of(ON_TRIAL, START_SECONDS + 1, answers=90))
    lines.show(sight_of(status(), START_SECONDS + 2))
    written = capsys.readouterr().out.splitlines()
    assert len(written) == 2
    assert "canary v3 at 20 %" in written[0]
    assert "null-outputs=fail" in written[0]
    assert "answers v1:80 v3:20 | lost 4" in written[0]
    assert "Healthy" in written[1]


def test_in_a_log_there_is_a_sign_of_life_when_nothing_changes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = PlainLines(START_SECONDS)
    for second in range(21):
        lines.show(sight_of(ON_TRIAL, START_SECONDS + second))
    assert len(capsys.readouterr().out.splitlines()) == 3


def test_verdicts_of_a_rollout_that_is_over_are_not_shown_as_if_it_went_on() -> None:
    over = ON_TRIAL.model_copy(update={"rollout": None, "canary_version": None})
    assert "fail" not in where_it_stands(over)
    assert "null-outputs" not in drawn(sight_of(over))
