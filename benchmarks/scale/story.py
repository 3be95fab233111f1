"""One size's story: installed, steady, restarted, all promoted, and then all bad at once."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from benchmarks.scale.fleet import Fleet
from benchmarks.scale.meters import Reading, cpu_seconds, memory_mib, quantile
from benchmarks.scale.operator import Operator
from benchmarks.scale.prometheus import BAD_VERSION
from benchmarks.scale.router import Router
from tests.integration.control_plane import Program

PARTS = ("steady", "restart", "progressing", "bad")
STEADY_SECONDS = 30.0
SECONDS_EACH = 1.0
"""More than any part takes a model; what takes longer never ends."""
BAD_FIRST = 10
"""So many turn bad while all the others go on; then the others do."""


@dataclass
class Figures:
    """What is printed in the end, and a line for each phase."""

    values: dict[str, float] = field(default_factory=dict)
    phases: list[str] = field(default_factory=list)


@dataclass
class Phase:
    """What was used while something lasted."""

    seconds: float = 0.0
    cpu_percent: dict[str, float] = field(default_factory=dict)
    asked: float = 0
    reading: Reading = field(default_factory=Reading)


@dataclass
class Story:
    """Everything that takes part."""

    fleet: Fleet
    router: Router
    operator: Operator
    programs: dict[str, Program]
    prometheus_url: str
    figures: Figures = field(default_factory=Figures)

    async def play(self, parts: Collection[str]) -> Figures:
        """Install all, play these parts, in the order of PARTS, and return what was measured."""
        async with self._phase("installing"):
            await self.fleet.make()
            await self._all(lambda name: self.router.models.stable_at(name, "1") > 0)
        await asyncio.sleep(20)  # what drains, drains
        plays = (self._be_steady, self._restart, self._promote_all, self._turn_all_bad)
        for part, play in zip(PARTS, plays, strict=True):
            if part in parts:
                await play()
        memory = memory_mib(self.operator.process_id)
        self.figures.values |= {"rss_mib": memory["VmRSS"], "peak_mib": memory["VmHWM"]}
        return self.figures

    async def _be_steady(self) -> None:
        async with self._phase("steady") as phase:
            await asyncio.sleep(STEADY_SECONDS)
        self.figures.values["idle_api_rps"] = phase.reading.requests.total() / phase.seconds
        self.figures.values["idle_cpu_percent"] = phase.cpu_percent["operator"]

    async def _restart(self) -> None:
        self.operator.program.stop()
        self.operator.start()
        await self._until_all_looked()
        self.figures.values["restart_s"] = time.time() - self.operator.started_at

    async def _until_all_looked(self) -> None:
        looks = 0.0
        while looks < len(self.fleet.names):
            await asyncio.sleep(0.2)
            looks = (await self.operator.reading()).looks

    async def _promote_all(self) -> None:
        async with self._phase("progressing") as phase:
            began = time.time()
            await self.fleet.deploy("2")
            await self._all(lambda name: self.router.models.stable_at(name, "2") > 0)
        took = [
            self.router.models.stable_at(name, "2") - self._first_weight(name, began)
            for name in self.fleet.names
        ]
        self.figures.values |= {
            "lag_p50_s": phase.reading.lag.seconds(0.5),
            "lag_p99_s": phase.reading.lag.seconds(0.99),
            "lag_of_all_p99_s": phase.reading.lag_of_all.seconds(0.99),
            "promoted_p50_s": quantile(took, 0.5),
            "promoted_p99_s": quantile(took, 0.99),
            "prom_queries_per_min": phase.asked / phase.seconds * 60,
            "requests_per_rollout": phase.reading.requests.total() / len(self.fleet.names),
        }

    async def _turn_all_bad(self) -> None:
        began = time.time()
        await self.fleet.deploy(BAD_VERSION, holds=True)
        await self._all(lambda name: self._first_weight(name, began) > 0)
        await asyncio.sleep(20)
        first = BAD_FIRST if len(self.fleet.names) > BAD_FIRST else 0
        await self._turn_bad("some_bad", self.fleet.names[:first])
        await self._turn_bad("bad", self.fleet.names[first:])

    async def _turn_bad(self, title: str, models: Sequence[str]) -> None:
        if not models:
            return
        async with self._phase(title):
            turned = time.time()
            await self._tell_stub(models)
            await self._all(lambda model: self._stable_since(model, turned) > 0, models)
        firsts = (await self._told())["firsts"]
        stable = {model: self._stable_since(model, turned) for model in models}
        for name, since in (("bad", firsts), ("turned", dict.fromkeys(models, turned))):
            took = [stable[model] - since[model] for model in models]
            title_of_it = title if name == "bad" else f"{title}_since_it_{name}"
            self.figures.values |= {
                f"{title_of_it}_to_stable_p50_s": quantile(took, 0.5),
                f"{title_of_it}_to_stable_p99_s": quantile(took, 0.99),
            }

    def _first_weight(self, name: str, after: float) -> float:
        changes = self.router.routes.changes.get(name, [])
        return next((at for at, split in changes if at > after and split), 0.0)

    def _stable_since(self, name: str, after: float) -> float:
        changes = self.router.routes.changes.get(name, [])
        return next((at for at, split in changes if at > after and not split), 0.0)

    async def _all(self, holds: Callable[[str], bool], names: Sequence[str] = ()) -> None:
        missing = set(names or self.fleet.names)
        within_seconds = 600 + SECONDS_EACH * len(missing)
        deadline = time.monotonic() + within_seconds
        while missing := {name for name in missing if not holds(name)}:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(missing)} models never got there, {min(missing)} first")
            self._is_all_alive()
            await asyncio.sleep(0.2)

    def _is_all_alive(self) -> None:
        for name, program in {"operator": self.operator.program, **self.programs}.items():
            if program.has_ended():
                raise RuntimeError(f"{name} has ended:\n{program.last_words()}")

    @asynccontextmanager
    async def _phase(self, title: str) -> AsyncIterator[Phase]:
        phase = Phase()
        began, reading = time.monotonic(), await self.operator.reading()
        used, asked = self._used(), sum((await self._told())["asked"].values())
        yield phase
        phase.seconds = time.monotonic() - began
        phase.reading = (await self.operator.reading()).since(reading)
        phase.asked = sum((await self._told())["asked"].values()) - asked
        phase.cpu_percent = {
            name: (seconds - used[name]) / phase.seconds * 100
            for name, seconds in self._used().items()
        }
        self.figures.phases.append(self._line(title, phase))
        print(self.figures.phases[-1], flush=True)

    def _line(self, title: str, phase: Phase) -> str:
        per_minute = len(self.fleet.names) * phase.seconds / 60
        verbs = " ".join(
            f"{verb} {count / per_minute:.2f}"
            for verb, count in sorted(phase.reading.requests.items())
        )
        cpu = " ".join(f"{name} {percent:.0f}" for name, percent in phase.cpu_percent.items())
        lag, of_all = phase.reading.lag, phase.reading.lag_of_all
        return (
            f"  {title:12} {phase.seconds:6.1f} s | lag p50 {lag.seconds(0.5):.3f} "
            f"p99 {lag.seconds(0.99):.3f} of all {of_all.seconds(0.99):.3f} s | "
            f"looks {phase.reading.looks:.0f} | "
            f"queries/min {phase.asked / phase.seconds * 60:.0f} | requests/model/min: "
            f"{verbs or 'none'} | CPU %: {cpu} | "
            f"{memory_mib(self.operator.process_id)['VmRSS']:.0f} MiB"
        )

    def _used(self) -> dict[str, float]:
        every = {"operator": self.operator.program, **self.programs}
        return {
            name: cpu_seconds(program.process.pid)
            for name, program in every.items()
            if program.process is not None
        }

    async def _tell_stub(self, models: Sequence[str]) -> None:
        async with aiohttp.ClientSession() as session:
            await session.post(f"{self.prometheus_url}/bad", json=list(models))

    async def _told(self) -> dict[str, dict[str, float]]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.prometheus_url}/told") as answer,
        ):
            told: dict[str, dict[str, float]] = await answer.json()
            return told
