"""The page tells what the tests have shown: `make presets` was run after the last change."""

from tests.presets.shows import names
from tests.presets.table import PAGE, RESULTS, digest, page, read


def test_every_preset_has_passed_as_it_is_now() -> None:
    assert read(RESULTS) == {name: {"passed": True, "of": digest(name)} for name in names()}


def test_the_table_is_current() -> None:
    assert PAGE.read_text() == page(PAGE.read_text())
