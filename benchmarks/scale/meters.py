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
class Reading:
    """The operator's own metrics at one moment."""

    requests: Counter[str] = field(default_factory=Counter)
    """Requests to the API server by verb and resource, watches left out."""
    looks: float = 0.0
    lag_buckets: Mapping[float, float] = field(default_factory=dict)
    """Looks that began at most so many seconds late."""

    @classmethod
    async def of(cls, port: int) -> Self:
        """Ask the operator."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/metrics") as answer,
        ):
            text = await answer.text()
        requests: Counter[str] = Counter()
        looks, buckets = 0.0, {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "serinus_kubernetes_requests_total":
                    name = f"{sample.labels['verb']} {sample.labels['resource']}"
                    requests[name] += int(sample.value)
                elif sample.name == "serinus_ticks_total":
                    looks += sample.value
                elif sample.name == "serinus_tick_lag_seconds_bucket":
                    buckets[float(sample.labels["le"])] = sample.value
        counted = {name: n for name, n in requests.items() if not name.startswith(LEFT_OUT)}
        return cls(Counter(counted), looks, buckets)

    def since(self, before: Self) -> Self:
        """Return what came to it since an earlier reading."""
        buckets = {
            edge: count - before.lag_buckets.get(edge, 0.0)
            for edge, count in self.lag_buckets.items()
        }
        return type(self)(self.requests - before.requests, self.looks - before.looks, buckets)

    def lag_seconds(self, share: float) -> float:
        """Return a quantile of the lag, interpolated within its bucket as PromQL does."""
        below, edge_below = 0.0, 0.0
        total = max(self.lag_buckets.values(), default=0.0)
        for edge, count in sorted(self.lag_buckets.items()):
            if total and count >= share * total:
                if edge == float("inf"):
                    return edge_below
                inside = count - below
                return edge_below + (edge - edge_below) * (
                    (share * total - below) / inside if inside else 0.0
                )
            below, edge_below = count, edge
        return 0.0


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that is not exceeded by a share of them; 0 without any."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0
