"""Specs to start from: the smallest there is, and what a test changes in it."""

from __future__ import annotations

from typing import Any


def spec(**changes: Any) -> dict[str, Any]:
    """Return the smallest spec there is, with fields replaced or added."""
    smallest: dict[str, Any] = {
        "model": {"version": "7"},
        "template": {"spec": {"containers": [{"name": "model", "image": "example.com/fraud:7"}]}},
        "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
    }
    return smallest | changes
