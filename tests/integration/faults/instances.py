"""Two operators and one Lease: what becomes of the one that works, and of the one that waits."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from tests.integration.faults.lives import Lives
from tests.integration.faults.proxy import Answer, Forward, Write
from tests.integration.faults.run import Fault, Run
from tests.integration.within import within

START_SECONDS = 60.0
"""For a second operator to start, on a machine that others use too: no fault of what is tested."""
WAITING_SECONDS = 20.0
"""For a Lease's end, and for what follows it."""
STRUCK_WITHIN_SECONDS = 3.0
MOST_WRITES = 5
"""About as many as come in that time."""
OVERLAP_SECONDS = 2.0
"""For so long the next one works before the former one comes back."""


class TwoOperators(Fault):
    """There is a second one from the first play on; both are started again when they end."""

    lease_duration = "3s"

    def __init__(self) -> None:
        super().__init__()
        self.chance = random.Random()  # it decides when, and is no secret

    def begin(self, run: Run) -> None:
        # A Lease of 3 s is lost on a busy machine now and then, before there is a second one too.
        run.spawn(run.lives.keep_alive())

    async def in_the_middle(self, run: Run) -> None:
        if len(run.operators) == 1:
            second = await run.operator("operator-2")
            second.start()
            run.spawn(second.keep_alive())
        self.injected += 1
        holder, waiter = await self._who_is_who(run)
        await self.play(run, holder, waiter)

    async def play(self, run: Run, holder: Lives, waiter: Lives) -> None:
        """Do what this fault is about."""

    async def _who_is_who(self, run: Run) -> tuple[Lives, Lives]:
        first, second = run.operators

        async def is_clear() -> bool:
            nonlocal first, second
            if await second.is_leading():
                first, second = second, first
            return await first.is_leading() and await second.is_waiting()

        await self.until(is_clear, "one works and the other waits", START_SECONDS)
        return first, second

    async def until(
        self, is_so: Callable[[], Awaitable[bool]], what: str, seconds: float = WAITING_SECONDS
    ) -> None:
        """Wait until something is so; it counts as a violation if it never is."""
        deadline = monotonic() + seconds
        while not await is_so():
            if monotonic() > deadline:
                self.troubles.append(f"not in time: {what}")
                return
            await asyncio.sleep(0.05)


class ASecondWaits(TwoOperators):
    """It has nothing to do, and does nothing; then it is killed."""

    async def play(self, run: Run, _holder: Lives, waiter: Lives) -> None:
        run.spawn(self._live(waiter))

    async def _live(self, waiter: Lives) -> None:
        await asyncio.sleep(4 * OVERLAP_SECONDS)
        waiter.restart()


class TheHolderIsStruck(TwoOperators):
    """At one of its writes something happens to the one that works, and the other takes over."""

    def __init__(self) -> None:
        super().__init__()
        self._victim: Lives | None = None
        self._writes_left = 0
        self._struck = asyncio.Event()

    async def gate(self, run: Run, write: Write, forward: Forward) -> Answer | None:
        if self._victim is None or write.by != self._victim.name:
            return await forward()
        self._writes_left -= 1
        if self._writes_left > 0:
            return await forward()
        victim, self._victim = self._victim, None
        self._struck.set()
        self.hits.append(f"{run.story.act}: {write}")
        return await self.strike(victim, forward)

    async def play(self, run: Run, holder: Lives, waiter: Lives) -> None:
        lives = holder.count  # as of now: on a busy machine it may end before it is struck
        self._writes_left = self.chance.randint(1, MOST_WRITES)
        self._struck.clear()
        self._victim = holder
        with suppress(TimeoutError):
            await within(STRUCK_WITHIN_SECONDS, self._struck.wait())
        if self._victim is not None:  # it had nothing to write
            self._victim = None
            run.spawn(self._strike_between_writes(holder))
        await self.until(waiter.is_leading, f"{waiter.name} takes over")
        await asyncio.sleep(OVERLAP_SECONDS)
        await self.bring_back(holder, lives)

    async def _strike_between_writes(self, victim: Lives) -> None:
        async def nothing() -> Answer:
            return Answer(status=200, body=b"")

        await self.strike(victim, nothing)

    async def strike(self, victim: Lives, forward: Forward) -> Answer | None:
        """Do it, at this write."""
        raise NotImplementedError

    async def bring_back(self, victim: Lives, lives: int) -> None:
        """Let it come back; it had so many lives before."""
        raise NotImplementedError

    async def ended(self, victim: Lives, lives: int) -> None:
        """Wait until it has ended by itself and was started again."""

        async def is_anew() -> bool:
            return victim.count > lives

        await self.until(is_anew, f"{victim.name} ends")


class TheHolderDies(TheHolderIsStruck):
    """Its pod is replaced after the other has taken over."""

    async def strike(self, victim: Lives, forward: Forward) -> Answer | None:
        if self.chance.random() < 0.5:  # before or after the write arrives
            await forward()
        victim.kill()
        return None

    async def bring_back(self, victim: Lives, _lives: int) -> None:
        victim.start()


class TheHolderIsSuspended(TheHolderIsStruck):
    """Its process stands still over the Lease's end, and then goes on."""

    async def strike(self, victim: Lives, forward: Forward) -> Answer | None:
        victim.signal(signal.SIGSTOP)
        return await forward()

    async def bring_back(self, victim: Lives, lives: int) -> None:
        victim.signal(signal.SIGCONT)
        await self.ended(victim, lives)


class TheHolderIsCutOff(TheHolderIsStruck):
    """What it has sent arrives late, when the other has been at work for a while."""

    async def strike(self, victim: Lives, forward: Forward) -> Answer | None:
        victim.proxy.cut_off()
        await victim.proxy.mended()
        return await forward()

    async def bring_back(self, victim: Lives, lives: int) -> None:
        await self.ended(victim, lives)
        victim.proxy.mend()
