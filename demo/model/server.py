"""The model server: predictions, probes and metrics on one port."""

from __future__ import annotations

import asyncio
import logging
import random
import time

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from demo.model.artefact import Model
from demo.model.scoring import MalformedRequestError, predict, read_inputs
from demo.model.settings import Faults
from serinus_sdk import Monitor

VERSION_HEADER = "x-model-version"

log = logging.getLogger(__name__)


class InjectedError(Exception):
    """A failure that FAIL_SHARE asked for."""


class ModelServer:
    """One version of the model, from an empty process to the last answer."""

    def __init__(
        self, version: str, faults: Faults, chance: random.Random, monitor: Monitor
    ) -> None:
        self.version = version
        self.faults = faults
        self.chance = chance
        self.monitor = monitor
        self.model: Model | None = None
        self.draining = False

    def application(self) -> web.Application:
        application = web.Application()
        application.on_response_prepare.append(self.sign)
        application.router.add_post("/predict", self.handle_predict)
        application.router.add_get("/healthz", self.handle_health)
        application.router.add_get("/readyz", self.handle_readiness)
        application.router.add_get("/metrics", self.handle_metrics)
        return application

    async def sign(self, _: web.Request, response: web.StreamResponse) -> None:
        """Every answer names its version; the last ones ask the client not to come back."""
        response.headers[VERSION_HEADER] = self.version
        if self.draining:
            response.force_close()
            response.headers["Connection"] = "close"

    async def handle_predict(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        response = await self._answer(request)
        self.monitor.record_request(response.status, time.perf_counter() - started)
        return response

    async def _answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        await asyncio.sleep(self.faults.extra_latency_seconds)
        if self.model is None:
            return self._refusal(503, "the model is not loaded yet")
        try:
            return self._predict(self.model, body)
        except MalformedRequestError as error:
            return self._refusal(400, str(error))
        except Exception as error:  # noqa: BLE001  # a server survives whatever its model raises
            log.warning("prediction failed: %r", error)
            return self._refusal(500, repr(error))

    def _predict(self, model: Model, body: bytes) -> web.Response:
        inputs = read_inputs(body, model.feature_names)
        if self._strikes(self.faults.fail_share):
            raise InjectedError("FAIL_SHARE")
        prediction = predict(model, inputs)
        if self._strikes(self.faults.null_share):
            prediction = None
        self.monitor.record(inputs.values, prediction)
        answer = {"id": inputs.request_id, "version": self.version, "prediction": prediction}
        return web.json_response(answer)

    def _strikes(self, share: float) -> bool:
        return share > 0 and self.chance.random() < share

    def _refusal(self, status: int, reason: str) -> web.Response:
        return web.json_response({"version": self.version, "error": reason}, status=status)

    async def handle_health(self, _: web.Request) -> web.Response:
        return web.json_response({"version": self.version, "alive": True})

    async def handle_readiness(self, _: web.Request) -> web.Response:
        ready = self.model is not None and not self.draining
        answer = {"version": self.version, "ready": ready}
        return web.json_response(answer, status=200 if ready else 503)

    async def handle_metrics(self, _: web.Request) -> web.Response:
        headers = {"Content-Type": CONTENT_TYPE_LATEST}
        return web.Response(body=self.monitor.exposition(), headers=headers)
