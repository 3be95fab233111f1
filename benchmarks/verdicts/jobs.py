"""One cell for some rules: the unit that processes share out among each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from benchmarks.verdicts.counters import Trouble
from benchmarks.verdicts.durations import Durations
from benchmarks.verdicts.faults import Faulty
from benchmarks.verdicts.intervals import share_of
from benchmarks.verdicts.rules.rule import QUARTER_STEPS, Rule
from benchmarks.verdicts.run import Recorded, drive, watch_recorded
from benchmarks.verdicts.scenario import Scenario, Seeds
from benchmarks.verdicts.scraped import scraped
from benchmarks.verdicts.sticking import Noted, Sticking
from benchmarks.verdicts.summary import Summary, summed_up
from benchmarks.verdicts.world import World, world_of


class Section(StrEnum):
    """What a cell is run for."""

    NULLS = "False rollbacks: nothing is wrong with the canary"
    DETECTION = "Detection: the same traces for every rule"
    FAULTS = "Recorded faults: the canary has them, stable does not"
    ROLLOUTS = "Whole rollouts: every rule drives its own weights"
    LATENCY = "Latency: slower than a quarter of a second is bad"
    SCRAPES = "Scrapes every 5 s, the canary at 10 %"
    ETA = "Time to a verdict: told beforehand, and as it came"
    COUNTED = "Counters of pods: the same traffic as drawn, and as it is counted"
    STICKING = "Clients that stick to a version, as no bet knows of"


CLOSED = (Section.ROLLOUTS, Section.STICKING)
"""Where rules move weights of their own."""
Cell = Scenario | Durations | Sticking | Faulty


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Some rules in one cell."""

    section: Section
    cell: Cell
    rules: tuple[Rule, ...]
    runs: int
    schedule: tuple[float, ...] = QUARTER_STEPS
    """Of the weights where the rules drive nothing."""
    trouble: Trouble | None = None
    """Of the pods whose counters are counted; counts are taken as drawn without."""

    def world(self) -> World:
        if isinstance(self.cell, Scenario):
            return world_of(self.cell, self.runs)
        return self.cell.of(self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one rule did in one cell."""

    section: Section
    cell: Cell
    rule: str
    schedule: tuple[float, ...]
    summary: Summary
    is_counted: bool = False
    """By counters of pods, not as drawn."""

    @property
    def where(self) -> str:
        """The cell, and the weight where one is held all the time."""
        if self.is_counted:
            return f"{self.cell.name}, counted"
        if len(self.schedule) > 1:
            return self.cell.name
        return f"{self.cell.name}, at {self.schedule[0]:.0%}"


def seeded(jobs: Iterable[Job], seeds: Seeds) -> list[Job]:
    """Return the jobs with traffic of some seeds."""
    return [replace(job, cell=replace(job.cell, seeds=seeds)) for job in jobs]


def run(job: Job) -> list[Row]:
    """Run one job."""
    world, seed = job.world(), job.cell.seed
    recorded = Recorded(world, seed, schedule=job.schedule)
    if job.trouble is not None:
        recorded = scraped(recorded, job.trouble)
    return [
        Row(
            section=job.section,
            cell=job.cell,
            rule=rule.name,
            schedule=job.schedule,
            summary=_driven(job, world, rule)
            if job.section in CLOSED
            else summed_up(watch_recorded(recorded, rule)),
            is_counted=job.trouble is not None,
        )
        for rule in job.rules
    ]


def _driven(job: Job, world: World, rule: Rule) -> Summary:
    if job.section is not Section.STICKING:
        return summed_up(drive(world, rule, job.cell.seed))
    noted = Noted(rule)
    outcome = drive(world, noted, job.cell.seed)
    told = noted.is_told()
    is_wrong = outcome.is_promoted if job.cell.excess else outcome.is_rolled_back
    return replace(
        summed_up(outcome),
        told=share_of(int(told.sum()), outcome.runs),
        wrong_untold=share_of(int(np.sum(is_wrong & ~told)), outcome.runs),
    )


def run_all(
    jobs: Iterable[Job], processes: int, rows_of: Callable[[Job], list[Row]] = run
) -> list[Row]:
    """Run every job; the order and the numbers are the same for any number of processes."""
    if processes == 1:
        return [row for job in jobs for row in rows_of(job)]
    with ProcessPoolExecutor(processes) as pool:
        return [row for rows in pool.map(rows_of, jobs) for row in rows]
