"""Every stage is under the import contracts; the clock, which no import shows, stays out too."""

import ast
import tomllib
from functools import cache
from typing import Any

from tests.architecture.sources import ROOT, SERINUS, sources

EDGE = {
    *("__main__", "__init__", "adapters", "alarm", "calibrate", "cli", "dashboard"),
    *("handlers", "lookout", "lookouts", "settings"),
    "pod",  # programs that run in a model's pod: text to the operator
}
"""What may touch the outside; all else in operator/serinus is a stage."""

CLOCKS = {"now", "utcnow", "today"}


@cache
def contract(first_words: str) -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    return next(c for c in contracts if c["name"].startswith(first_words))


def stages() -> set[str]:
    return {
        path.stem
        for path in SERINUS.iterdir()
        if path.stem not in EDGE and (path.suffix == ".py" or (path / "__init__.py").exists())
    }


def test_no_stage_touches_the_outside() -> None:
    under_contract = set(contract("Only the edge")["source_modules"])
    assert {f"serinus.{stage}" for stage in stages()} - under_contract == set()


def test_no_stage_reads_the_settings() -> None:
    if (SERINUS / "settings.py").exists():
        assert "serinus.settings" in contract("Only the edge")["forbidden_modules"]


def test_no_stage_but_the_loop_awaits() -> None:
    under_contract = set(contract("Pure stages")["source_modules"])
    assert {f"serinus.{stage}" for stage in stages() - {"reconcile"}} - under_contract == set()


def test_no_stage_reads_the_clock() -> None:
    """`now` is an argument, so that the same function can be driven by history."""
    readings = [
        f"{source}:{node.lineno}"
        for source in sources()
        if source.path.is_relative_to(SERINUS)
        and source.path.relative_to(SERINUS).parts[0].removesuffix(".py") in stages()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value).split(".")[-1] in {"datetime", "date"}
    ]
    assert readings == []
