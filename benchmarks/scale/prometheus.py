"""A stub of Prometheus in a process of its own: invents what pods show, and counts what is asked.

Every pod answers so many requests a second and is scraped at a phase of its own, as Prometheus
spreads scrapes over the interval. From the moment a model turns bad, a share of what its canary
answers is errors; the first answer that breaks its limit by it is remembered.
"""

import argparse
import asyncio
import hashlib
import re
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import ceil, floor
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.scale.objective import LIMIT, SHARE_OF, WINDOW_SECONDS
from serinus.adapters.kubernetes_api import ApiServer
from serinus.adapters.kubernetes_kinds import POD
from serinus.adapters.kubernetes_login import log_in
from serinus.adapters.kubernetes_watch import Collected, Watch
from serinus.resource.names import MODEL_LABEL

REQUESTS_PER_SECOND = 20
BAD_SHARE = 0.5
BAD_VERSION = "3"
"""The version whose pods answer badly once their model has turned bad."""

METRIC = re.compile(r"model_[a-z_]+|up")


@dataclass
class Pod:
    """What one pod has shown; times in Unix seconds."""

    labels: dict[str, str]
    model: str
    version: str
    born_at: float
    phase: float
    """By how much of an interval its scrapes are later than the grid's."""
    gone_at: float = float("inf")


@dataclass
class Exposed:
    """All pods there are or were, and which models are bad since when."""

    scrape_seconds: float
    pods: dict[str, Pod] = field(default_factory=dict)
    bad_since: dict[str, float] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    first_bad_answers: dict[str, float] = field(default_factory=dict)
    """When somebody was told of a model that more is bad than its limit allows."""
    shares_asked_at: dict[str, list[float]] = field(default_factory=dict)
    """When the share of errors was asked for, by names and version of the pods (Unix seconds)."""

    def saw(self, raw: Mapping[str, Any]) -> None:
        metadata = raw["metadata"]
        name = metadata["name"]
        if name not in self.pods and (raw.get("status") or {}).get("podIP"):
            phase = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 0x1_0000_0000
            self.pods[name] = Pod(
                labels={
                    "namespace": metadata["namespace"],
                    "pod": name,
                    "instance": f"{name}:8080",
                    "job": "models",
                },
                model=metadata["labels"][MODEL_LABEL],
                version=raw["spec"]["containers"][0]["image"].rpartition(":")[2],
                born_at=time.time(),
                phase=phase,
            )

    def gone(self, raw: Mapping[str, Any]) -> None:
        pod = self.pods.get(raw["metadata"]["name"])
        if pod:
            pod.gone_at = time.time()

    def listed(
        self, _namespace: str, _names: Collection[tuple[str, str]], _version: int, /
    ) -> None:
        """The watch of a benchmark is never taken up anew."""

    def turn_bad(self, models: Collection[str]) -> None:
        self.bad_since |= dict.fromkeys(models, time.time())

    def answer(self, query: str, until: float) -> list[dict[str, Any]]:
        """Return what an instant query or one for raw samples would."""
        selector, bracket, window = query.partition("[")
        seconds = float(window.removesuffix("ms]")) / 1000 if bracket else self.scrape_seconds
        names = set(METRIC.findall(selector))
        self.asked[selector] += 1
        result: list[dict[str, Any]] = []
        until = min(until, time.time())
        for pod in self.pods.values():
            times = self._scrapes(pod, until - seconds, until)
            if not times:
                continue
            if "up" in names:
                result.append(_series(pod, "up", {}, [(at, 1) for at in times]))
                continue
            good = [(at, self._count(pod, at) - self._bad(pod, at)) for at in times]
            result.append(_series(pod, "model_requests_total", {"code": "200"}, good))
            if self._bad(pod, times[-1]):
                self._note(pod, until)
                bad = [(at, self._bad(pod, at)) for at in times]
                result.append(_series(pod, "model_requests_total", {"code": "500"}, bad))
        return result

    def error_share(self, query: str, named: str) -> float:
        """Return what of some pods' last window was errors; 0 if there was nothing."""
        self.asked[query] += 1
        now, pattern = time.time(), re.compile(named)
        pods = [p for p in self.pods.values() if pattern.fullmatch(p.labels["pod"])]
        place = f"{named} {max(pods, key=lambda pod: pod.born_at).version if pods else ''}"
        self.shares_asked_at.setdefault(place, []).append(now)
        requests = errors = 0
        for pod in pods:
            count, bad = self._last_window(pod, now)
            requests, errors = requests + count, errors + bad
            self._note(pod, now)
        return errors / requests if requests else 0.0

    def _note(self, pod: Pod, until: float) -> None:
        """Remember an answer by which the last window breaks the limit."""
        count, bad = self._last_window(pod, until)
        if bad > LIMIT * count:
            self.first_bad_answers.setdefault(pod.model, time.time())

    def _last_window(self, pod: Pod, until: float) -> tuple[int, int]:
        """Return requests and errors; none if the pod is gone, or has only just begun."""
        times = self._scrapes(pod, until - WINDOW_SECONDS - self.scrape_seconds, until)
        if len(times) < 2:
            return 0, 0
        first, last = times[0], times[-1]
        return (
            self._count(pod, last) - self._count(pod, first),
            self._bad(pod, last) - self._bad(pod, first),
        )

    def _scrapes(self, pod: Pod, after: float, until: float) -> list[float]:
        step, offset = self.scrape_seconds, pod.phase * self.scrape_seconds
        first = ceil((max(after, pod.born_at) - offset) / step)
        last = floor((min(until, pod.gone_at) - offset) / step)
        return [count * step + offset for count in range(first, last + 1)]

    @staticmethod
    def _count(pod: Pod, at: float) -> int:
        return int(max(0.0, at - pod.born_at) * REQUESTS_PER_SECOND)

    def _bad(self, pod: Pod, at: float) -> int:
        since = self.bad_since.get(pod.model)
        if since is None or pod.version != BAD_VERSION:
            return 0
        return int(max(0.0, at - max(since, pod.born_at)) * REQUESTS_PER_SECOND * BAD_SHARE)


def _series(
    pod: Pod, name: str, labels: Mapping[str, str], samples: list[tuple[float, int]]
) -> dict[str, Any]:
    return {
        "metric": {"__name__": name, **pod.labels, **labels},
        "values": [[round(at, 3), str(value)] for at, value in samples],
    }


class Pages:
    """What the operator asks, and what the benchmark does."""

    def __init__(self, exposed: Exposed) -> None:
        self.exposed = exposed

    async def query(self, request: web.Request) -> web.Response:
        asks = await request.post() if request.method == "POST" else request.query
        query, until = str(asks["query"]), float(str(asks.get("time", time.time())))
        if asked := SHARE_OF.search(query):
            return _scalar(self.exposed.error_share(query, asked[1]))
        if query == "vector(1)":  # whether anybody is there
            return _scalar(1)
        result = self.exposed.answer(query, until)
        kind = "matrix"
        if "[" not in query:
            kind = "vector"
            for each in result:
                each["value"] = each.pop("values")[-1]
        return web.json_response(
            {"status": "success", "data": {"resultType": kind, "result": result}}
        )

    async def turn_bad(self, request: web.Request) -> web.Response:
        self.exposed.turn_bad(await request.json())
        return web.json_response({})

    async def told(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {"asked": self.exposed.asked, "firsts": self.exposed.first_bad_answers}
        )

    async def shares_asked_at(self, _request: web.Request) -> web.Response:
        return web.json_response(self.exposed.shares_asked_at)


def _scalar(value: float) -> web.Response:
    result = [{"metric": {}, "value": [time.time(), f"{value:g}"]}]
    return web.json_response(
        {"status": "success", "data": {"resultType": "vector", "result": result}}
    )


def application(pages: Pages) -> web.Application:
    """Return the pages at their paths."""
    app = web.Application(client_max_size=1 << 24)
    app.router.add_get("/api/v1/query", pages.query)
    app.router.add_post("/api/v1/query", pages.query)
    app.router.add_post("/bad", pages.turn_bad)
    app.router.add_get("/told", pages.told)
    app.router.add_get("/shares-asked-at", pages.shares_asked_at)
    return app


async def serve(kubeconfig: Path, port: int, scrape_seconds: float) -> None:
    exposed = Exposed(scrape_seconds=scrape_seconds)
    api = ApiServer((await log_in(str(kubeconfig))).configuration)
    collected = Collected(kind=POD, selector={"labelSelector": MODEL_LABEL})
    watch = Watch(api, collected, exposed, silence_seconds=600.0)
    app = application(Pages(exposed))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await watch.run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--scrape-seconds", type=float, required=True)
    given = parser.parse_args()
    asyncio.run(serve(given.kubeconfig, given.port, given.scrape_seconds))


if __name__ == "__main__":
    main()
