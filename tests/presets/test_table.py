"""The page tells what the tests have shown: `make presets` was run after the last change."""

from tests.presets.shows import names
from tests.presets.table import LIVE, PAGE, RESULTS, digest, live_digest, page, read


def test_every_preset_has_passed_as_it_is_now() -> None:
    assert read(RESULTS) == {name: {"passed": True, "of": digest(name)} for name in names()}


def test_the_table_is_current() -> None:
    assert PAGE.read_text() == page(PAGE.read_text())


def test_what_was_seen_of_running_servers_still_holds() -> None:
    """A preset that changed has to be run again: `make servers`."""
    results = read(LIVE)
    assert set(results) == {
        "bentoml",
        "fastapi",
        "kserve",
        "litserve",
        "mlserver",
        "ray-serve",
        "triton",
    }
    assert {name: each["of"] for name, each in results.items()} == {
        name: live_digest(name, each["source"]) for name, each in results.items()
    }
