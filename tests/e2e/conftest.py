"""What end-to-end tests stand on: the node a session, and a model in a namespace of its own."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from demo.oncall import look_around
from tests.e2e.example import Example
from tests.e2e.model import (
    Model,
    clear,
    clear_what_earlier_runs_left,
    model_in_a_namespace,
    new_namespace,
)
from tests.e2e.node import Node, prepared_node

HERE = Path(__file__).parent
LONGEST_TEST_SECONDS = 900
LAST = "test_permissions.py"
"""Asks what the operator was refused while all others ran."""

OPEN = pytest.StashKey[list[Model]]()
TOLD = pytest.StashKey[list[BaseException | None]]()
FIGURES = pytest.StashKey[dict[str, float]]()

Figure = Callable[[str, float], None]
Models = Callable[..., Model]
Examples = Callable[[str], Example]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, and put last what looks back."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(LONGEST_TEST_SECONDS))
    items.sort(key=lambda item: item.path == HERE / LAST)


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> Iterator[Node]:
    with prepared_node() as prepared:
        clear_what_earlier_runs_left(prepared)
        yield prepared


@pytest.fixture(scope="module")
def models(node: Node, pytestconfig: pytest.Config) -> Iterator[Models]:
    """Make a model in a namespace of its own; all are cleared away after the module."""
    opened = pytestconfig.stash.setdefault(OPEN, [])

    def make(title: str, replicas: int = 1) -> Model:
        model = model_in_a_namespace(node, title, replicas)
        opened.append(model)
        return model

    yield make
    while opened:
        clear(node, opened.pop().namespace)


@pytest.fixture
def examples(node: Node, pytestconfig: pytest.Config) -> Iterator[Examples]:
    """Apply an example in a namespace of its own, which is cleared away after the test."""
    opened = pytestconfig.stash.setdefault(OPEN, [])

    def make(name: str) -> Example:
        # What an example leaves out, such as a security context, a stricter one would ask for.
        namespace = new_namespace(node, name, "pod-security.kubernetes.io/enforce=baseline")
        opened.append(example := Example(node=node, namespace=namespace, example=name))
        return example

    yield make
    while opened:
        clear(node, opened.pop().namespace)


@pytest.fixture(scope="session")
def figure(pytestconfig: pytest.Config) -> Figure:
    """Report a measured number at the end of the run."""
    figures = pytestconfig.stash.setdefault(FIGURES, {})

    def report(name: str, value: float) -> None:
        figures[name] = value

    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for name, value in config.stash.get(FIGURES, {}).items():
        terminalreporter.write_line(f"figure e2e.{name} {value:g}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On failure, show what a person on call would look at first."""
    report = yield
    told = item.config.stash.setdefault(TOLD, [])
    error = call.excinfo.value if call.excinfo else None
    # A fixture fails once, and is the failure of every test that asks for it.
    if report.failed and report.when != "teardown" and error not in told:
        told.append(error)
        for model in item.config.stash.get(OPEN, []):
            seen = "\n".join(model.history)
            report.sections.append((f"what was seen of {model.namespace}", seen))
            around = look_around(model.node.kubeconfig, model.namespace, model.name)
            report.sections.append((f"the cluster around {model.namespace}", "\n".join(around)))
    return report
