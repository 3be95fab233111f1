"""The rows that no model has seen: bodies ready to be sent, and the labels kept back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class Protocol(StrEnum):
    """How a model server wants to be asked."""

    FEATURES = "features"
    """The demo's own: an id, and the features by name."""
    V2 = "v2"
    """The open inference protocol: one tensor."""


@dataclass(frozen=True)
class Row:
    """One request, encoded once, since the same rows go round for minutes."""

    body: bytes
    label: int


def read_rows(path: Path, protocol: Protocol = Protocol.FEATURES) -> list[Row]:
    with path.open(encoding="utf-8") as file:
        rows = [_row(json.loads(line), protocol) for line in file if line.strip()]
    if not rows:
        raise ValueError(f"{path} holds no rows")
    return rows


def _row(written: Mapping[str, Any], protocol: Protocol) -> Row:
    asked = _tensor if protocol is Protocol.V2 else _features
    return Row(json.dumps(asked(written)).encode(), int(written["label"]))


def _features(written: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": written["id"], "features": written["features"]}


def _tensor(written: Mapping[str, Any]) -> dict[str, Any]:
    values = list(written["features"].values())
    tensor = {"name": "features", "shape": [1, len(values)], "datatype": "FP64", "data": values}
    return {"id": written["id"], "inputs": [tensor]}
