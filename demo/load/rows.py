"""The rows that no model has seen: bodies ready to be sent, and the labels kept back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One request, encoded once, since the same rows go round for minutes."""

    body: bytes
    label: int


def read_rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        rows = [_row(line) for line in file if line.strip()]
    if not rows:
        raise ValueError(f"{path} holds no rows")
    return rows


def _row(line: str) -> Row:
    written = json.loads(line)
    body = {"id": written["id"], "features": written["features"]}
    return Row(json.dumps(body).encode(), int(written["label"]))
