"""When requests leave, and what the load generator tells about it."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer, unused_port

from demo.environment import SettingError
from demo.load.__main__ import generate
from demo.load.feed import Feed
from demo.load.generator import Generator
from demo.load.outcome import Kind, Outcome
from demo.load.rows import Protocol, Row, read_rows
from demo.load.settings import LoadSettings
from demo.load.tally import Tally

ROWS = [Row(b"a", 0), Row(b"b", 1)]


def settings(**variables: object) -> LoadSettings:
    given = {"TARGET_URL": "http://127.0.0.1:9/predict", "HOST": "127.0.0.1", **variables}
    return LoadSettings.read({name: str(value) for name, value in given.items()})


class Recorder:
    """A server that takes its time and remembers what was sent."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.sent: list[bytes] = []

    async def send(self, row: Row) -> Outcome:
        self.sent.append(row.body)
        await asyncio.sleep(self.seconds)
        return Outcome(1.0, self.seconds, Kind.ANSWERED, 200, "1", 0.1, row.label)


async def test_rows_go_round_at_the_rate_until_the_time_is_over() -> None:
    recorder, tally = Recorder(), Tally()
    started = time.monotonic()
    fast = settings(RATE_PER_SECOND=50, DURATION_SECONDS=1)
    await Generator(fast, ROWS, recorder.send, tally).run(asyncio.Event())
    assert recorder.sent == [b"a", b"b"] * 25
    assert time.monotonic() - started >= 0.9
    assert (tally.sent, tally.outcomes) == (50, 50)


async def test_slow_answers_do_not_slow_the_requests_down() -> None:
    recorder = Recorder(seconds=0.5)
    fast = settings(RATE_PER_SECOND=50, DURATION_SECONDS=1)
    await Generator(fast, ROWS, recorder.send, Tally()).run(asyncio.Event())
    assert len(recorder.sent) == 50


async def test_what_finds_no_place_is_counted_as_skipped() -> None:
    recorder, tally = Recorder(seconds=10), Tally()
    narrow = settings(RATE_PER_SECOND=50, DURATION_SECONDS=1, MAX_IN_FLIGHT=3)
    running = asyncio.create_task(
        Generator(narrow, ROWS, recorder.send, tally).run(asyncio.Event())
    )
    await asyncio.sleep(1.2)
    running.cancel()
    assert (tally.sent, tally.skipped) == (3, 47)


async def test_a_stop_ends_the_sending_and_waits_for_answers() -> None:
    stop, tally = asyncio.Event(), Tally()
    recorder = Recorder(seconds=0.2)
    long = settings(RATE_PER_SECOND=50, DURATION_SECONDS=60)
    running = asyncio.create_task(Generator(long, ROWS, recorder.send, tally).run(stop))
    await asyncio.sleep(0.1)
    stop.set()
    await running
    assert tally.outcomes == tally.sent < 20


async def test_the_feed_answers_over_http() -> None:
    tally = Tally()
    tally.add(Outcome(1.0, 0.01, Kind.ANSWERED, 200, "1", 0.1, 0))
    feed = Feed(settings(), tally, wall_clock=lambda: 100.0)
    async with TestClient(TestServer(feed.application())) as client:
        summary = await (await client.get("/summary")).json()
        recent = await (await client.get("/recent?since=0")).json()
        assert (await client.get("/recent?since=now")).status == 400
    assert summary["versions"]["1"]["statuses"] == {"200": 1}
    assert (summary["at"], summary["final"]) == (100.0, False)
    assert recent["records"][0]["version"] == "1"


async def test_a_run_ends_with_a_summary_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def reply(_: web.Request) -> web.Response:
        return web.json_response({"prediction": 0.9}, headers={"x-model-version": "7"})

    application = web.Application()
    application.router.add_post("/predict", reply)
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "row-0", "features": {"size": 1}, "label": 1}\n')
    async with TestServer(application) as server:
        bounded = settings(
            TARGET_URL=server.make_url("/predict"),
            ROWS_PATH=rows,
            RATE_PER_SECOND=40,
            DURATION_SECONDS=1.5,
            EXIT_WHEN_DONE=True,
            PORT=unused_port(),
        )
        await generate(bounded, asyncio.Event())
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["final"] for line in lines] == [False, True]
    assert lines[0]["versions"]["7"]["requests"] < lines[-1]["versions"]["7"]["requests"] == 60
    assert lines[-1]["versions"]["7"]["correct"] == 60


def test_a_label_is_kept_back_from_the_server(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "row-0", "features": {"size": null}, "label": 1}\n\n')
    assert read_rows(rows) == [Row(b'{"id": "row-0", "features": {"size": null}}', 1)]


def test_v2_is_asked_with_one_tensor_in_the_order_of_the_features(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"id": "row-0", "features": {"size": null, "age": 2.5}, "label": 0}\n')
    (row,) = read_rows(rows, Protocol.V2)
    tensor = {"name": "features", "shape": [1, 2], "datatype": "FP64", "data": [None, 2.5]}
    assert json.loads(row.body) == {"id": "row-0", "inputs": [tensor]}


def test_no_rows_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n")
    with pytest.raises(ValueError, match="holds no rows"):
        read_rows(tmp_path / "rows.jsonl")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TARGET_URL", "gateway:80"),
        ("RATE_PER_SECOND", 0),
        ("DURATION_SECONDS", 1e9),
        ("PROTOCOL", "grpc"),
    ],
)
def test_load_without_bounds_or_target_is_refused(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=name):
        settings(**{name: value})
