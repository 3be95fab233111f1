"""What is wrong with something that people wrote, told by the path of the field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
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


def told(invalid: ValidationError, root: str = "") -> tuple[str, ...]:
    """Return each fault with its path, such as `spec.rollout.steps[1].weight: ...`.

    Args:
        invalid: all that is wrong.
        root: what paths begin with.
    """
    faults = invalid.errors()
    # Of a list pydantic counts what can be read, so that one bad item of one is "at least 1", too.
    return tuple(
        root + _told(fault)
        for fault in faults
        if fault["type"] != "too_short" or not _is_around_another(fault, faults)
    )


def _is_around_another(fault: ErrorDetails, faults: Sequence[ErrorDetails]) -> bool:
    place = fault["loc"]
    return any(each["loc"] != place and each["loc"][: len(place)] == place for each in faults)


def _told(fault: ErrorDetails) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in fault["loc"])
    words = expected_of(fault.get("ctx", {}).get("pattern", ""))
    said = f"{fault['input']!r} is not {words}" if words else fault["msg"]
    return f"{''.join(parts)}: {said.removeprefix('Value error, ')}"
