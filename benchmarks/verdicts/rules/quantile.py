"""A quantile as Prometheus' histogram_quantile() reads it off buckets: by a straight line."""

from __future__ import annotations

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.durations import EDGES


def histogram_quantile(share: float, buckets: Floats) -> Floats:
    """Return seconds for each row of cumulative counts, NaN for a row without any."""
    total = buckets[:, -1]
    rank = share * total
    bucket = np.argmax(buckets >= rank[:, None], axis=1)
    rows = np.arange(len(buckets))
    edges = np.array([0.0, *EDGES[:-1], EDGES[-2]])
    counts = np.concatenate([np.zeros((len(buckets), 1)), buckets], axis=1)
    low, high = edges[bucket], edges[bucket + 1]
    before, inside = counts[rows, bucket], counts[rows, bucket + 1] - counts[rows, bucket]
    part = (rank - before) / np.maximum(1.0, inside)
    seconds: Floats = np.where(total > 0, low + (high - low) * part, np.nan)
    return seconds
