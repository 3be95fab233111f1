"""What is wrong with something that people wrote, told by the path of the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from serinus.resource.quantities import expected_of


def without_nulls(value: Any) -> Any:
    """Leave out fields that are null, as the API server does; the template stays as written."""
    if isinstance(value, Mapping):
        return {
            key: field if key == "template" else without_nulls(field)
            for key, field in value.items()
            if field is not None
        }
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def told(fault: ErrorDetails) -> str:
    """Return a fault with its path, such as `.rollout.steps[1].weight: ...`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    words = expected_of(fault.get("ctx", {}).get("pattern", ""))
    said = f"{fault['input']!r} is not {words}" if words else fault["msg"]
    return f"{''.join(parts)}: {said.removeprefix('Value error, ')}"
