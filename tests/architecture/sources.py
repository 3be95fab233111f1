"""What the architecture tests look at: the source files, parsed once, and the tracked files."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SERINUS = ROOT / "operator" / "serinus"


@dataclass(frozen=True)
class Source:
    path: Path
    text: str
    tree: ast.Module

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def sources() -> tuple[Source, ...]:
    """Every Python file but the tests' own."""
    tops = ("operator", "sdk", "benchmarks", "cluster", "demo")
    paths = (p for top in tops for p in (ROOT / top).rglob("*.py"))
    return tuple(_read(path) for path in sorted(paths))


def _read(path: Path) -> Source:
    text = path.read_text()
    return Source(path, text, ast.parse(text, str(path)))


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git knows, so that a developer's own notes beside it are nobody's business."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    paths = (ROOT / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file() and not path.is_symlink())
