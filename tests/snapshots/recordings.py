"""The recordings that ship with the docs: a day of stable's pods, and a rollout with its log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from serinus.replay.recorded import RecordedSamples, write_recording
from serinus.signals.series import Series
from tests.architecture.sources import ROOT
from tests.fakes.cluster import Pod
from tests.fakes.models import Behaviour
from tests.fakes.prometheus import FakePrometheus
from tests.fakes.world import FakeWorld, spec_of, world_of

FOLDER = ROOT / "docs" / "replay"
START = 1_767_571_200
MINUTES = 24 * 60
NAMES = "model_requests_total model_predictions_total model_null_outputs_total"
POLICY: dict[str, Any] = {
    "objectives": [
        {"preset": "error-rate", "worseThanStable": {"by": "1%"}},
        {"preset": "null-outputs", "worseThanStable": {"by": "2%"}},
    ],
    "rollout": {
        "steps": [{"weight": 5}, {"weight": 25}, {"weight": 50}],
        "interval": "15s",
        "minTime": "1m",
        "maxDuration": "1h",
    },
}


class NoisyPrometheus(FakePrometheus):
    """Whole requests that come and go wrong at random."""

    rng = np.random.default_rng(7)

    def _count(self, pod: Pod, requests: float) -> None:
        its = self.cluster.behaviour(pod)
        total = int(self.rng.poisson(requests))
        bad = int(self.rng.binomial(total, its.error_share))
        nulls = int(self.rng.binomial(total - bad, its.null_share))
        self._add("model_requests_total", pod, "200", total - bad)
        if bad:  # a label value appears with its first event
            self._add("model_requests_total", pod, "500", bad)
        self._add("model_predictions_total", pod, "", total - bad)
        self._add("model_null_outputs_total", pod, "", nulls)


class RememberingWorld(FakeWorld):
    """Its Prometheus tells of the past on a grid of times, too."""

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        stored = RecordedSamples(self.prometheus.raw(NAMES, 0, 1e12))
        return await stored.evaluate(expression, since, until, step_seconds)


async def a_rollout() -> str:
    """Play a version with 3 % errors instead of 0.5, and return what was recorded of it."""
    NoisyPrometheus.rng = np.random.default_rng(7)
    good, bad = (Behaviour(error_share=share, null_share=0.001) for share in (0.005, 0.03))
    made = world_of(spec_of(**POLICY), v1=good, v2=bad)
    world = RememberingWorld(**{each.name: getattr(made, each.name) for each in fields(made)})
    world.prometheus = NoisyPrometheus(world.cluster, rate_per_second=60.0)
    await world.run(330)
    world.deploy("2")
    await world.run(900)
    series = (each for name in (NAMES, "up") for each in world.prometheus.raw(name, 0, 1e12))
    return write_recording(series, world.records)


def a_day() -> str:
    """Return a day of four pods with a daily cycle, common drift and bursts of single pods."""
    return write_recording(_pods(np.random.default_rng(11)), ())


def _pods(rng: np.random.Generator) -> Iterator[Series]:
    per_minute = 600 * (1 + 0.5 * np.sin(np.arange(MINUTES) / MINUTES * 2 * np.pi))
    common = np.exp(rng.normal(0, 0.25, MINUTES))
    for letter in "abcd":
        share = 0.005 * common * np.exp(rng.normal(0, 0.15, MINUTES))
        for begin in rng.integers(0, MINUTES - 3, 3):
            share[begin : begin + 2] += 0.04
        total = rng.poisson(per_minute)
        bad = rng.binomial(total, np.clip(share, 0, 1))
        for code, events in (("200", total - bad), ("500", bad)):
            yield _counter(f"fraud-4f1d2c3b5a-7c9d8-{letter}", code, np.cumsum(events))


def _counter(pod: str, code: str, counted: Any) -> Series:
    labels = {"__name__": "model_requests_total", "namespace": "default", "pod": pod, "code": code}
    values = (0, *counted.tolist())
    return Series(
        labels=labels, samples=tuple((START + 60.0 * n, float(v)) for n, v in enumerate(values))
    )


def write(folder: Path) -> None:
    """Write both."""
    (folder / "rollout.jsonl").write_text(asyncio.run(a_rollout()))
    (folder / "day.jsonl").write_text(a_day())


if __name__ == "__main__":
    write(FOLDER)
