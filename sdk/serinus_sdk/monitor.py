"""The monitor of one model: what a server calls with each row, each prediction and each truth."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable, Hashable, Mapping, Sequence
from errno import EADDRINUSE
from threading import Lock, Thread
from time import sleep
from typing import Any, TypeVar

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server

from serinus_sdk.baseline import Baseline
from serinus_sdk.exposition import exposition, is_multiprocess, scraped_registry
from serinus_sdk.instruments import Instruments
from serinus_sdk.models import Models
from serinus_sdk.outcomes import Correct, Said, Segments, as_text, is_same, plain, remembering
from serinus_sdk.rows import pairs_of
from serinus_sdk.tally import PlainTally, Tally
from serinus_sdk.watching import Reading, watching

Function = TypeVar("Function", bound=Callable[..., Any])

FLUSH_SECONDS = 1.0
"""Under several worker processes: how long what was counted may wait for the file they share."""


class Monitor:
    """One model's monitor in one process.

    Args:
        baseline: of the model's training data; without one only counts are told.
        model: its name, where a server has several: the label `model` of all its metrics.
        version: of the model; by default the environment's MODEL_VERSION, else the baseline's.
        segments: labels that outcomes are told apart by, each with the values it may have.
        is_correct: whether a prediction was right, given it and the truth.
        duration_edges_seconds: of the histogram of durations; let each limit be one of them.
        remembered: how many predictions wait for their truth, those of all workers together.
        registry: where the metrics are shown.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        baseline: Baseline | None = None,
        *,
        model: str = "",
        version: str = "",
        segments: Mapping[str, Sequence[Any]] | None = None,
        is_correct: Correct = is_same,
        duration_edges_seconds: Sequence[float] = (),
        remembered: int = 10_000,
        registry: CollectorRegistry = REGISTRY,
    ) -> None:
        """Set up the metrics, each of which is shown from now on.

        Raises:
            ValueError: the process has another monitor, and one of both has no name, or both the
                same; or a segment is called `model`, too.
        """
        known = baseline or Baseline()
        said = {} if known.prediction is None else {"prediction": known.prediction}
        self.version = version or os.environ.get("MODEL_VERSION", "") or known.version
        self._registry, self._is_correct = registry, is_correct
        self._segments = Segments(segments or {}, model)
        self._remembered = remembering(remembered, model, self._segments.names)
        self._inputs = Tally(known.features) if known.features else PlainTally()
        self._outputs = Tally(said) if said else PlainTally()
        self._instruments = Instruments(model, self._segments.names, duration_edges_seconds)
        self.metrics = self._instruments.metrics
        self._show_from_the_start(known)
        self._flushing, self._is_shared = Lock(), is_multiprocess()
        self._flusher: Thread | None = None
        self.flush()
        self._models = Models.joined(registry, model, self)
        self._expect_workers()

    def record(
        self,
        row: Any,
        prediction: Any,
        *,
        id: Hashable = None,  # noqa: A002 - what everybody calls it
        segments: Mapping[str, Any] | None = None,
    ) -> None:
        """Count one row and its prediction; None and NaN are null outputs.

        Args:
            row: feature values by name, or in the baseline's order, in any form `row_of` knows.
            prediction: what the model says of it.
            id: by which its truth will be told, as `str` writes it; not remembered without one.
            segments: what to tell its outcome apart by.
        """
        self._inputs.count(row)
        self._outputs.count_value(prediction)
        if id is not None:
            values = self._segments.values_of(segments)
            said = Said(plain(prediction), self.version, values)
            self._remembered.add(as_text(id), said)
        if self._is_shared and self._flusher is None:
            self._flush_from_now_on()

    def record_many(self, rows: Any, predictions: Any) -> None:
        """Count a batch in any form that `pairs_of` knows, or nothing of it.

        Raises:
            ValueError: there are more or fewer predictions than rows.
        """
        for row, prediction in pairs_of(rows, predictions):
            self.record(row, prediction)

    def record_request(self, code: int, seconds: float) -> None:
        """Count a request by its status and the time it took; middleware and `watch` do."""
        self._instruments.count_request(code, seconds)
        if self._is_shared and self._flusher is None:
            self._flush_from_now_on()

    def record_outcome(
        self,
        id: Hashable,  # noqa: A002 - what everybody calls it
        truth: Any,
    ) -> bool:
        """Count whether a prediction was right, for the version that predicted.

        Returns whether the id was known: this process made the prediction, or another worker that
        shares PROMETHEUS_MULTIPROC_DIR, and not too many others since. Where truths arrive
        elsewhere, tell them with `record_outcome_of`.
        """
        said = self._remembered.pop(as_text(id))
        if said is None:
            self._instruments.unmatched.inc()
            return False
        self._count_outcome(said, truth)
        return True

    def record_outcome_of(
        self,
        prediction: Any,
        truth: Any,
        *,
        version: str,
        segments: Mapping[str, Any] | None = None,
    ) -> None:
        """Count whether a prediction that the caller knows was right, as a job with labels does.

        Args:
            prediction: what was said.
            truth: what turned out to be true.
            version: of the model that said it.
            segments: what to tell the outcome apart by.
        """
        values = self._segments.values_of(segments)
        self._count_outcome(Said(plain(prediction), version, values), truth)

    def watch(
        self,
        *,
        rows: Callable[..., Any] | None = None,
        prediction: Callable[[Any], Any] | None = None,
        batch: bool = False,
    ) -> Callable[[Function], Function]:
        """Decorate what predicts: its rows, predictions, errors and time are counted.

        Args:
            rows: from the function's arguments to the row (the last positional one by default).
            prediction: from what it returns to the prediction.
            batch: whether a call has many rows.

        Raises:
            TypeError: it yields, so that its end and its errors would not be seen.
        """
        tell = self.record_many if batch else self.record
        reading = Reading(rows=rows, prediction=prediction)

        def decorate(function: Function) -> Function:
            return watching(function, tell, self.record_request, reading)

        return decorate

    def exposition(self) -> bytes:
        """Return the metrics in Prometheus' text format, those of other workers included."""
        self._models.flush()
        return exposition(self._registry)

    def serve(self, port: int) -> bool:
        """Serve the metrics on a port of their own, for servers that have no HTTP of their own.

        Returns False where another worker of the same server does already.

        Raises:
            OSError: the port can't be had for another reason, such as a right that is missing.
        """
        try:
            start_http_server(port, registry=scraped_registry(self._registry))
        except OSError as fault:
            if fault.errno != EADDRINUSE:
                raise
            return False
        return True

    def flush(self) -> None:
        """Add what was counted to the metrics; a scrape does so by itself."""
        with self._flushing:
            self._instruments.durations.show()
            if isinstance(self._inputs, Tally):
                self._instruments.show_features(self._inputs.columns, self._inputs.taken())
            else:
                self._instruments.show_inputs(*self._inputs.taken())
            if isinstance(self._outputs, Tally):
                self._instruments.show_predictions(self._outputs.columns, self._outputs.taken())
            else:
                self._instruments.show_outputs(*self._outputs.taken())

    def _show_from_the_start(self, known: Baseline) -> None:
        self._instruments.show_baseline(known)
        for segment in self._segments.combinations:
            for correct in ("true", "false"):
                self._instruments.outcomes(self.version, correct, segment)

    def _expect_workers(self) -> None:
        if hasattr(os, "register_at_fork"):  # Windows never forks
            os.register_at_fork(after_in_child=self._forget)
        if self._is_shared:
            atexit.register(self.flush)

    def _count_outcome(self, said: Said, truth: Any) -> None:
        correct = "true" if self._is_correct(said.prediction, truth) else "false"
        self._instruments.outcomes(said.version, correct, said.segments).inc()

    def _flush_from_now_on(self) -> None:
        """No scrape reaches this process, so it writes by itself what the others are to see."""
        with self._flushing:
            if self._flusher is None:
                self._flusher = Thread(target=self._keep_flushing, daemon=True)
                self._flusher.start()

    def _keep_flushing(self) -> None:
        while True:
            sleep(FLUSH_SECONDS)
            self.flush()

    def _forget(self) -> None:
        """In a forked child: its parent tells of what was counted before, and keeps the thread."""
        self._flushing, self._flusher = Lock(), None
        tallies = (self._inputs, self._outputs, self._instruments.durations)
        for counted in (*tallies, self._remembered):
            counted.forget()
