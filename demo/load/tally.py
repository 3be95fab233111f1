"""Counts of everything sent so far, by version; what has no version is kept with its time."""

from __future__ import annotations

import math
from collections import Counter, deque
from dataclasses import dataclass, field

from demo.load.outcome import Kind, Outcome

FAILURES_KEPT = 500
RECENT_KEPT = 20_000
RECENT_AT_ONCE = 5_000

Json = dict[str, object]


@dataclass
class Latencies:
    """Quantiles to within 5 %, in a few hundred numbers however long the run."""

    GROWTH = 1.05

    counts: Counter[int] = field(default_factory=Counter)
    longest_seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[math.ceil(math.log(max(seconds, 1e-6), self.GROWTH))] += 1
        self.longest_seconds = max(self.longest_seconds, seconds)

    def quantile(self, share: float) -> float:
        wanted = share * self.counts.total()
        passed = 0
        for bucket in sorted(self.counts):
            passed += self.counts[bucket]
            if passed >= wanted:
                return min(self.GROWTH**bucket, self.longest_seconds)
        return 0.0

    def as_json(self) -> Json:
        quantiles = {f"p{share * 100:g}": self.quantile(share) for share in (0.5, 0.9, 0.99)}
        return {
            name: round(seconds, 4)
            for name, seconds in {**quantiles, "max": self.longest_seconds}.items()
        }


@dataclass
class VersionTally:
    """What one version answered."""

    first_seen: float
    last_seen: float
    statuses: Counter[str] = field(default_factory=Counter)
    model_errors: int = 0
    null_outputs: int = 0
    correct: int = 0
    latencies: Latencies = field(default_factory=Latencies)

    def add(self, outcome: Outcome) -> None:
        self.first_seen = min(self.first_seen, outcome.at)
        self.last_seen = max(self.last_seen, outcome.at)
        self.statuses[str(outcome.status)] += 1
        self.model_errors += outcome.kind is Kind.MODEL_ERROR
        self.null_outputs += outcome.null
        self.correct += outcome.correct
        self.latencies.add(outcome.latency_seconds)

    def counts(self) -> Json:
        return {
            "requests": self.statuses.total(),
            "model_errors": self.model_errors,
            "null_outputs": self.null_outputs,
            "correct": self.correct,
        }

    def as_json(self) -> Json:
        return {
            **self.counts(),
            "statuses": dict(self.statuses),
            "first_seen": round(self.first_seen, 3),
            "last_seen": round(self.last_seen, 3),
            "latency_seconds": self.latencies.as_json(),
        }


class Tally:
    """All outcomes, counted; the latest of them, kept."""

    def __init__(self) -> None:
        self.sent = 0
        self.skipped = 0
        self.outcomes = 0
        self.versions: dict[str, VersionTally] = {}
        self.failures: Counter[str] = Counter()
        self.recent_failures: deque[Outcome] = deque(maxlen=FAILURES_KEPT)
        self.recent: deque[Outcome] = deque(maxlen=RECENT_KEPT)

    def add(self, outcome: Outcome) -> None:
        self.outcomes += 1
        self.recent.append(outcome)
        if outcome.version is None:
            self.failures[outcome.cause] += 1
            self.recent_failures.append(outcome)
            return
        start = VersionTally(outcome.at, outcome.at)
        self.versions.setdefault(outcome.version, start).add(outcome)

    def line(self) -> Json:
        """The cumulative counts of one second's line on stdout."""
        versions = {name: tally.counts() for name, tally in sorted(self.versions.items())}
        return {
            **self._counts(),
            "versions": versions,
            "traffic_failures": self.failures.total(),
        }

    def summary(self) -> Json:
        versions = {name: tally.as_json() for name, tally in sorted(self.versions.items())}
        return {
            **self._counts(),
            "versions": versions,
            "traffic_failures": {
                "total": self.failures.total(),
                "by_cause": dict(self.failures),
                "latest": [
                    {"at": round(failure.at, 3), "cause": failure.cause, "status": failure.status}
                    for failure in self.recent_failures
                ],
            },
        }

    def since(self, sequence: int) -> Json:
        """The outcomes after that many; `next` is what to ask with, `missed` what is gone."""
        oldest = self.outcomes - len(self.recent)
        start = max(sequence, oldest)
        end = min(self.outcomes, start + RECENT_AT_ONCE)
        kept = list(self.recent)[start - oldest : end - oldest]
        records = [each.as_json(start + offset) for offset, each in enumerate(kept)]
        missed = max(0, oldest - sequence)
        return {"records": records, "next": max(start, end), "missed": missed}

    def _counts(self) -> Json:
        in_flight = self.sent - self.outcomes
        return {"sent": self.sent, "in_flight": in_flight, "skipped": self.skipped}
