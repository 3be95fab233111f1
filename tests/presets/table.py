"""The table "server x signal" of docs/presets.md, made of the presets' own test results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from serinus.servers.preset import (
    STANDARD,
    Preset,
    ingredients_of,
    preset_of,
    server_names,
    source_names,
    source_of,
)
from tests.presets.counted import CANARY
from tests.presets.rules import SAID_BY_MODELS, expected, queries, rule_test
from tests.presets.shows import names
from tests.presets.stories import STORIES
from tests.servers.examples import RESULTS as EXAMPLES
from tests.servers.examples import digest as example_digest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "presets.md"
RESULTS = Path(__file__).parent / "results.json"
LIVE = Path(__file__).parent / "live.json"
BEGIN, END = "<!-- made by `make presets` -->\n", "<!-- end -->\n"

COLUMNS = {
    "error-rate": "errors",
    "latency": "latency",
    "time-to-first-token": "first token",
    "time-per-token": "per token",
    "queue-time": "queue",
    "mean-latency": "mean latency",
    "mean-queue-time": "mean queue",
    "batch-size": "batch",
    "tokens": "tokens",
    "kv-cache": "KV cache",
    "pending": "pending",
}

OWN_WORDS = "inputs, outputs, drift"
"""What a model says of itself, by the SDK."""
EXAMPLE_OF = {
    "bentoml": "bentoml_service",
    "fastapi": "fastapi_sklearn",
    "litserve": "litserve_server",
    "standard": "v2_server",
    "triton": "triton_model",
}
"""Which of the SDK's examples runs on a server."""


def digest(name: str) -> str:
    """Return what changes with a preset's test: its queries, and what its server shows."""
    return sha256(json.dumps(rule_test(name), sort_keys=True).encode()).hexdigest()[:12]


def live_digest(name: str, source: str | None) -> str:
    """Return what changes with the meaning of what was asked of a running server."""
    found = ingredients_of(name, source)
    asked = [each.model_dump_json() for each in (found.errors, found.latency) if each is not None]
    return sha256("\n".join(asked).encode()).hexdigest()[:12]


def read(path: Path) -> Mapping[str, Any]:
    """Return results that are kept, none where there are none."""
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def page(text: str) -> str:
    """Return the page with its table as the results want it."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + table() + END + rest.split(END)[1]


def table() -> str:
    """Return the table, servers first."""
    head = ["", "looked at", *COLUMNS.values(), OWN_WORDS]
    lines = [_row(head), _row(["---"] * len(head))]
    lines += [_row(list(_cells(name, preset_of(name)))) for name in server_names()]
    others = [name for name in source_names() if name != STANDARD]
    lines += [_row(list(_cells(name, source_of(name)))) for name in others]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(name: str, preset: Preset) -> Iterator[str]:
    yield f"`{name}`"
    yield f"{preset.version}, {preset.basis}"
    shown = queries(name, CANARY) if name in names() else {}
    run = _run(name).get("signals", ())
    for signal in COLUMNS:
        yield _standing(name, signal) if signal in shown or signal in run else ""
    yield _own_words(name, preset)


def _own_words(name: str, preset: Preset) -> str:
    """A source sees requests and not what is in them."""
    if name not in server_names() or not preset.runs_your_code:
        return ""
    example = EXAMPLE_OF.get(name, "")
    if example and read(EXAMPLES).get(example, {}).get("of") == example_digest(example):
        return "**run** by SDK"
    # The names are the same on every server, so what was tested of one holds for all.
    is_tested = _has_passed(STANDARD) and said(name) == said(STANDARD)
    return "tested by SDK" if is_tested else "by SDK"


def said(name: str) -> Mapping[str, str]:
    """Return the queries about what a model says of itself."""
    return {
        query: text for query, text in queries(name, CANARY).items() if query in SAID_BY_MODELS
    }


def _run(name: str) -> Mapping[str, Any]:
    """What was seen of a running server, if the preset still means the same."""
    found: Mapping[str, Any] = read(LIVE).get(name, {})
    is_current = found and found["of"] == live_digest(name, found["source"])
    return found if is_current else {}


def _standing(name: str, signal: str) -> str:
    """How sure it is that a signal means what the preset says."""
    live = _run(name)
    if signal in live.get("signals", ()):
        return f"**run** by {live['source']}" if live["source"] else "**run**"
    says = (expected(name, signal, story) for pair in STORIES.values() for story in pair)
    is_tested = _has_passed(name) and any(value is not None for value in says)
    return "tested" if is_tested else "read"


def _has_passed(name: str) -> bool:
    return bool(read(RESULTS).get(name) == {"passed": True, "of": digest(name)})
