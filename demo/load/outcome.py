"""What became of one request, and whose fault it was: the model's or the way's to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Told apart by the version header: only a model server sets it, no proxy does."""

    ANSWERED = "answered"
    MODEL_ERROR = "model_error"
    TRAFFIC_FAILURE = "traffic_failure"


@dataclass(frozen=True)
class Outcome:
    """One request: when it was sent, who answered, what, and after how long."""

    at: float
    latency_seconds: float
    kind: Kind
    status: int | None = None
    version: str | None = None
    prediction: float | None = None
    label: int = 0
    cause: str = ""

    @property
    def null(self) -> bool:
        return self.kind is Kind.ANSWERED and self.prediction is None

    @property
    def correct(self) -> bool:
        """A null is never right, just as for who waits for the answer."""
        return self.prediction is not None and (self.prediction >= 0.5) == (self.label == 1)

    def as_json(self, sequence: int) -> dict[str, object]:
        return {
            "sequence": sequence,
            "at": round(self.at, 3),
            "kind": self.kind.value,
            "status": self.status,
            "version": self.version,
            "null": self.null,
            "correct": self.correct,
            "latency_seconds": round(self.latency_seconds, 4),
            "cause": self.cause,
        }
