"""Distributions: values by bin, as the SDK counts them, and what the training data held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isfinite

from serinus.resource.objective import Objective
from serinus.signals.counts import Events, Heard, grown
from serinus.signals.series import Series
from serinus.signals.tally import Bins, Tally

FEATURE_VALUES = "model_feature_values_total"
PREDICTION_VALUES = "model_prediction_values_total"
TRAINED_FEATURES = "model_baseline_feature_values"
TRAINED_PREDICTIONS = "model_baseline_prediction_values"
"""Names of the SDK's metrics; docs/sdk.md has them all."""

PREDICTIONS = ""
"""What the predictions are called among the features."""
CATEGORY_MARK = "="
"""Begins the label of a category's bin, so that "3" is a number's edge and "=3" a category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionNames:
    """The series of an objective on drift."""

    seen: str
    trained: str
    feature: str | None

    @classmethod
    def of(cls, objective: Objective) -> DistributionNames:
        """Return what an objective is made of."""
        if objective.is_of_predictions:
            return cls(seen=PREDICTION_VALUES, trained=TRAINED_PREDICTIONS, feature=None)
        return cls(seen=FEATURE_VALUES, trained=TRAINED_FEATURES, feature=objective.feature)


@dataclass(frozen=True, slots=True, kw_only=True)
class BinnedEvents:
    """A track's values by feature and bin."""

    by_bin: Mapping[tuple[str, str], Events]
    trained: Bins

    def tally(self, since: float, until: float) -> Tally | None:
        """Return the values after one time and until another, None without any sample.

        The total is that of the feature with the most values: missing ones are in no bin.
        """
        bins: dict[str, dict[str, float]] = {}
        for (feature, label), events in self.by_bin.items():
            counts = [count for time, count in events if since < time <= until]
            if counts:
                bins.setdefault(feature, {})[label] = sum(counts)
        if not bins:
            return None
        total = max(sum(counts.values()) for counts in bins.values())
        return Tally(total=total, bins=bins, trained=self.trained)


def binned_events(
    seen: Iterable[Series], trained: Bins, heard: Mapping[tuple[str, ...], Heard]
) -> BinnedEvents:
    """Return the values by bin that one track's pods counted, beside those of a baseline."""
    by_bin: dict[tuple[str, str], list[Series]] = {}
    for one in seen:
        by_bin.setdefault(bin_of(one.labels), []).append(one)
    return BinnedEvents(
        by_bin={place: grown(series, heard) for place, series in by_bin.items()},
        trained=trained,
    )


def latest(series: Iterable[Series]) -> Bins:
    """Return a baseline that a track shows.

    All pods of a revision have the same baseline, so any of them may tell.
    """
    bins: dict[str, dict[str, float]] = {}
    for one in series:
        count = one.samples[-1][1] if one.samples else -1.0
        if isfinite(count) and count >= 0:
            feature, label = bin_of(one.labels)
            bins.setdefault(feature, {})[label] = count
    return bins


def bin_of(labels: Mapping[str, str]) -> tuple[str, str]:
    """Return a series' feature and the label of its bin."""
    return labels.get("feature", PREDICTIONS), label_of(labels)


def label_of(labels: Mapping[str, str]) -> str:
    """Return what a series' bin is called: its upper edge, or its category."""
    return labels.get("upto", "") or CATEGORY_MARK + labels.get("category", "")


def by_label(series: Iterable[Series]) -> dict[str, list[Series]]:
    """Return the series of a distribution by the label of their bin."""
    found: dict[str, list[Series]] = {}
    for one in series:
        found.setdefault(label_of(one.labels), []).append(one)
    return found
