"""A daemon is known by its process id and its start time, so no stranger is ever ended."""

import os
from pathlib import Path

import pytest

from cluster.errors import ClusterError
from cluster.local import processes
from cluster.local.layout import Layout
from cluster.local.processes import Daemon
from cluster.waiting import until


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "state", tmp_path / "cache")


def test_a_started_daemon_runs_until_it_is_stopped(layout: Layout) -> None:
    assert processes.ensure(layout, "sleeper", ["sleep", "60"])
    assert processes.running(layout, "sleeper")
    processes.stop(layout, ["sleeper"])
    assert not processes.running(layout, "sleeper")
    assert processes.recorded(layout) == []


def test_starting_twice_is_harmless(layout: Layout) -> None:
    processes.ensure(layout, "sleeper", ["sleep", "60"])
    first = processes.recorded(layout)
    assert not processes.ensure(layout, "sleeper", ["sleep", "60"])
    assert processes.recorded(layout) == first
    processes.stop(layout, ["sleeper"])


def test_another_process_with_the_same_id_is_not_the_daemon() -> None:
    mine = processes.start_ticks_of(os.getpid())
    assert mine is not None
    assert Daemon("me", os.getpid(), mine).alive()
    assert not Daemon("me", os.getpid(), mine + 1).alive()


def test_a_daemon_that_has_ended_is_told_with_its_last_words(layout: Layout) -> None:
    processes.ensure(layout, "short", ["sh", "-c", "echo no such socket"])
    until(lambda: not processes.running(layout, "short"), "it ends", 10)
    with pytest.raises(ClusterError, match="no such socket"):
        processes.fail_if_dead(layout, "short")
