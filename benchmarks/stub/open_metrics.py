"""A trace as text that promtool makes blocks of: a real Prometheus evaluates any query on it."""

from __future__ import annotations

from collections.abc import Iterable

from serinus.signals.series import Series


def open_metrics(series: Iterable[Series]) -> str:
    """Return samples as `promtool tsdb create-blocks-from openmetrics` reads them."""
    families: dict[str, list[str]] = {}
    for one in series:
        name = one.labels["__name__"]
        labels = ",".join(f'{k}="{v}"' for k, v in one.labels.items() if k != "__name__")
        lines = families.setdefault(name, [])
        lines += [f"{name}{{{labels}}} {value} {at}" for at, value in one.samples]
    text = []
    for name, lines in families.items():
        kind = "counter" if name.endswith("_total") else "gauge"
        text += [f"# TYPE {name.removesuffix('_total')} {kind}", *lines]
    return "\n".join([*text, "# EOF", ""])
