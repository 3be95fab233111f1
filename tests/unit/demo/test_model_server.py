"""What a client, a probe and Prometheus get to see of the model server."""

import json
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry

from demo.model.artefact import Model
from demo.model.server import ModelServer
from demo.model.settings import Faults
from serinus_sdk import Monitor

Client = TestClient[web.Request, web.Application]
Start = Callable[[ModelServer], Awaitable[Client]]
ROW = {"id": "row-1", "features": {"size": 1.0, "weight": None}}


class Echo:
    """A model whose score is its first input."""

    def predict_proba(self, rows: list[list[float]]) -> list[list[float]]:
        if rows[0][0] < 0:
            raise ValueError("the model can't do that")
        return [[1 - row[0], row[0]] for row in rows]


def server_with(faults: Faults | None = None, *, loaded: bool = True) -> ModelServer:
    monitor = Monitor(version="7", registry=CollectorRegistry())
    server = ModelServer("7", faults or Faults(), random.Random(1), monitor)
    server.model = Model("v1", ("size", "weight"), Echo()) if loaded else None
    return server


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    clients: list[Client] = []

    async def starting(server: ModelServer) -> Client:
        clients.append(TestClient(TestServer(server.application())))
        await clients[-1].start_server()
        return clients[-1]

    yield starting
    for client in clients:
        await client.close()


async def ask(client: Client, row: object = ROW) -> ClientResponse:
    return await client.post("/predict", data=json.dumps(row))


async def metrics_of(client: Client) -> dict[str, float]:
    lines = (await (await client.get("/metrics")).text()).splitlines()
    samples = [line.rsplit(" ", 1) for line in lines if not line.startswith("#")]
    return {name: float(value) for name, value in samples}


async def test_an_answer_names_the_request_the_version_and_the_prediction(start: Start) -> None:
    response = await ask(await start(server_with()))
    assert response.status == 200
    assert response.headers["x-model-version"] == "7"
    assert await response.json() == {"id": "row-1", "version": "7", "prediction": 1.0}


async def test_predictions_and_values_are_counted_and_missing_ones_too(start: Start) -> None:
    client = await start(server_with())
    await ask(client)
    await ask(client, {"features": {"size": math.nan, "weight": 1}})
    metrics = await metrics_of(client)
    assert metrics['model_requests_total{code="200"}'] == 2
    assert metrics["model_request_duration_seconds_count"] == 2
    assert metrics["model_predictions_total"] == 2
    assert metrics["model_null_outputs_total"] == 1
    assert metrics["model_inputs_total"] == 4
    assert metrics["model_missing_inputs_total"] == 2


async def test_probes_and_scrapes_are_no_requests(start: Start) -> None:
    client = await start(server_with())
    for path in ("/healthz", "/readyz", "/metrics"):
        assert (await client.get(path)).status == 200
    assert (await metrics_of(client))["model_request_duration_seconds_count"] == 0


async def test_the_error_counter_is_there_before_the_first_error(start: Start) -> None:
    metrics = await metrics_of(await start(server_with()))
    assert metrics['model_requests_total{code="500"}'] == 0


async def test_until_the_model_is_loaded_the_process_is_up_but_not_ready(start: Start) -> None:
    client = await start(server_with(loaded=False))
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 503
    assert (await ask(client)).status == 503


async def test_a_malformed_body_is_the_callers_fault_and_reaches_no_model(start: Start) -> None:
    client = await start(server_with())
    response = await client.post("/predict", data=b"{")
    metrics = await metrics_of(client)
    assert response.status == 400
    assert metrics['model_requests_total{code="400"}'] == 1
    assert metrics["model_predictions_total"] == 0


async def test_a_model_that_raises_is_a_500_with_its_version(start: Start) -> None:
    client = await start(server_with())
    response = await ask(client, {"features": {"size": -1}})
    assert response.status == 500
    assert response.headers["x-model-version"] == "7"
    assert (await metrics_of(client))['model_requests_total{code="500"}'] == 1


async def test_even_a_wrong_path_shows_that_the_model_server_was_reached(start: Start) -> None:
    response = await (await start(server_with())).get("/nowhere")
    assert response.status == 404
    assert response.headers["x-model-version"] == "7"


async def test_fail_share_fails_about_that_share(start: Start) -> None:
    client = await start(server_with(Faults(fail_share=0.3)))
    failed = sum([(await ask(client)).status == 500 for _ in range(200)])
    assert 40 <= failed <= 80
    assert (await metrics_of(client))['model_requests_total{code="500"}'] == failed


async def test_null_share_answers_null_and_counts_it(start: Start) -> None:
    client = await start(server_with(Faults(null_share=1.0)))
    answer = await (await ask(client)).json()
    assert answer["prediction"] is None
    assert (await metrics_of(client))["model_null_outputs_total"] == 1


async def test_extra_latency_shows_in_the_histogram(start: Start) -> None:
    client = await start(server_with(Faults(extra_latency_seconds=0.03)))
    await ask(client)
    metrics = await metrics_of(client)
    assert metrics['model_request_duration_seconds_bucket{le="0.025"}'] == 0


async def test_a_draining_server_answers_and_asks_not_to_come_back(start: Start) -> None:
    server = server_with()
    client = await start(server)
    server.draining = True
    response = await ask(client)
    assert response.status == 200
    assert response.headers["Connection"] == "close"
    assert (await client.get("/readyz")).status == 503
