"""The Lease by its clock: who may take it and when, and how long its holder may write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from serinus.adapters import kubernetes_lease
from serinus.adapters.kubernetes_lease import WRITING_SHARE, Lease
from tests.integration.within import until, within
from tests.unit.adapters.stub_api_server import StubApiServer, refuse, stub_api_server

SOON = 0.9
"""Seconds that a Lease lasts where a test waits for its end."""
LONG = 30.0
"""Seconds that one lasts where none of it may be lost: far more than a slow machine takes."""
OFTEN = 300
"""Renewals that fit into a long one, so that a test sees many of them."""


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Stored:
    """The Lease as the API server has it: a write needs the newest version."""

    body: dict[str, Any] | None = None
    version: int = 0
    methods: list[str] = field(default_factory=list)
    answers_are_lost: bool = False

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.methods.append(request.method)
        if request.method == "GET":
            found = web.json_response(self.body) if self.body else None
            return found or await refuse(404, "NotFound")(request)
        sent = await request.json()
        is_newest = sent["metadata"].get("resourceVersion", "0") == str(self.version)
        if not is_newest or (request.method == "POST") != (self.body is None):
            return await refuse(409, "Conflict")(request)
        self.version += 1
        sent["metadata"]["resourceVersion"] = str(self.version)
        self.body = sent
        if self.answers_are_lost and request.transport:
            request.transport.abort()
        return web.json_response(self.body)

    @property
    def spec(self) -> dict[str, Any]:
        assert self.body is not None
        return dict(self.body["spec"])

    def edit(self, **spec: Any) -> None:
        """Somebody else writes."""
        assert self.body is not None
        self.version += 1
        metadata = {**self.body["metadata"], "resourceVersion": str(self.version)}
        self.body = {**self.body, "metadata": metadata, "spec": {**self.body["spec"], **spec}}


class Operators:
    """Makes what each operator knows of the one Lease."""

    def __init__(self, stub: StubApiServer, stack: AsyncExitStack, clock: Clock) -> None:
        self._stub, self._stack, self._clock = stub, stack, clock

    def __call__(self, identity: str = "a", seconds: float = 15.0, **more: Any) -> Lease:
        api = self._stub.connect()
        self._stack.push_async_callback(api.close)
        more.setdefault("clock", self._clock)
        return Lease(
            api, namespace="space", name="serinus", identity=identity, duration_seconds=seconds,
            **more,
        )  # fmt: skip


@pytest.fixture
def stored() -> Stored:
    return Stored()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def stub(stored: Stored) -> AsyncIterator[StubApiServer]:
    async with stub_api_server() as stub:
        stub.answers = [stored]
        yield stub


@pytest.fixture
async def operator(stub: StubApiServer, clock: Clock) -> AsyncIterator[Operators]:
    async with AsyncExitStack() as stack:
        yield Operators(stub, stack, clock)


async def test_the_first_makes_it(operator: Operators, stored: Stored) -> None:
    lease = operator("a")
    assert not lease.is_held
    assert lease.write_seconds() <= 0
    await lease.acquire()
    assert lease.is_held
    assert stored.spec["holderIdentity"] == "a"
    assert stored.spec["leaseDurationSeconds"] == 15
    assert stored.spec["leaseTransitions"] == 0
    assert stored.spec["acquireTime"] == stored.spec["renewTime"]


async def test_the_second_takes_it_once_it_saw_no_renewal_for_as_long_as_it_lasts(
    operator: Operators, stored: Stored, clock: Clock
) -> None:
    await operator("a").acquire()
    second = operator("b")
    assert not await second._try()
    clock.now += 14.9
    assert not await second._try()
    stored.edit(renewTime="2026-01-01T00:00:00.000000Z")  # whatever a's clock may say
    assert not await second._try()
    clock.now += 14.9
    assert not await second._try()
    clock.now += 0.2
    assert await second._try()
    assert (stored.spec["holderIdentity"], stored.spec["leaseTransitions"]) == ("b", 1)


async def test_of_two_who_see_it_free_one_gets_it(
    operator: Operators, stored: Stored, clock: Clock
) -> None:
    await operator("a").acquire()
    second, third = operator("b"), operator("c")
    assert [await second._try(), await third._try()] == [False, False]
    clock.now += 15.1
    assert sorted(await asyncio.gather(second._try(), third._try())) == [False, True]
    holder = {"b": second, "c": third}.pop(stored.spec["holderIdentity"])
    assert [each.is_held for each in (second, third)] == [holder is second, holder is third]


async def test_what_was_given_back_is_taken_at_once(operator: Operators, stored: Stored) -> None:
    first, second = operator("a"), operator("b")
    await first.acquire()
    await first.release()
    assert not stored.spec["holderIdentity"]
    assert first.write_seconds() <= 0
    assert await second._try()


async def test_who_does_not_hold_it_gives_nothing_back(
    operator: Operators, stored: Stored
) -> None:
    await operator("a").acquire()
    second = operator("b")
    await second._try()
    await second.release()
    assert stored.spec["holderIdentity"] == "a"


async def test_what_a_renewal_that_was_cut_short_has_changed_is_given_back_all_the_same(
    operator: Operators, stored: Stored
) -> None:
    first = operator("a")
    await first.acquire()
    stored.edit(renewTime="2026-01-01T00:00:00.000000Z")
    await first.release()
    assert not stored.spec["holderIdentity"]


async def test_a_claim_that_was_cut_short_is_given_back(
    stub: StubApiServer, operator: Operators, stored: Stored
) -> None:
    has_arrived = asyncio.Event()

    async def taken_in(request: web.Request) -> web.StreamResponse:
        answer = await stored(request)
        if request.method == "POST":
            has_arrived.set()
            await asyncio.sleep(600)
        return answer

    stub.answers = [taken_in]
    lease = operator("a")
    acquiring = asyncio.create_task(lease.acquire())
    await within(60, has_arrived.wait())
    acquiring.cancel()
    assert stored.spec["holderIdentity"] == "a"
    await lease.release()
    assert not stored.spec["holderIdentity"]


async def test_what_somebody_else_has_taken_is_not_given_back(
    operator: Operators, stored: Stored
) -> None:
    first = operator("a")
    await first.acquire()
    stored.edit(holderIdentity="b", acquireTime="2026-01-01T00:00:00.000000Z")
    await first.release()
    assert stored.spec["holderIdentity"] == "b"


async def test_the_next_life_of_the_holder_takes_it_at_once(
    operator: Operators, stored: Stored
) -> None:
    """A container that is started anew in its pod keeps the pod's name."""
    await operator("a").acquire()
    assert await operator("a")._try()
    assert stored.spec["leaseTransitions"] == 0


async def test_writing_ends_five_seconds_before_the_lease(
    operator: Operators, clock: Clock
) -> None:
    lease = operator()
    await lease.acquire()
    assert lease.write_seconds() == pytest.approx(10)
    clock.now += 9.9
    assert lease.write_seconds() > 0
    clock.now += 0.2
    assert lease.write_seconds() < 0
    assert lease.is_held
    clock.now += 5
    assert not lease.is_held


async def test_time_counts_from_before_the_renewal_was_sent(
    stub: StubApiServer, operator: Operators, stored: Stored, clock: Clock
) -> None:
    """The others may have seen it the moment it was sent."""

    async def slowly(request: web.Request) -> web.StreamResponse:
        if request.method != "GET":
            clock.now += 4
        return await stored(request)

    stub.answers = [slowly]
    lease = operator()
    await lease.acquire()
    assert lease.write_seconds() == pytest.approx(6)


async def test_a_renewal_is_one_request(operator: Operators, stored: Stored, clock: Clock) -> None:
    lease = operator()
    await lease.acquire()
    before = stored.spec
    del stored.methods[:]
    clock.now += 3
    assert await lease._try()
    assert stored.methods == ["PUT"]
    assert stored.spec["acquireTime"] == before["acquireTime"]
    assert stored.spec["renewTime"] > before["renewTime"]
    assert lease.write_seconds() == pytest.approx(10)


async def test_a_renewal_that_came_through_without_an_answer_is_no_loss(
    operator: Operators, stored: Stored, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_lease, "RENEWALS", OFTEN)
    lease = operator(seconds=LONG)
    await lease.acquire()
    stored.answers_are_lost = True
    keeping = asyncio.create_task(lease.keep())
    await until(lambda: stored.methods.count("PUT") >= 2)
    stored.answers_are_lost = False
    clock.now += LONG / 2
    await until(lambda: lease.write_seconds() == pytest.approx(LONG * WRITING_SHARE))
    assert lease.is_held
    assert not keeping.done()
    keeping.cancel()


async def test_it_is_kept_for_as_long_as_renewals_come_through(
    operator: Operators, stored: Stored, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubernetes_lease, "RENEWALS", OFTEN)
    lease = operator(seconds=LONG)
    await lease.acquire()
    keeping = asyncio.create_task(lease.keep())
    for renewals in range(1, 7):  # three times as long as it lasts
        await until(lambda: stored.methods.count("PUT") >= renewals)  # noqa: B023
        clock.now += LONG / 2
    await until(lambda: lease.write_seconds() > 0)
    assert lease.is_held
    assert not keeping.done()
    keeping.cancel()


async def test_it_is_lost_when_the_api_server_is_away_for_too_long(
    stub: StubApiServer, operator: Operators
) -> None:
    lease = operator(seconds=SOON, clock=asyncio.get_running_loop().time)
    await lease.acquire()
    stub.answers = [refuse(503, "ServiceUnavailable", "no etcd")]
    await within(60, lease.keep())
    assert lease.is_lost
    assert not lease.is_held
    assert "no etcd" in lease.trouble


async def test_an_answer_that_does_not_come_does_not_keep_it_beyond_its_end(
    stub: StubApiServer, operator: Operators
) -> None:
    """The request itself would wait for a minute."""

    async def never(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(600)
        raise AssertionError("unreachable")

    lease = operator(seconds=SOON, clock=asyncio.get_running_loop().time)
    await lease.acquire()
    stub.answers = [never]
    await within(30, lease.keep())
    assert lease.is_lost


async def test_it_is_lost_as_soon_as_somebody_else_is_seen_to_hold_it(
    operator: Operators, stored: Stored
) -> None:
    lease = operator(seconds=5)
    await lease.acquire()
    stored.edit(holderIdentity="b")
    await within(60, lease.keep())
    assert lease.is_lost
    assert stored.spec["holderIdentity"] == "b"


async def test_of_two_of_one_name_the_older_loses_it(operator: Operators, stored: Stored) -> None:
    older, newer = operator("a", seconds=5), operator("a", seconds=5)
    await older.acquire()
    await newer.acquire()
    await within(60, older.keep())
    assert older.is_lost
    assert await newer._try()


async def test_who_was_suspended_over_its_end_has_lost_it_even_if_nobody_took_it(
    operator: Operators, stored: Stored, clock: Clock
) -> None:
    lease = operator(seconds=1)
    await lease.acquire()
    clock.now += 1
    del stored.methods[:]
    await within(60, lease.keep())
    assert lease.is_lost
    assert stored.methods == []


async def test_one_that_was_deleted_is_made_anew(operator: Operators, stored: Stored) -> None:
    lease = operator()
    await lease.acquire()
    stored.body, stored.version = None, 0
    assert not await lease._try()
    assert await lease._try()


async def test_who_may_not_have_it_says_so_and_goes_on_waiting(
    stub: StubApiServer, operator: Operators, stored: Stored
) -> None:
    lease = operator(seconds=SOON, clock=asyncio.get_running_loop().time)
    stub.answers = [refuse(403, "Forbidden", "leases is forbidden")]
    acquiring = asyncio.create_task(lease.acquire())
    await until(lambda: "leases is forbidden" in lease.trouble)
    stub.answers = [stored]
    await within(60, acquiring)
    assert lease.trouble == ""


async def test_what_others_wrote_on_it_stays(operator: Operators, stored: Stored) -> None:
    lease = operator()
    await lease.acquire()
    stored.edit(preferredHolder="b")
    await lease._try()
    await lease._try()
    assert stored.spec["preferredHolder"] == "b"
