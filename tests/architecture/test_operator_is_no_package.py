"""operator/ is a folder on the path; a package would shadow the standard library's `operator`."""

import subprocess
import sys

from tests.architecture.sources import ROOT


def test_operator_holds_no_python_of_its_own() -> None:
    assert list((ROOT / "operator").glob("*.py")) == []


def test_the_standard_library_keeps_its_operator() -> None:
    """In a new interpreter started in the checkout, where a package here would be found first."""
    program = "import operator; print(operator.add(2, 3))"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.stdout, run.stderr) == ("5\n", "")
