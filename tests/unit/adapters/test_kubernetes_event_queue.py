"""Events come after everything else, in order, and one that is lost holds up no other."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from serinus.adapters import kubernetes_event_queue
from serinus.adapters.kubernetes_api import ApiRefusal
from serinus.adapters.kubernetes_event_queue import Event, EventQueue
from serinus.adapters.kubernetes_events import event_of
from serinus.adapters.kubernetes_turns import Turns, begin_look
from serinus.decide.decision import Happening
from serinus.errors import OutsideUnavailable


def event(reason: str) -> Event:
    return event_of("prod", "fraud", "uid-1", Happening(reason=reason, message=""), "operator-1")


class Posted:
    """An API server that takes events one by one."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.refusals: dict[str, Exception] = {}

    async def post(self, event: Event) -> None:
        if event["reason"] in self.refusals:
            raise self.refusals[event["reason"]]
        self.reasons.append(event["reason"])


@asynccontextmanager
async def posting(queue: EventQueue) -> AsyncIterator[None]:
    task = asyncio.create_task(queue.keep_posting())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def lined_up() -> None:
    """Let every task go on until it waits for its turn, however slow the machine is."""
    for _ in range(50):
        await asyncio.sleep(0)


async def test_events_are_posted_in_the_order_in_which_they_were_told() -> None:
    posted = Posted()
    queue = EventQueue(posted.post)
    async with posting(queue):
        for reason in ("Installing", "Installed"):
            queue.add(event(reason))
        await queue.emptied()
        queue.add(event("RolloutStarted"))
        await queue.emptied()
    assert posted.reasons == ["Installing", "Installed", "RolloutStarted"]


@pytest.mark.parametrize(
    "refusal", [ApiRefusal(403, "Forbidden", "no"), OutsideUnavailable("no answer")], ids=str
)
async def test_an_event_that_is_not_taken_holds_up_no_other(
    refusal: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    posted = Posted()
    posted.refusals["Lost"] = refusal
    queue = EventQueue(posted.post)
    async with posting(queue):
        with caplog.at_level(logging.WARNING):
            for reason in ("Lost", "Promoted"):
                queue.add(event(reason))
            await queue.emptied()
    assert posted.reasons == ["Promoted"]
    assert "prod/fraud: the event Lost was not taken" in caplog.text


async def test_of_too_many_the_oldest_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubernetes_event_queue, "MOST_WAITING", 2)
    posted = Posted()
    queue = EventQueue(posted.post)
    for reason in ("first", "second", "third"):
        queue.add(event(reason))
    async with posting(queue):
        await queue.emptied()
    assert posted.reasons == ["second", "third"]


@pytest.mark.parametrize(
    ("seconds", "order"), [(10.0, "look look look event"), (0.0, "event look look look")]
)
async def test_an_event_waits_for_looks_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, seconds: float, order: str
) -> None:
    monkeypatch.setattr(kubernetes_event_queue, "LOOKS_FIRST_SECONDS", seconds)
    turns, told = Turns(routine=1, urgent=1), list[str]()

    async def request(name: str) -> None:
        async with turns.turn(is_urgent=False):
            told.append(name)
            await asyncio.sleep(0)

    async def look() -> None:
        begin_look()
        await request("look")

    queue = EventQueue(lambda _: request("event"))
    async with posting(queue):
        async with turns.turn(is_urgent=False):
            queue.add(event("Promoted"))
            await lined_up()
            looks = [asyncio.create_task(look()) for _ in range(3)]
            await lined_up()
        await asyncio.gather(*looks, queue.emptied())
    assert " ".join(told) == order
