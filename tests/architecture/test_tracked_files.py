"""The checkout works on any machine: it names no package registry and nobody's folders."""

import re

from tests.architecture.sources import ROOT, tracked_files

PACKAGE_REGISTRY = re.compile(
    r"pypi\.org|pythonhosted\.org|(proxy|sum)\.golang\.org|crates\.io|registry\.npmjs\.org"
    r"|repo1?\.maven\.(apache\.)?org|(deb|security|snapshot)\.debian\.org|archive\.ubuntu\.com",
    re.IGNORECASE,
)
"""Where packages come from is each machine's own setting; a mirror must not be bypassed."""

SOMEBODYS_FOLDER = re.compile(r"(?<![\w.$}*-])/(work|root|home|Users)/")


def matches(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_package_registry_is_named() -> None:
    assert matches(PACKAGE_REGISTRY) == []


def test_no_folder_of_one_machine_is_named() -> None:
    assert matches(SOMEBODYS_FOLDER) == []
