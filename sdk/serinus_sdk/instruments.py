"""The metrics, named as serinus' preset `standard` has it; no label grows without bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from prometheus_client import Counter, Gauge
from prometheus_client.metrics import MetricWrapperBase

from serinus_sdk.baseline import Baseline
from serinus_sdk.distribution import Distribution
from serinus_sdk.durations import Durations
from serinus_sdk.places import INVALID, MISSING, OUT_OF_RANGE, UNSEEN, Column

BIN = ("upto", "category")
"""The labels of a bin: the upper edge of numbers or a category; the other one is empty."""


class Instruments:
    """All metrics of one model in one process; each has the label `model` where it has a name."""

    def __init__(
        self, model: str, segments: Sequence[str], edges_seconds: Sequence[float]
    ) -> None:
        self._model = {"model": model} if model else {}
        self.metrics: list[MetricWrapperBase] = []
        """What is shown."""
        self._by_status = self._counter("model_requests", "Prediction requests by status.", "code")
        self.durations = Durations(edges_seconds, self._model)
        self.metrics.append(self.durations.metric)
        self.predictions = self._counter("model_predictions", "Outputs of the model, nulls too.")
        self.null_outputs = self._counter("model_null_outputs", "Outputs without a value.")
        self.inputs = self._counter("model_inputs", "Feature values asked for.")
        self._by_fault = {
            MISSING: self._counter("model_missing_inputs", "Feature values not there."),
            INVALID: self._counter("model_invalid_inputs", "Feature values of a wrong type."),
            OUT_OF_RANGE: self._counter("model_out_of_range_inputs", "Beyond those of training."),
            UNSEEN: self._counter("model_unseen_categories", "Categories not seen in training."),
        }
        self._faults = self._counter(
            "model_feature_faults", "Faulty values by feature.", "feature", "fault"
        )
        self._features = self._counter(
            "model_feature_values", "Values by feature and bin of the baseline.", "feature", *BIN
        )
        self._said = self._counter("model_prediction_values", "Predictions by bin.", *BIN)
        self._outcomes = self._counter(
            "model_outcomes",
            "Predictions whose truth is known, by the version that predicted.",
            "model_version", "correct", *segments,
        )  # fmt: skip
        self.unmatched = self._counter(
            "model_outcomes_unmatched", "Truths of no known prediction."
        )
        self._requests = {code: self._requests_of(code) for code in (200, 500)}
        """Those two from the start: a series born with its first error hides that error."""

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        counter = Counter(name, help_text, (*self._model, *labels), registry=None)
        self.metrics.append(counter)
        return counter if labels or not self._model else counter.labels(**self._model)

    def _requests_of(self, code: int) -> Counter:
        return self._by_status.labels(code=code, **self._model)

    def count_request(self, code: int, seconds: float) -> None:
        """Count a request by its status and the time it took; looking a child up takes longer."""
        requests = self._requests.get(code)
        if requests is None:
            requests = self._requests[code] = self._requests_of(code)
        requests.inc()
        self.durations.count(seconds)

    def outcomes(self, version: str, correct: str, segments: Sequence[str]) -> Counter:
        """Return the counter of one version's outcomes; it is shown from now on."""
        return self._outcomes.labels(*self._model.values(), version, correct, *segments)

    def show_baseline(self, baseline: Baseline) -> None:
        """Show what the canary's own training data held, so that drift needs no other source."""
        about = self._gauge("model_baseline_info", "Always 1.", "digest", "model_version")
        about.labels(*self._model.values(), baseline.digest, baseline.version).set(1)
        features = self._gauge("model_baseline_feature_values", "In training.", "feature", *BIN)
        for name, distribution in baseline.features.items():
            for labels, count in _bins(distribution):
                features.labels(feature=name, **labels, **self._model).set(count)
        said = self._gauge("model_baseline_prediction_values", "In training.", *BIN)
        for labels, count in _bins(baseline.prediction):
            said.labels(**labels, **self._model).set(count)

    def _gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        # Every worker process shows the same; together they show it once.
        names = (*self._model, *labels)
        gauge = Gauge(name, help_text, names, registry=None, multiprocess_mode="max")
        self.metrics.append(gauge)
        return gauge

    def show_inputs(self, values: int, missing: int) -> None:
        """Add values of features of which nothing else is known."""
        self.inputs.inc(values)
        self._by_fault[MISSING].inc(missing)

    def show_features(self, columns: Iterable[Column], counts: Sequence[int]) -> None:
        """Add what was counted of features; every series is there from the first time on."""
        for column in columns:
            self.inputs.inc(sum(counts[column.first : column.end]))
            for fault, number in column.faults(counts).items():
                self._faults.labels(*self._model.values(), column.name, fault).inc(number)
                self._by_fault[fault].inc(number)
            self._show(self._features, column, counts, feature=column.name)

    def show_outputs(self, predictions: int, nulls: int) -> None:
        """Add predictions, null ones among them."""
        self.predictions.inc(predictions)
        self.null_outputs.inc(nulls)

    def show_predictions(self, columns: Iterable[Column], counts: Sequence[int]) -> None:
        """Add what was counted of predictions, by bin, too."""
        for column in columns:
            self.show_outputs(sum(counts[column.first : column.end]), counts[column.missing])
            self._show(self._said, column, counts)

    def _show(self, counter: Counter, column: Column, counts: Sequence[int], **more: str) -> None:
        labels_of_bins = column.distribution.labels
        for place, labels in zip(column.bins, labels_of_bins, strict=True):
            counter.labels(**more, **labels, **self._model).inc(counts[place])


def _bins(distribution: Distribution | None) -> Iterable[tuple[Mapping[str, str], int]]:
    if distribution is None:
        return ()
    return zip(distribution.labels, distribution.counts, strict=True)
