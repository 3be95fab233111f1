"""A file fits in one reading, is named for what it holds, and says so in its first sentence."""

import ast
import re

from tests.architecture.sources import sources

MOST_FILE_LINES = 250
MOST_FUNCTION_LINES = 35
SAYING_NOTHING = re.compile(r"utils?|helpers?|common|misc|manager|.*_(utils|helpers)|handler_.*")


def test_files_fit_in_one_reading() -> None:
    lines = {str(source): len(source.text.splitlines()) for source in sources()}
    assert {name: count for name, count in lines.items() if count > MOST_FILE_LINES} == {}


def test_functions_fit_on_one_screen() -> None:
    lines = {
        f"{source}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {name: count for name, count in lines.items() if count > MOST_FUNCTION_LINES} == {}


def test_modules_open_with_one_sentence() -> None:
    silent, wordy = [], []
    for source in sources():
        first, *_ = (ast.get_docstring(source.tree) or "").split("\n\n")
        if not re.search(r"[.!?:]$", first):
            silent.append(str(source))
        elif re.search(r"[.!?]\s+[A-Z]", first):
            wordy.append(str(source))
    assert (silent, wordy) == ([], [])


def test_module_names_say_what_is_inside() -> None:
    paths = [source.path for source in sources()]
    names = {*paths, *(path.parent for path in paths)}
    assert [str(path) for path in sorted(names) if SAYING_NOTHING.fullmatch(path.stem)] == []


def test_packages_import_nothing() -> None:
    """So that importing `observe.snapshot` never drags in what `observe.gather` needs.

    The SDK is a library: what it offers is what its package shows.
    """
    imports = [
        f"{source}:{node.lineno}"
        for source in sources()
        if source.path.name == "__init__.py" and source.path.parent.name != "serinus_sdk"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert imports == []
