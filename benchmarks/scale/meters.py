"""What processes used, and what the operator says of itself."""

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
LEFT_OUT = ("watch ", "list ")
"""Streams, and what opens them."""


def cpu_seconds(process_id: int) -> float:
    """Return the CPU time that a process has used."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def memory_mib(process_id: int) -> dict[str, float]:
    """Return the memory that a process holds now (VmRSS), and held at most (VmHWM)."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    fields = (line.split() for line in lines if line.startswith(("VmRSS", "VmHWM")))
    return {name.removesuffix(":"): int(kib) / 1024 for name, kib, _ in fields}


@dataclass(frozen=True)
class Lag:
    """How late looks began."""

    buckets: Mapping[float, float] = field(default_factory=dict)
    """Looks that began at most so many seconds late."""

    def since(self, before: Self) -> Self:
        """Return what came to it since an earlier reading."""
        return type(self)(
            {edge: count - before.buckets.get(edge, 0.0) for edge, count in self.buckets.items()}
        )

    def seconds(self, share: float) -> float:
        """Return a quantile of it, interpolated within its bucket as PromQL does."""
        below, edge_below = 0.0, 0.0
        total = max(self.buckets.values(), default=0.0)
        for edge, count in sorted(self.buckets.items()):
            if total and count >= share * total:
                if edge == float("inf"):
                    return edge_below
                inside = count - below
                return edge_below + (edge - edge_below) * (
                    (share * total - below) / inside if inside else 0.0
                )
            below, edge_below = count, edge
        return 0.0


@dataclass(frozen=True)
class Reading:
    """The operator's own metrics at one moment."""

    requests: Counter[str] = field(default_factory=Counter)
    """Requests to the API server by verb and resource, watches left out."""
    looks: float = 0.0
    lag: Lag = field(default_factory=Lag)
    """Of looks at canaries with traffic."""
    lag_of_all: Lag = field(default_factory=Lag)
    """Of looks at models without one, too."""

    @classmethod
    async def of(cls, port: int) -> Self:
        """Ask the operator."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/metrics") as answer,
        ):
            text = await answer.text()
        requests: Counter[str] = Counter()
        looks, serving, every = 0.0, Counter[float](), Counter[float]()
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "serinus_kubernetes_requests_total":
                    name = f"{sample.labels['verb']} {sample.labels['resource']}"
                    requests[name] += int(sample.value)
                elif sample.name == "serinus_ticks_total":
                    looks += sample.value
                elif sample.name == "serinus_tick_lag_seconds_bucket":
                    edge = float(sample.labels["le"])
                    every[edge] += int(sample.value)
                    if sample.labels["canary"] == "serving":
                        serving[edge] += int(sample.value)
        counted = {name: n for name, n in requests.items() if not name.startswith(LEFT_OUT)}
        return cls(Counter(counted), looks, Lag(serving), Lag(every))

    def since(self, before: Self) -> Self:
        """Return what came to it since an earlier reading."""
        return type(self)(
            self.requests - before.requests,
            self.looks - before.looks,
            self.lag.since(before.lag),
            self.lag_of_all.since(before.lag_of_all),
        )


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that is not exceeded by a share of them; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
