"""Ratios of one run: between sizes, and between what waits and what it waits for.

Machines differ and are noisy; what one run says of itself can be compared with another run.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from benchmarks.scale.fleet import STEPS
from benchmarks.scale.objective import WINDOW_SECONDS

IDEAL_SECONDS = len(STEPS) * WINDOW_SECONDS
"""The shortest that a rollout can take."""

Figures = Mapping[str, float]


def ratios(found: Mapping[int, Figures]) -> Iterator[str]:
    """Return a line for each size and for each step from one size to the next."""
    for size, figures in found.items():
        for name, value in _within(figures):
            yield f"ratio {name}_{size} {value:.2f}"
    for (fewer, before), (more, after) in pairwise(sorted(found.items())):
        for name in before.keys() & after.keys():
            if before[name] > 0 and name in COMPARED:
                yield f"ratio {name}_{more}_to_{fewer} {after[name] / before[name]:.2f}"
        if {"rss_mib"} <= before.keys() & after.keys():
            kib = (after["rss_mib"] - before["rss_mib"]) * 1024 / (more - fewer)
            yield f"ratio rss_kib_per_model_{fewer}_to_{more} {kib:.0f}"


COMPARED = {"prom_queries_per_min", "requests_per_rollout", "promoted_p99_s", "restart_s"}


def _within(figures: Figures) -> Iterator[tuple[str, float]]:
    if "promoted_p50_s" in figures:
        yield "promoted_p50_to_ideal", figures["promoted_p50_s"] / IDEAL_SECONDS
        yield "promoted_p99_to_ideal", figures["promoted_p99_s"] / IDEAL_SECONDS
    some, every = (figures.get(f"{title}_to_stable_p99_s", 0.0) for title in ("some_bad", "bad"))
    if some > 0:
        yield "all_bad_to_some_bad_p99", every / some
    if figures.get("rss_mib"):
        yield "peak_to_rss", figures["peak_mib"] / figures["rss_mib"]
