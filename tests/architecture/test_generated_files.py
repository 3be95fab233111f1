"""What is generated and committed is what the generator writes today: `make crds` was run."""

from pathlib import Path

import pytest

from serinus.resource.crd import GENERATED, write
from tests.architecture.sources import ROOT


@pytest.mark.parametrize("folder", GENERATED)
def test_the_committed_crds_are_current(folder: str, tmp_path: Path) -> None:
    write([tmp_path])
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / folder).glob("*.yaml")}
    assert written == {name: committed.get(name) for name in written}
