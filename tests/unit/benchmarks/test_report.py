"""Tables and figures hold what was run, and every figure that was promised."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan
from pathlib import Path

import pytest

from benchmarks.verdicts.cells import MEASURED, OURS, long, short
from benchmarks.verdicts.durations import Durations
from benchmarks.verdicts.figures import figures
from benchmarks.verdicts.intervals import Estimate
from benchmarks.verdicts.jobs import Job, Row, Section, run_all
from benchmarks.verdicts.kept import Kept
from benchmarks.verdicts.peers import ORACLE
from benchmarks.verdicts.plots import draw
from benchmarks.verdicts.rules.rule import Rule
from benchmarks.verdicts.scenario import Scenario
from benchmarks.verdicts.tables import tables

PROMISED = {
    "false_rollback_max_percent",
    "false_promotion_max_percent",
    "detect_over_oracle_median",
    "bad_requests_over_flagger_max",
    "promote_good_minutes_100rps",
    "promote_good_minutes_10rps",
    "eta_error_max_percent",
}
"""Beside the two of the engine's cost."""


def hurried(job: Job) -> Job:
    cell = job.cell
    if isinstance(cell, Scenario):
        cell = replace(cell, seconds=min(cell.seconds, 1200))
    return replace(job, cell=cell, runs=6)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """One cell of each kind, at 100 requests a second and a base of 0.5 %."""
    jobs = [job for job in short() if job.cell.rate == 100]
    chosen = {
        (job.section, job.cell.name): job
        for job in jobs
        if isinstance(job.cell, Durations) or job.cell.base == 0.005
    }
    return run_all([hurried(job) for job in chosen.values()], processes=1)


def test_every_promised_figure_is_told(rows: list[Row]) -> None:
    assert {name for name, _ in figures(rows)} >= PROMISED


@pytest.mark.parametrize("jobs", [short, long], ids=["short", "long"])
def test_every_cell_of_a_form_has_its_place_in_figures_and_tables(
    jobs: Callable[[], list[Job]], rows: list[Row]
) -> None:
    said = next(row.summary for row in rows if row.summary.excess_bad.value)
    made = [
        Row(
            section=job.section,
            cell=job.cell,
            rule=rule.name,
            schedule=job.schedule,
            summary=said,
            is_counted=job.trouble is not None,
        )
        for job in jobs()
        for rule in job.rules
    ]
    assert {name for name, _ in figures(made)} >= PROMISED
    text = tables(made)
    assert all(f"| {row.where} |" in text for row in made)


def test_every_section_has_its_table_with_intervals(rows: list[Row]) -> None:
    text = tables(rows)
    assert [line[4:] for line in text.splitlines() if line.startswith("### ")] == [
        section for section in Section if any(row.section is section for row in rows)
    ]
    assert "| iid, 100 req/s, base 0.005 | 0.0 (0.0–39)" in text


def test_pictures_are_drawn(rows: list[Row], tmp_path: Path) -> None:
    draw(rows, tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {
        "bad-requests.png",
        "detection.png",
        "false-rollbacks.png",
        "wrong-promotions.png",
    }


def test_the_number_of_processes_changes_no_number() -> None:
    jobs = [hurried(job) for job in short()[:2]]
    assert run_all(jobs, processes=2) == run_all(jobs, processes=1)


def test_rows_that_are_kept_are_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = (hurried(job) for job in short()[:3])
    kept = Kept(tmp_path)
    known = run_all([first, second], processes=1, rows_of=kept.rows)
    ran: list[Job] = []

    def note(job: Job) -> list[Row]:
        ran.append(job)
        return []

    monkeypatch.setattr("benchmarks.verdicts.kept.run", note)
    assert run_all([first, second, third], processes=1, rows_of=kept.rows) == known
    kept.rows(replace(first, runs=7))
    assert ran == [third, replace(first, runs=7)]


def test_rows_of_other_code_are_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = hurried(short()[0])
    Kept(tmp_path).rows(job)
    monkeypatch.setattr(Kept, "_code", "other")
    monkeypatch.setattr("benchmarks.verdicts.kept.run", lambda _job: [])
    assert Kept(tmp_path).rows(job) == []


def test_hard_cells_have_the_runs_that_a_bound_needs() -> None:
    for job in (*short(), *long()):
        if job.section in {Section.NULLS, Section.ROLLOUTS}:
            assert job.runs >= 2000


@pytest.mark.parametrize(("seconds", "times_the_oracle"), [(1800, inf), (1500, nan)])
def test_what_was_not_found_counts_where_twice_the_oracles_time_was_given(
    rows: list[Row], seconds: int, times_the_oracle: float
) -> None:
    cell = Scenario(rate=100, base=0.005, excess=0.005, seconds=seconds)
    found: list[tuple[Rule, float]] = [(MEASURED, inf), (OURS, inf), (ORACLE, 800.0)]
    made = [
        replace(rows[0], section=Section.DETECTION, cell=cell, rule=rule.name, summary=summary)
        for rule, at in found
        for summary in [
            replace(rows[0].summary, roll_back_seconds=Estimate(value=at, low=at, high=at))
        ]
    ]
    told = dict(figures(made))["detect_over_oracle_median"]
    assert told == pytest.approx(times_the_oracle, nan_ok=True)
