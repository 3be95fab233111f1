"""PromQL to show what a preset means: rates and quantiles, of the ingredients of the counts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from serinus.servers.ingredients import (
    INGREDIENT_OF,
    Ingredients,
    Latency,
    Mean,
    Share,
    Signal,
)
from serinus.servers.selectors import Selector, read_selector

DEFAULT_WINDOW = "5m"
DEFAULT_QUANTILE = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose series are asked for: one workload's, so one revision's."""

    namespace: str
    workload: str
    namespace_label: str = "namespace"
    pod_label: str = "pod"
    served_name: str | None = None
    """The model's name inside its server, where only its own requests are to be shown."""

    def matchers(self, signal: Signal | None = None) -> str:
        """Return the label matchers of the workload's series."""
        by = signal.workload if signal else None
        if by is None:
            pods = _pattern(f"{self.workload}-")
            whose = f'{self.namespace_label}="{self.namespace}",{self.pod_label}=~"{pods}"'
        else:
            whose = f'{by.label}=~"{_pattern(by.prefix(self.namespace, self.workload))}"'
            if by.namespace_label is not None:
                whose = f'{by.namespace_label}="{self.namespace}",{whose}'
        if signal is not None and signal.model_label and self.served_name:
            whose += f",{signal.model_label}=~{json.dumps(re.escape(self.served_name) + '|')}"
        return whose


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The queries of one workload."""

    whose: Whose
    window: str = DEFAULT_WINDOW
    quantile: float = DEFAULT_QUANTILE

    def queries(self, ingredients: Ingredients) -> dict[str, str]:
        """Return PromQL by what it tells: per second, shares of 1, seconds, and plain numbers."""
        return dict(self._queries(ingredients))

    def _queries(self, them: Ingredients) -> Iterator[tuple[str, str]]:
        if them.errors is not None:
            yield "request-rate", self._sum(them.errors.total, them.errors)
        for preset in INGREDIENT_OF:
            if preset in them.presets:
                found = them.of(preset)
                if isinstance(found, Share):
                    yield preset, self._share(found)
                else:
                    yield preset, self._quantile_of(found)
        means = {
            "mean-latency": them.mean_latency,
            "mean-queue-time": them.mean_queue_time,
            "batch-size": them.batch_size,
        }
        yield from ((name, self._mean(mean)) for name, mean in means.items() if mean is not None)
        if them.tokens is not None:
            yield "tokens", f"sum({self._rate(them.tokens)})"
        if them.kv_cache is not None:
            yield "kv-cache", f"max({self._series(them.kv_cache)})"
        if them.pending is not None:
            yield "pending", f"sum({self._series(them.pending)})"

    def _share(self, share: Share) -> str:
        marked, total = self._sum(share.marked, share), self._total(share)
        if share.good:
            return f"clamp_min({total} - {marked}, 0) / ({total} > 0)"
        return f"{marked} / ({total} > 0)"

    def _total(self, share: Share) -> str:
        if len(share.total) == 1:
            return f"sum({self._rate(share.total[0], share)})"
        return self._sum(share.total, share)

    def _sum(self, texts: Sequence[str], share: Share) -> str:
        """Counters that may not be there yet count for nothing."""
        parts = [f"(sum({self._rate(text, share)}) or vector(0))" for text in texts]
        return parts[0] if len(parts) == 1 else f"({' + '.join(parts)})"

    def _quantile_of(self, latency: Latency) -> str:
        found = [
            f"histogram_quantile({self.quantile:g}, sum by (le) ("
            f"{self._rate(text, latency, suffix='_bucket')}))"
            for text in (latency.histogram, *latency.formerly)
        ]
        return _in_seconds(" or ".join(found), latency.seconds_per_unit)

    def _mean(self, mean: Mean) -> str:
        ratio = f"sum({self._rate(mean.sum)}) / (sum({self._rate(mean.count)}) > 0)"
        return _in_seconds(ratio, mean.seconds_per_unit)

    def _rate(self, text: str, signal: Signal | None = None, suffix: str = "") -> str:
        return f"rate({self._series(text, signal, suffix)}[{self.window}])"

    def _series(self, text: str, signal: Signal | None = None, suffix: str = "") -> str:
        selector = read_selector(text)
        own = ",".join(_matchers(selector))
        whose = self.whose.matchers(signal)
        return f"{selector.name}{suffix}{{{f'{own},' if own else ''}{whose}}}"


def _matchers(selector: Selector) -> Iterator[str]:
    for each in selector.matchers:
        yield f"{each.label}{each.operator}{json.dumps(each.wanted)}"


def _pattern(start: str) -> str:
    # Dots are the only characters of a name that mean something in a pattern.
    return f"{start.replace('.', '[.]')}.*"


def _in_seconds(expression: str, seconds_per_unit: float) -> str:
    return expression if seconds_per_unit == 1 else f"({expression}) * {seconds_per_unit:.9g}"
