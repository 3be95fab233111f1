"""Every manifest is what its golden file shows; `make manifests` renews them for review."""

import pytest

from tests.snapshots.situations import GOLDEN, SITUATIONS, rendered


@pytest.mark.parametrize("name", SITUATIONS)
def test_manifests_are_rendered_as_before(name: str) -> None:
    assert rendered(name) == (GOLDEN / f"{name}.yaml").read_text()


def test_no_golden_manifest_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.yaml")} == set(SITUATIONS)
