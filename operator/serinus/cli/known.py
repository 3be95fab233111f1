"""What is known of model servers, for people: a list, and each with its traps and queries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from serinus.cli.exits import Ended, ExitCode
from serinus.servers.preset import (
    STANDARD,
    Preset,
    Probe,
    ingredients_of,
    preset_of,
    server_names,
    source_names,
    source_of,
)
from serinus.servers.promql import Shown, Whose

WORKLOAD = Whose(namespace="$namespace", workload="$workload")
"""Variables, as Grafana has them."""


def listed() -> str:
    """Return all presets, a line each."""
    servers = [
        _row(name, preset_of(name), ingredients_of(name).presets) for name in server_names()
    ]
    others = {name: source_of(name) for name in source_names() if name != STANDARD}
    sources = [_row(name, each, each.metrics.presets) for name, each in others.items()]
    head = ("NAME", "WHAT", "LOOKED AT", "OBJECTIVES")
    return "\n".join(
        (
            "Model servers, for spec.model.server:",
            "",
            *_columns([head, *servers]),
            "",
            "Who sees the requests of any server, for spec.metrics.source:",
            "",
            *_columns([head, *sources]),
        )
    )


def described(name: str) -> str:
    """Return all that is known of one.

    Raises:
        Ended: there is none of that name.
    """
    if name in server_names():
        preset, found = preset_of(name), ingredients_of(name)
    elif name in source_names():
        preset = source_of(name)
        found = ingredients_of(STANDARD, name)
    else:
        known = ", ".join(dict.fromkeys((*server_names(), *source_names())))
        raise Ended(ExitCode.USAGE, f"there is no preset {name!r}; there are {known}")
    lines = [f"{name}: {preset.title}, {preset.version} ({preset.basis})", *_facts(preset)]
    lines += _section("Traps", [*preset.traps])
    queries = Shown(whose=WORKLOAD).queries(found)
    lines += _section("To show", [f"{what}: {query}" for what, query in queries.items()])
    lines += _section("Read in", [*preset.sources])
    return "\n".join(lines)


def _row(name: str, preset: Preset, presets: Iterable[str]) -> tuple[str, ...]:
    can = f"none: {preset.instead}" if preset.instead else ", ".join(sorted(presets))
    return name, preset.title, f"{preset.version} ({preset.basis})", can


def _facts(preset: Preset) -> Iterator[str]:
    pod = preset.pod
    if pod.ports:
        yield "  ports: " + ", ".join(f"{port.name} {port.port}" for port in pod.ports)
        place = pod.metrics
        yield f"  metrics: port {place.port or pod.ports[0].port}, path {place.path}"
    for what, probe in (("ready", pod.ready), ("alive", pod.live)):
        if probe is not None:
            yield f"  {what}: {_probe(probe)}"
    for what, text in (("needs", preset.needs), ("instead", preset.instead)):
        if text:
            yield f"  {what}: {text}"


def _probe(probe: Probe) -> str:
    path = f"GET {probe.path}" if probe.path else "the port is open"
    if probe.model_path:
        path += f"; with spec.model.name GET {probe.model_path.replace('$(model)', '<name>')}"
    return path


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {line}" for line in lines)] if lines else []


def _columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(w) for text, w in zip(row, widths, strict=True)).rstrip()


def field_text(value: Any) -> str:
    """Return a field of a container in a few words."""
    if isinstance(value, list):
        return ", ".join(field_text(each) for each in value)
    if not isinstance(value, Mapping):
        return str(value)
    if "containerPort" in value:
        return f"{value.get('name', '')} {value['containerPort']}".strip()
    if "value" in value:
        return f"{value['name']}={value['value']}"
    get, port = value.get("httpGet"), value.get("tcpSocket", {}).get("port")
    check = f"GET {get['path']} on port {get['port']}" if get else f"port {port} is open"
    return f"{check}, every {value['periodSeconds']} s"
