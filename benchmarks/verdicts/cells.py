"""Which cells are run: the hardest in minutes, all of them in hours."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from benchmarks.verdicts.durations import Durations, Slowness
from benchmarks.verdicts.faults import TRAFFIC, Cause, Faulty
from benchmarks.verdicts.jobs import Job, Section
from benchmarks.verdicts.peers import FLAGGER, ON_LATENCY, ORACLE, PEERS, TOOLS
from benchmarks.verdicts.rules.calibrated import Calibrated
from benchmarks.verdicts.rules.ours import Layer, Ours
from benchmarks.verdicts.rules.ours_on_latency import OursOnLatency
from benchmarks.verdicts.rules.rule import Rule
from benchmarks.verdicts.rules.simulated import Simulated
from benchmarks.verdicts.scenario import (
    ARRIVALS_RECORDED,
    LONGER_SECONDS,
    LONGEST_SECONDS,
    MARGIN,
    RECORDED,
    SHARES_RECORDED,
    Disturbance,
    Scenario,
    seconds_to_tell,
)
from benchmarks.verdicts.scraped import HARSH
from benchmarks.verdicts.sticking import CLIENTS, Sticking

RUNS = 2000
"""At 1 % of them rolled back, the upper bound is 1.5 %."""
RUNS_NEAR_THE_LIMIT = 8000
"""Common disturbances cost up to 0.8 %: with 2,000 runs, one cell of many passes 1 % by luck."""
RATES = (1.0, 10.0, 100.0, 1000.0)
BASES = (0.001, 0.005, 0.02)
LOW_BASES = (0.001, 0.005)
"""What the promised times hold for."""
EFFECTS = (MARGIN, 0.02, 0.10)
COMMON = (Disturbance.COMMON,)
SEPARATE = (Disturbance.IID, Disturbance.BAD_CLIENTS)
PROMISED = (*SEPARATE, *COMMON)
"""Nulls that must not cost more than the false-rollback rate, with no history known."""
SHOWN = (Disturbance.BETABIN, Disturbance.ARMBURST)
"""Nulls that only a replay of the service's own past can account for."""
NULL_OUTPUTS = Scenario(rate=100, base=0.001, excess=0.049, look_seconds=5, seconds=600)
SLOW = Durations(rate=100, slowness=Slowness.HALF, look_seconds=5, seconds=600)

OURS = Ours()
MEASURED = Ours(layer=Layer.MEASURED)
CALIBRATED = Calibrated()
REPLAYED: tuple[Rule, ...] = (OURS, MEASURED, CALIBRATED)
"""What a service's own past is worth: nothing known, its dispersion, and the threshold as well."""
SIMULATED, CALIBRATED_AND_SIMULATED = Simulated(), Calibrated(is_simulated=True)
THRESHOLDS: tuple[Rule, ...] = (MEASURED, SIMULATED, CALIBRATED, CALIBRATED_AND_SIMULATED)
"""What a known duration is worth, with replays and without."""
LAYERS: tuple[Rule, ...] = (OURS, MEASURED, Ours(layer=Layer.ALONE))

TOLD = (
    (10.0, 0.10, 0.005, 0.10),
    (10.0, 0.25, 0.02, 0.10),
    (10.0, 0.50, 0.005, 0.02),
    (12.0, 0.05, 0.005, 0.02),
    (100.0, 0.10, 0.001, 0.005),
    (100.0, 0.10, 0.005, 0.02),
    (100.0, 0.50, 0.005, 0.01),
    (100.0, 0.25, 0.02, 0.02),
    (1000.0, 0.10, 0.005, 0.005),
)
"""Rate, weight, base and excess of cells for which the time to a verdict is told."""


def short() -> list[Job]:
    """The hardest cells, as far as a few minutes go."""
    return [
        *_nulls(PROMISED, RATES, (0.005,), (OURS, MEASURED, *PEERS)),
        *_nulls(SEPARATE, RATES, (0.001, 0.02), (OURS, MEASURED)),
        *_nulls(COMMON, RATES, (0.001, 0.02), (OURS, MEASURED), RUNS_NEAR_THE_LIMIT),
        *_nulls(SHOWN, (100.0, 1000.0), (0.005,), (*LAYERS, CALIBRATED, *PEERS)),
        *_nulls(RECORDED, (100.0,), (0.005,), (OURS, *PEERS)),
        *_detection(RATES, (0.005,), EFFECTS, (OURS, MEASURED, *PEERS, ORACLE)),
        *_detection((100.0, 1000.0), (0.001, 0.02), EFFECTS, (OURS, MEASURED, ORACLE)),
        *_faults((100.0,), 500),
        *_rollouts(RATES, (0.005,), (0.0, *EFFECTS), (OURS, MEASURED, *PEERS)),
        *_rollouts(RATES, (0.001,), (0.0, *EFFECTS), (OURS, MEASURED, FLAGGER)),
        *_rollouts((100.0, 1000.0), (0.02,), (0.0, *EFFECTS), (OURS, MEASURED, FLAGGER)),
        *_told(),
        *_scrapes(),
        *_counted(100),
        *_sticking((100.0, 1000.0), 500),
        *_latency((100.0,), 500),
    ]


def calibrated() -> list[Job]:
    """What a threshold from replays of the service's own past keeps, and what it costs."""
    dirty = (Disturbance.ARMBURST, Disturbance.BETABIN, Disturbance.COMMON)
    return [
        *_nulls(
            (*dirty, Disturbance.IID, Disturbance.BAD_CLIENTS), RATES[1:], BASES, REPLAYED[1:]
        ),
        *_nulls(ARRIVALS_RECORDED, RATES[1:], BASES, REPLAYED[1:]),
        *_nulls(SHARES_RECORDED, RATES[1:], (0.005,), REPLAYED[1:]),
        *_found((*dirty, Disturbance.IID), RATES[2:], EFFECTS[:2], REPLAYED),
    ]


def thresholds() -> list[Job]:
    """What a threshold for the known duration keeps, and how much sooner it finds anything."""
    quiet = (Disturbance.IID, Disturbance.BAD_CLIENTS, Disturbance.AZURE_CONVERSATION)
    restless = (Disturbance.COMMON, Disturbance.BETABIN, Disturbance.ARMBURST)
    return [
        *_nulls(quiet, RATES[2:3], (0.005,), THRESHOLDS),
        *_nulls(restless, RATES[3:], (0.005,), THRESHOLDS),
        *_nulls((Disturbance.COMMON,), RATES[3:], (0.02,), THRESHOLDS),
        *_found((Disturbance.IID,), RATES[1:], EFFECTS[:2], THRESHOLDS[:2]),
        *_found((Disturbance.COMMON, Disturbance.BETABIN), RATES[3:], EFFECTS[:2], THRESHOLDS[:2]),
    ]


def long() -> list[Job]:
    """Every cell for every rule."""
    of_peers = (*LAYERS, *PEERS)
    effects = (0.0025, *EFFECTS)
    return [
        *_nulls((*SEPARATE, *SHOWN), RATES, BASES, of_peers),
        *_nulls(COMMON, RATES, BASES, LAYERS, RUNS_NEAR_THE_LIMIT),
        *_nulls(COMMON, RATES, BASES, tuple(PEERS)),
        *_nulls(RECORDED, (2.0, 100.0, 1000.0), (0.005,), of_peers),
        *_detection(RATES, BASES, effects, (*of_peers, ORACLE), LONGEST_SECONDS),
        *_detection((100.0, 1000.0), LOW_BASES, (0.049,), (*of_peers, ORACLE)),
        *_late(of_peers),
        *_faults(RATES[1:], RUNS),
        *_rollouts(RATES, BASES, (0.0, *effects), of_peers),
        *_rollouts(RATES, BASES, (0.0, 0.01, 0.02), (Ours(margin=0.01),)),
        *_told(),
        *_scrapes(),
        *_counted(RUNS),
        *_sticking(RATES, 1000),
        *_latency(RATES, RUNS),
    ]


def _nulls(
    disturbances: Iterable[Disturbance],
    rates: Iterable[float],
    bases: Iterable[float],
    rules: tuple[Rule, ...],
    runs: int = RUNS,
) -> Iterable[Job]:
    for disturbance, rate, base in product(disturbances, rates, bases):
        cell = Scenario(rate=rate, base=base, disturbance=disturbance)
        yield Job(section=Section.NULLS, cell=cell, rules=rules, runs=runs)


def _detection(
    rates: Iterable[float],
    bases: Iterable[float],
    effects: Iterable[float],
    rules: tuple[Rule, ...],
    longest_seconds: int = LONGER_SECONDS,
) -> Iterable[Job]:
    for rate, base, effect in product(rates, bases, effects):
        hour = Scenario(rate=rate, base=base, excess=effect)
        cell = hour.lasting(min(longest_seconds, seconds_to_tell(hour)))
        # Some peers remember all minutes of all runs, which takes 13 GiB a process for a day.
        those = rules if cell.seconds <= LONGER_SECONDS else (OURS, MEASURED, ORACLE)
        yield Job(section=Section.DETECTION, cell=cell, rules=those, runs=1000)


def _found(
    disturbances: Iterable[Disturbance],
    rates: Iterable[float],
    effects: Iterable[float],
    rules: tuple[Rule, ...],
) -> Iterable[Job]:
    for disturbance, rate, effect in product(disturbances, rates, effects):
        cell = Scenario(rate=rate, base=0.005, excess=effect, disturbance=disturbance)
        yield Job(section=Section.DETECTION, cell=cell, rules=rules, runs=1000)


def _late(rules: tuple[Rule, ...]) -> Iterable[Job]:
    """A canary that goes bad half an hour later; what was rolled back before is false."""
    for rate in RATES:
        cell = Scenario(rate=rate, base=0.005, excess=0.02, onset_seconds=1800.0)
        yield Job(section=Section.DETECTION, cell=cell, rules=rules, runs=1000)


def _faults(rates: Iterable[float], runs: int) -> Iterable[Job]:
    for rate, traffic, cause in product(rates, TRAFFIC, Cause):
        cell = Faulty(traffic=traffic, cause=cause, rate=rate)
        yield Job(section=Section.FAULTS, cell=cell, rules=(OURS, MEASURED, *TOOLS), runs=runs)


def _rollouts(
    rates: Iterable[float],
    bases: Iterable[float],
    effects: Iterable[float],
    rules: tuple[Rule, ...],
) -> Iterable[Job]:
    for rate, base, effect in product(rates, bases, effects):
        cell = Scenario(rate=rate, base=base, excess=effect)
        yield Job(section=Section.ROLLOUTS, cell=cell, rules=rules, runs=RUNS)


def _counted(runs: int) -> Iterable[Job]:
    """Pods that come, go, restart and are missed: half an hour, since each run is scraped."""
    cases = (*((each, 0.0) for each in PROMISED), (Disturbance.IID, 0.02))
    for (disturbance, excess), trouble in product(cases, (None, HARSH)):
        cell = Scenario(rate=100, base=0.005, excess=excess, disturbance=disturbance, seconds=1800)
        yield Job(
            section=Section.COUNTED,
            cell=cell,
            rules=(OURS, MEASURED, FLAGGER),
            runs=runs,
            trouble=trouble,
        )


def _sticking(rates: Iterable[float], runs: int) -> Iterable[Job]:
    """A good canary, and one that is worse by the margin and by more."""
    for clients, rate, excess in product(CLIENTS, rates, (0.0, MARGIN, 0.02)):
        cell = Sticking(clients=clients, rate=rate, base=0.005, excess=excess)
        yield Job(section=Section.STICKING, cell=cell, rules=(OURS, MEASURED, FLAGGER), runs=runs)


def _told() -> Iterable[Job]:
    for rate, weight, base, excess in TOLD:
        cell = Scenario(rate=rate, base=base, excess=excess, seconds=LONGER_SECONDS)
        yield Job(section=Section.ETA, cell=cell, rules=(OURS,), runs=500, schedule=(weight,))


def _scrapes() -> Iterable[Job]:
    """What must be found within a minute where a look comes every five seconds."""
    cases: tuple[tuple[Scenario | Durations, tuple[Rule, ...]], ...] = (
        (NULL_OUTPUTS, (OURS, MEASURED)),
        (SLOW, (OursOnLatency(),)),
    )
    for (cell, rules), weight in product(cases, (0.10, 0.25)):
        yield Job(section=Section.SCRAPES, cell=cell, rules=rules, runs=RUNS, schedule=(weight,))


def _latency(rates: Iterable[float], runs: int) -> Iterable[Job]:
    for rate, slowness in product(rates, Slowness):
        yield Job(
            section=Section.LATENCY,
            cell=Durations(rate=rate, slowness=slowness),
            rules=(OursOnLatency(), *ON_LATENCY),
            runs=runs,
        )
