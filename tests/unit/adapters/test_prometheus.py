import asyncio
import math
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.errors import OutsideUnavailable, QueryRefused
from serinus.signals.series import KUBERNETES_LABELS, Answer, Series, of_pods
from tests.integration.within import until, within
from tests.unit.adapters.stub_prometheus import Reply, Stub, failure, serving, success

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
SERIES = {
    "metric": {"__name__": "r", "namespace": "prod", "pod": "fraud-aaa-1"},
    "values": [[1.5, "2"], [2.5, "NaN"], [3.5, "+Inf"]],
}


@asynccontextmanager
async def asking(stub: Stub, **settings: Any) -> AsyncIterator[Prometheus]:
    prometheus = Prometheus(PrometheusSettings(url=stub.url, **settings))
    try:
        yield prometheus
    finally:
        await prometheus.close()


async def asked(stub: Stub, **settings: Any) -> tuple[Series, ...]:
    async with asking(stub, **settings) as prometheus:
        return await prometheus.raw("r", 60, NOON)


async def test_raw_samples_are_asked_for_by_window_and_time() -> None:
    with serving(success(SERIES)) as stub:
        (series,) = await asked(stub, timeout=7)
    (question,) = stub.asked
    assert question == {
        "path": "/api/v1/query",
        "query": "r[60000ms]",
        "time": str(NOON.timestamp()),
        "timeout": "7s",
    }
    assert series.labels == SERIES["metric"]
    assert series.samples[0] == (1.5, 2.0)
    assert math.isnan(series.samples[1][1])
    assert series.samples[2] == (3.5, math.inf)


async def test_a_grid_is_asked_for_to_the_millisecond() -> None:
    with serving(success()) as stub:
        async with asking(stub) as prometheus:
            since, until = (datetime.fromtimestamp(t, UTC) for t in (1.25, 3.75))
            assert await prometheus.evaluate("sum(r)", since, until, 2.5) == ()
    (question,) = stub.asked
    assert (question["path"], question["start"], question["end"], question["step"]) == (
        "/api/v1/query_range",
        "1.25",
        "3.75",
        "2.5",
    )


async def test_the_past_keeps_no_look_waiting_and_wakes_nobody() -> None:
    is_looked = threading.Event()
    slow = Reply(success(SERIES).body, held=is_looked, held_path="/api/v1/query_range")
    with serving(slow) as stub:
        async with asking(stub, timeout=60) as prometheus:
            news: list[Answer] = []
            prometheus.on_answer = lambda answer, _labels: news.append(answer)
            pasts = [asyncio.create_task(past(prometheus, f"r{n}")) for n in range(5)]
            try:
                await until(lambda: stub.asked)
                await within(30, prometheus.raw("r", 60, NOON))
                assert not any(each.done() for each in pasts)
            finally:
                is_looked.set()
            await asyncio.gather(*pasts)
    assert len(news) == 1


async def test_a_past_that_failed_is_left_alone_for_a_while() -> None:
    with serving(failure(422, "execution", "too many samples")) as stub:
        async with asking(stub) as prometheus:
            for _ in range(3):
                with pytest.raises(QueryRefused):
                    await past(prometheus, "r")
    assert len(stub.asked) == 1


async def past(prometheus: Prometheus, expression: str) -> tuple[Series, ...]:
    return await prometheus.evaluate(expression, NOON - timedelta(hours=4), NOON, 60)


async def test_a_path_in_the_url_is_kept() -> None:
    with serving(success()) as stub:
        stub.url += "/prometheus/"
        await asked(stub)
    assert stub.asked[0]["path"] == "/prometheus/api/v1/query"


async def test_many_who_ask_the_same_make_one_request() -> None:
    with serving(success(SERIES)) as stub:
        async with asking(stub) as prometheus:
            answers = await asyncio.gather(*(prometheus.raw("r", 60, NOON) for _ in range(50)))
            later = await prometheus.raw("r", 60, NOON)
    assert len(stub.asked) == 1
    assert all(answer is later for answer in answers)
    assert len(of_pods(later, "prod", "fraud-aaa-", KUBERNETES_LABELS)) == 1


async def test_an_answer_comes_with_its_directory_made_off_the_event_loop() -> None:
    with serving(success(SERIES)) as stub:
        answer = await asked(stub)
    assert isinstance(answer, Answer)
    assert list(answer._directories) == [KUBERNETES_LABELS]


async def test_another_question_is_another_request() -> None:
    with serving(success()) as stub:
        async with asking(stub) as prometheus:
            await prometheus.raw("r", 60, NOON)
            await prometheus.raw("r", 90, NOON)
            await prometheus.evaluate("r", NOON, NOON, 15)
    assert len(stub.asked) == 3


async def test_who_stops_waiting_stops_nobody_else() -> None:
    is_cancelled = threading.Event()
    with serving(Reply(success(SERIES).body, held=is_cancelled)) as stub:
        async with asking(stub, timeout=60) as prometheus:
            first = asyncio.create_task(prometheus.raw("r", 60, NOON))
            second = asyncio.create_task(prometheus.raw("r", 60, NOON))
            try:
                await until(lambda: stub.asked)
                first.cancel()
            finally:
                is_cancelled.set()
            assert len(await second) == 1
    assert len(stub.asked) == 1


async def test_the_event_loop_goes_on_while_prometheus_thinks() -> None:
    has_gone_on = threading.Event()
    with serving(Reply(success().body, held=has_gone_on)) as stub:
        async with asking(stub, timeout=60) as prometheus:
            answer = asyncio.create_task(prometheus.raw("r", 60, NOON))
            try:
                await until(lambda: stub.asked)
                for _ in range(10):
                    await asyncio.sleep(0.01)
                assert not answer.done()
            finally:
                has_gone_on.set()
            await answer


async def test_a_refused_query_is_told_in_the_words_of_prometheus() -> None:
    words = 'invalid parameter "query": 1:3: parse error: unexpected end of input'
    with serving(failure(400, "bad_data", words)) as stub, pytest.raises(QueryRefused) as refused:
        await asked(stub)
    assert (refused.value.query, refused.value.reason) == ("r", words)
    assert len(stub.asked) == 1


async def test_a_query_that_fails_as_it_runs_is_refused_too() -> None:
    words = "many-to-many matching not allowed"
    with (
        serving(failure(422, "execution", words)) as stub,
        pytest.raises(QueryRefused, match=words),
    ):
        await asked(stub)


async def test_a_busy_prometheus_is_asked_again() -> None:
    with serving(failure(503, "timeout", "later"), success(SERIES)) as stub:
        assert len(await asked(stub)) == 1
    assert len(stub.asked) == 2


async def test_a_prometheus_that_stays_busy_is_left_alone_and_quoted() -> None:
    busy = failure(503, "unavailable", "shutting down")
    busy.headers["Retry-After"] = "120"
    with serving(busy) as stub:
        async with asking(stub) as prometheus:
            for _ in range(3):
                with pytest.raises(OutsideUnavailable, match=r"503: shutting down") as told:
                    await prometheus.raw("r", 60, NOON)
                assert told.value.retry_after_seconds == 120
    assert len(stub.asked) == 3


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply("<html>Bad gateway\n</html>", 404), "404: <html>Bad gateway </html>"),
        (Reply("", 401), "answered 401: Unauthorized"),
        (Reply("not json"), "can't be read"),
        (Reply({"status": "success", "data": None}), "can't be read"),
        (Reply({"status": "success", "data": {"result": [{"metric": {}}, 3]}}), "can't be read"),
        (Reply("", 302, {"Location": "ftp://elsewhere"}), "out of reach"),
    ],
)
async def test_what_is_no_answer_is_no_data(reply: Reply, words: str) -> None:
    with serving(reply) as stub, pytest.raises(OutsideUnavailable, match=words):
        await asked(stub)


async def test_a_partial_answer_is_no_answer() -> None:
    with (
        serving(success(SERIES, warnings=['store "a" is down'])) as stub,
        pytest.raises(OutsideUnavailable, match=r"partial answer: store .* is down"),
    ):
        await asked(stub)


async def test_remarks_about_a_query_leave_its_answer_whole() -> None:
    odd = {"metric": {"pod": '"warnings":["no"]', "warnings": "[x"}, "values": [[1, "2"]]}
    with serving(success(odd, infos=["r might be no counter"], warnings=[])) as stub:
        assert len(await asked(stub)) == 1


async def test_nobody_there_is_no_data() -> None:
    with serving(success()) as stub:
        pass
    with pytest.raises(OutsideUnavailable, match=r"out of reach: .*Connection refused$"):
        await asked(stub)


async def test_without_a_url_the_missing_setting_is_told() -> None:
    with pytest.raises(OutsideUnavailable, match=r"^no Prometheus is configured$"):
        await asked(Stub(url=""))


async def test_a_prometheus_that_never_answers_is_given_up() -> None:
    with (
        serving(Reply(success().body, delay_seconds=0.5)) as stub,
        pytest.raises(OutsideUnavailable, match=r"did not answer"),
    ):
        await asked(stub, timeout=0.1)


async def test_every_question_is_counted_by_what_came_of_it() -> None:
    told: list[str] = []
    with serving(success(SERIES), failure(400, "bad_data", "parse error")) as stub:
        prometheus = Prometheus(PrometheusSettings(url=stub.url), count=told.append)
        await prometheus.raw("r", 60, NOON)
        await prometheus.raw("r", 60, NOON)  # shared, so nobody was asked
        with pytest.raises(QueryRefused):
            await prometheus.raw("x{", 60, NOON)
        await prometheus.close()
    nobody = Prometheus(PrometheusSettings(url=""), count=told.append)
    with pytest.raises(OutsideUnavailable):
        await nobody.raw("r", 60, NOON)
    await nobody.close()
    assert told == ["answered", "refused", "unavailable"]


def test_importing_it_drags_in_no_data_science() -> None:
    """pandas and matplotlib would be most of the operator's memory."""
    program = (
        "import sys, serinus.adapters.prometheus; "
        "print({'pandas', 'numpy', 'matplotlib'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"
