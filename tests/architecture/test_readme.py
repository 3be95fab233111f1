"""The tree in README.md is the tree."""

import re
from collections.abc import Iterator
from itertools import takewhile

import pytest

from tests.architecture.sources import ROOT, SERINUS

NAME = re.compile(r"[\w.-]+/|[\w-]+\.\w+|[A-Z][a-z]+file")
"""A folder ends in a slash and a file has a suffix; the rest of the line is prose."""


def drawn(block: str) -> Iterator[str]:
    """The paths of a drawing: what is indented deeper lies inside the folder above it."""
    above: list[tuple[int, str]] = []
    for line in block.splitlines():
        plain = re.sub(r"[│├└─]", " ", line)
        indent = len(plain) - len(plain.lstrip())
        names = list(takewhile(NAME.fullmatch, plain.split()))
        if not names:
            continue
        above = [(depth, folder) for depth, folder in above if depth < indent]
        prefix = "".join(folder for _, folder in above)
        yield from (prefix + name for name in names)
        if names[-1].endswith("/"):
            above.append((indent, names[-1]))


@pytest.fixture
def tree() -> set[str]:
    readme = ROOT / "README.md"
    text = readme.read_text() if readme.exists() else ""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    for block in blocks:
        paths = set(drawn(block))
        if "operator/serinus/" in paths:
            return paths
    pytest.skip("README.md draws no tree yet")


def test_all_that_is_drawn_exists(tree: set[str]) -> None:
    assert {path for path in tree if not (ROOT / path).exists()} == set()


def test_all_parts_of_the_operator_are_drawn(tree: set[str]) -> None:
    parts = {
        f"operator/serinus/{part.name}{'/' if part.is_dir() else ''}"
        for part in SERINUS.iterdir()
        if part.name not in {"__init__.py", "__pycache__", "py.typed"}
    }
    assert parts - tree == set()


def test_a_drawing_is_read_by_its_indentation() -> None:
    block = """
operator/          source root
  serinus/
    settings.py errors.py  values
    decide/        rules -> Decision
tests/  unit · e2e
"""
    assert list(drawn(block)) == [
        "operator/",
        "operator/serinus/",
        "operator/serinus/settings.py",
        "operator/serinus/errors.py",
        "operator/serinus/decide/",
        "tests/",
    ]
