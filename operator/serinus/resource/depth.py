"""How deeply what people write may be nested: whatever copies or writes it recurses."""

from __future__ import annotations

from typing import Any

DEEPEST_SPEC = 100
"""Levels of objects and lists in a spec; pod templates have fifteen, pydantic reads 200."""


_NESTING = frozenset({dict, list})


def is_deeper(value: Any, levels: int) -> bool:
    """Return whether JSON has more levels of objects and lists than that, without recursion."""
    layer = [value] if type(value) in _NESTING else []
    for _ in range(levels):
        if not layer:
            return False
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in _NESTING
        ]
    return bool(layer)
