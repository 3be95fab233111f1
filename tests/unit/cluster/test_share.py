"""Pods together weigh what the node's cores weigh, whichever the version of cgroups."""

import os
from pathlib import Path

from cluster.local import share

CORES = len(os.sched_getaffinity(0))


def test_in_one_tree_for_each_controller(tmp_path: Path) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.shares").write_text("1024")
    share.ensure(tmp_path)
    assert (tmp_path / "cpu" / "k8s.io" / "cpu.shares").read_text() == str(1024 * CORES)
    assert not (tmp_path / "k8s.io").exists()


def test_in_one_tree_for_all(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory")
    share.ensure(tmp_path)
    assert (tmp_path / "k8s.io" / "cpu.weight").read_text() == str(100 * CORES)


def test_a_machine_that_has_neither_is_left_as_it_is(tmp_path: Path) -> None:
    share.ensure(tmp_path)
    assert list(tmp_path.iterdir()) == []
