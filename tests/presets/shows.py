"""What each server shows after a request: stated by hand, apart from the presets that read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from serinus.servers.selectors import read_selector
from serinus.signals.series import Series
from tests.presets.stories import Interval, Story

FOLDER = Path(__file__).parent / "shown"
SCRAPE_SECONDS = 15.0
SECONDS = 0.03
"""What every request takes, and waits, and so on."""
SLOWER = 3
NAMESPACE, MODEL, GATEWAY = "prod", "fraud", "gateway-0"

Values = dict[str, list[float | None]]
"""By series, one a scrape; None where the series is not there."""


class _Read(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Timed(_Read):
    """A histogram, a summary, or a plain sum of durations."""

    name: str
    labels: str
    of: tuple[str, ...]
    tells: str = ""
    """What it is to be read as."""
    edges: tuple[float, ...] = ()
    unit: float = 1.0
    sum_only: bool = False
    value: float = SECONDS

    def grown(self, count: int) -> Iterator[tuple[str, float]]:
        """Yield what is added to each series by some events."""
        inside = f"{{{self.labels}}}" if self.labels else ""
        amount = self.value / self.unit
        if self.sum_only:
            yield f"{self.name}{inside}", count * amount
            return
        yield f"{self.name}_sum{inside}", count * amount
        yield f"{self.name}_count{inside}", count
        rest = f",{self.labels}" if self.labels else ""
        for edge in (*self.edges, inf) if self.edges else ():
            le = "+Inf" if edge == inf else f"{edge:.9g}"
            yield f'{self.name}_bucket{{le="{le}"{rest}}}', count if amount <= edge else 0


class Shows(_Read):
    """One server: which series grow by one with each kind of event."""

    good: tuple[str, ...]
    bad: tuple[str, ...]
    probe: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    """Events that are no request of the model: a cancelled one, or a client's own fault."""
    timed: tuple[Timed, ...] = ()
    gauges: dict[str, tuple[str, float]] = Field(default_factory=dict)
    """What it is to be read as, and its value, by series."""
    rates: dict[str, str] = Field(default_factory=dict)
    """Rates to be read, and the events they count."""
    numbers: dict[str, float] = Field(default_factory=dict)
    shares: dict[str, float] = Field(default_factory=dict)
    """What a model says of itself: the share of a bad request's values that have a fault."""
    amounts: dict[str, int] = Field(default_factory=dict)
    """What a series grows by with an event, where that is not one."""
    from_start: tuple[str, ...] = ()
    """Counters that are there, at zero, before anything has happened."""
    proxy: bool = False
    """Whether the series are a gateway's, which names the workload."""
    model_label: str | None = None
    model: str = MODEL
    """What that label says."""

    def values(self, story: Story, workload: str) -> Values:
        """Return what a workload's only pod, or the gateway about it, shows at each scrape."""
        found: Values = {}
        counters = dict.fromkeys(self.from_start, 0.0)
        for number, interval in enumerate(story):
            if interval.restarts:
                counters = dict.fromkeys(self.from_start, 0.0)
            for series, amount in self._grown(interval):
                counters[series] = counters.get(series, 0.0) + amount
            shown = counters | {series: value for series, (_, value) in self.gauges.items()}
            for series, value in shown.items():
                name = series.replace("$(workload)", workload).replace("$(namespace)", NAMESPACE)
                samples = found.setdefault(name, [None] * len(story))
                samples[number] = value
        return found

    def pod(self, workload: str) -> str:
        """Return the pod that shows it."""
        return GATEWAY if self.proxy else f"{workload}-7d4b9-x1"

    def _grown(self, interval: Interval) -> Iterator[tuple[str, float]]:
        for kind in ("good", "bad", "probe", "other"):
            count = getattr(interval, kind)
            if not count:
                continue
            for series in getattr(self, kind):
                yield series, count * self.amounts.get(series, 1)
            for timed in self.timed:
                if kind in timed.of:
                    yield from timed.grown(count)

    def told_by(self, preset: str) -> set[str]:
        """Return the kinds of events whose durations a preset is about."""
        return {kind for timed in self.timed if preset in timed.tells.split() for kind in timed.of}


def another_model(server: Shows, name: str) -> Shows:
    """Return what the same server shows of a second model, which is slower."""
    label = server.model_label
    text = server.model_dump_json().replace(
        json.dumps(f'{label}="{server.model}"')[1:-1], json.dumps(f'{label}="{name}"')[1:-1]
    )
    other = Shows.model_validate_json(text)
    slower = (
        each if each.sum_only else each.model_copy(update={"value": SLOWER * each.value})
        for each in other.timed
    )
    return other.model_copy(update={"timed": tuple(slower), "model": name})


def unlabelled(server: Shows) -> Shows:
    """Return what the same server shows where it names no model."""
    own = re.escape(json.dumps(f'{server.model_label}="{server.model}"')[1:-1])
    text = re.sub(rf",{own}|{own},?", "", server.model_dump_json())
    return Shows.model_validate_json(text.replace('{}"', '"'))


def target(pod: str) -> dict[str, str]:
    """Return the labels of a scraped pod."""
    namespace = "gateways" if pod == GATEWAY else NAMESPACE
    return {"namespace": namespace, "pod": pod, "instance": pod, "job": "models"}


def as_series(values: Values, pod: str, start: float) -> list[Series]:
    """Return the raw series of one pod."""
    return [
        Series(
            labels={**labels_of(text), **target(pod)},
            samples=tuple(
                (start + number * SCRAPE_SECONDS, value)
                for number, value in enumerate(samples)
                if value is not None
            ),
        )
        for text, samples in values.items()
    ]


def labels_of(text: str) -> dict[str, str]:
    """Return the labels of a series as it is written in an exposition."""
    selector = read_selector(text)
    return {"__name__": selector.name, **{m.label: m.wanted for m in selector.matchers}}


@cache
def shows(name: str) -> Shows:
    """Return what a server or a source shows."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text())
    return Shows.model_validate(content)


def names() -> Sequence[str]:
    """Return the servers and sources whose metrics are stated."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))
