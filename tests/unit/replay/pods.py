"""Pods of a model whose counters are on a grid of minutes, and what a replay makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from serinus.replay.aa import Model, Replayed, replayed
from serinus.replay.recorded import RecordedSamples
from serinus.resource.spec import Spec, parse_spec
from serinus.signals.series import Series
from tests.fakes.world import spec_of

START = datetime(2026, 1, 5, tzinfo=UTC)
MODEL = Model(namespace="prod", name="fraud")
REVISION = "a" * 10
NAN = float("nan")


def counter(name: str, pod: str, values: Sequence[float], **labels: str) -> Series:
    """Return a counter's samples, one a minute; NaN where there is none."""
    samples = (
        (START.timestamp() + 60 * minute, float(value))
        for minute, value in enumerate(values)
        if not np.isnan(value)
    )
    return Series(
        labels={"__name__": name, "namespace": "prod", "pod": pod, **labels},
        samples=tuple(samples),
    )


def pod_name(number: int, revision: str = REVISION) -> str:
    return f"fraud-{revision}-rs-{number}"


def served(
    pods: int, minutes: int, *, per_minute: float = 600, bad_share: float = 0.005, seed: int = 1
) -> list[Series]:
    """Return requests and errors of some pods, at random."""
    rng = np.random.default_rng(seed)
    series = []
    for number in range(pods):
        bad = np.cumsum(rng.poisson(per_minute * bad_share, minutes + 1))
        good = np.cumsum(rng.poisson(per_minute * (1 - bad_share), minutes + 1))
        for code, values in (("200", good), ("500", bad)):
            series.append(
                counter("model_requests_total", pod_name(number), list(values), code=code)
            )
    return series


def predicted(pods: int, minutes: int, *, per_minute: float = 600, seed: int = 1) -> list[Series]:
    """Return predictions of some pods by bin, at random."""
    rng = np.random.default_rng(seed)
    return [
        counter(
            "model_prediction_values_total",
            pod_name(number),
            list(np.cumsum(rng.poisson(per_minute * share, minutes + 1))),
            upto=edge,
        )
        for number in range(pods)
        for edge, share in (("0.2", 0.1), ("0.5", 0.4), ("0.9", 0.4), ("+Inf", 0.1))
    ]


def error_rate(**fields: Any) -> Spec:
    """Return a policy with one objective and steps of 10 and 50 %."""
    objectives = [{"preset": "error-rate", "worseThanStable": {"by": "1%"}}]
    return parse_spec(spec_of(**{"objectives": objectives, **fields}))


async def past_of(
    series: Sequence[Series], minutes: int, spec: Spec | None = None, **more: Any
) -> Replayed:
    until = START + timedelta(minutes=minutes)
    days = minutes / 24 / 60
    reader = RecordedSamples(series)
    return await replayed(MODEL, spec or error_rate(), reader, until, days=days, **more)
