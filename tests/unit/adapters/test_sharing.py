import asyncio

import pytest

from serinus.adapters.sharing import Sharing


class Library:
    """Gives a number that grows with every question it is really asked."""

    def __init__(
        self, heaviest: int = 100, fresh_seconds: float = 60, failure_seconds: float = 60
    ) -> None:
        self.asked: list[str] = []
        self.is_closed = False
        self.sharing: Sharing[int] = Sharing(
            fresh_seconds=fresh_seconds,
            failure_seconds=failure_seconds,
            heaviest=heaviest,
            weigh=lambda _: 10,
        )

    async def ask(self, question: str) -> int:
        return await self.sharing.ask(question, lambda: self._answer(question))

    async def _answer(self, question: str) -> int:
        self.asked.append(question)
        await asyncio.sleep(0)
        if self.is_closed:
            raise LookupError("closed")
        return len(self.asked)


async def test_an_answer_is_kept_while_it_is_fresh() -> None:
    library = Library()
    assert [await library.ask("a") for _ in range(3)] == [1, 1, 1]


async def test_an_answer_is_not_kept_for_longer() -> None:
    library = Library(fresh_seconds=0.01)
    assert await library.ask("a") == 1
    await asyncio.sleep(0.03)
    assert await library.ask("a") == 2


async def test_a_failure_is_shared_too() -> None:
    library = Library()
    library.is_closed = True
    answers = await asyncio.gather(*(library.ask("a") for _ in range(5)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["closed"] * 5
    assert library.asked == ["a"]
    library.is_closed = False
    with pytest.raises(LookupError):
        await library.ask("a")


async def test_a_failure_is_not_shared_for_as_long_as_an_answer() -> None:
    library = Library(failure_seconds=0.01)
    library.is_closed = True
    with pytest.raises(LookupError):
        await library.ask("a")
    library.is_closed = False
    await asyncio.sleep(0.03)
    assert [await library.ask("a") for _ in range(2)] == [2, 2]


async def test_the_oldest_answers_make_room() -> None:
    library = Library(heaviest=20)
    for question in ("a", "b", "c", "c", "b", "a"):
        await library.ask(question)
    assert library.asked == ["a", "b", "c", "a"]


async def test_an_answer_too_heavy_to_keep_still_serves_who_waits_for_it() -> None:
    library = Library(heaviest=5)
    assert await asyncio.gather(*(library.ask("a") for _ in range(3))) == [1, 1, 1]
    assert await library.ask("a") == 2


async def test_closing_gives_up_what_is_under_way() -> None:
    library = Library()
    waiting = asyncio.create_task(library.ask("a"))
    await asyncio.sleep(0)
    await library.sharing.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
