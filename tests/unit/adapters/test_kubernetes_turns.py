"""Who goes first: what is urgent waits for nothing routine, and nothing routine overtakes it."""

import asyncio

import pytest

from serinus.adapters import kubernetes_turns
from serinus.adapters.kubernetes_turns import Places, Turns, begin_look
from tests.integration.within import until


async def hold(turns: Turns, told: list[str], name: str, done: asyncio.Event) -> None:
    kind = {"is_urgent": name.startswith("urgent"), "needs_address": name.startswith("address")}
    async with turns.turn(**kind):
        told.append(name)
        await done.wait()


async def test_what_is_urgent_does_not_wait_for_a_place_among_the_rest() -> None:
    turns, told, done = Turns(routine=1, urgent=1, addresses=1), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(hold(turns, told, "routine", done))]
    await until(lambda: told == ["routine"])
    tasks.append(asyncio.create_task(hold(turns, told, "urgent", done)))
    await until(lambda: told == ["routine", "urgent"])
    done.set()
    await asyncio.gather(*tasks)


async def test_nothing_routine_starts_before_all_that_is_urgent_is_done() -> None:
    turns, told, done = Turns(routine=9, urgent=1, addresses=1), list[str](), asyncio.Event()
    names = ("urgent 1", "urgent 2", "routine")
    tasks = [asyncio.create_task(hold(turns, told, name, done)) for name in names]
    await until(lambda: told == ["urgent 1"])
    await asyncio.sleep(0.02)
    assert told == ["urgent 1"]
    done.set()
    await asyncio.gather(*tasks)
    assert told == ["urgent 1", "urgent 2", "routine"]


async def test_what_is_routine_is_not_put_off_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kubernetes_turns, "LONGEST_WAIT_SECONDS", 0.01)
    turns, told, done = Turns(routine=1, urgent=1, addresses=1), list[str](), asyncio.Event()
    tasks = [asyncio.create_task(hold(turns, told, name, done)) for name in ("urgent", "routine")]
    await until(lambda: told == ["urgent", "routine"])
    done.set()
    await asyncio.gather(*tasks)


async def test_who_waits_for_an_address_leaves_the_places_to_those_who_need_none() -> None:
    turns, told, done = Turns(routine=2, urgent=1, addresses=1), list[str](), asyncio.Event()
    names = ("address 1", "address 2", "routine")
    tasks = [asyncio.create_task(hold(turns, told, name, done)) for name in names]
    await until(lambda: told == ["address 1", "routine"])
    done.set()
    await asyncio.gather(*tasks)
    assert told == ["address 1", "routine", "address 2"]


async def look(turns: Turns, told: list[str], name: str, requests: int) -> None:
    begin_look()
    for _ in range(requests):
        async with turns.turn(is_urgent=False):
            told.append(name)
            await asyncio.sleep(0)


async def test_the_look_that_began_first_ends_first() -> None:
    """Were they to take turns, all of them would end as late as the last one."""
    turns, told = Turns(routine=1, urgent=1, addresses=1), list[str]()
    await asyncio.gather(*(look(turns, told, name, 3) for name in ("a", "b", "c")))
    assert "".join(told) == "abababccc"  # a place is given on while its holder thinks


async def test_who_is_let_in_and_gives_up_at_once_leaves_the_place_to_the_next() -> None:
    places, entered = Places(1), list[str]()

    async def enter(name: str) -> None:
        async with places:
            entered.append(name)

    await places.__aenter__()
    first, second = (asyncio.create_task(enter(name)) for name in ("first", "second"))
    await asyncio.sleep(0)
    await places.__aexit__()
    first.cancel()
    await asyncio.wait({first, second})
    assert entered == ["second"]


async def test_who_gives_up_waiting_holds_up_nobody() -> None:
    turns, told, done = Turns(routine=1, urgent=1, addresses=1), list[str](), asyncio.Event()
    first, second = (
        asyncio.create_task(hold(turns, told, name, done)) for name in ("urgent 1", "urgent 2")
    )
    await until(lambda: told == ["urgent 1"])
    second.cancel()
    await asyncio.wait({second})
    done.set()
    await first
    await hold(turns, told, "routine", done)
    assert told == ["urgent 1", "routine"]
