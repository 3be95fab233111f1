"""The metrics by which a canary is judged, under the names of serinus' `standard` preset."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

DURATION_BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)

disable_created_metrics()  # type: ignore[no-untyped-call]  # no one asks for them; half the series


class Instruments:
    """The metrics of one server; only predictions count, never probes."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "model_requests", "Prediction requests by status.", ["code"], registry=self.registry
        )
        self.duration_seconds = Histogram(
            "model_request_duration_seconds",
            "Time from a prediction request to its answer.",
            buckets=DURATION_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self.predictions = self._counter("model_predictions", "Outputs of the model, nulls too.")
        self.null_outputs = self._counter("model_null_outputs", "Outputs without a value.")
        self.inputs = self._counter("model_inputs", "Feature values asked for.")
        self.missing_inputs = self._counter("model_missing_inputs", "Feature values not there.")
        for code in ("200", "500"):  # a series born with its first error hides that error
            self.requests.labels(code=code)

    def _counter(self, name: str, help_text: str) -> Counter:
        return Counter(name, help_text, registry=self.registry)

    def record_request(self, status: int, duration_seconds: float) -> None:
        self.requests.labels(code=str(status)).inc()
        self.duration_seconds.observe(duration_seconds)

    def record_inputs(self, values: int, missing: int) -> None:
        self.inputs.inc(values)
        self.missing_inputs.inc(missing)

    def record_output(self, prediction: float | None) -> None:
        self.predictions.inc()
        if prediction is None:
            self.null_outputs.inc()
