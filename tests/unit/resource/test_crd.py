"""The definition: the API server writes no defaults into what identifies a revision."""

from collections.abc import Iterator
from typing import Any

import pytest

from serinus.resource.crd import IDENTITY, definition


def defaults(schema: dict[str, Any], at: str) -> Iterator[str]:
    if "default" in schema:
        yield at
    for name, child in (schema.get("properties") or {}).items():
        yield from defaults(child, f"{at}.{name}")
    if "items" in schema:
        yield from defaults(schema["items"], f"{at}[]")


@pytest.mark.parametrize("field", IDENTITY)
def test_nothing_that_a_digest_covers_has_a_default(field: str) -> None:
    """Or a new field, or another default, would start a rollout of every model."""
    (version,) = definition()["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert list(defaults(spec["properties"][field], field)) == []
    assert list(defaults(spec, "spec"))
