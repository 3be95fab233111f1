"""The chart as Helm renders it."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster.errors import ClusterError
from cluster.programs import path_of

ROOT = Path(__file__).parents[2]
CHART = ROOT / "charts" / "serinus"
NAMESPACE = "serinus-system"

Manifest = dict[str, Any]


class RenderRefused(Exception):
    """Helm said no; the message is what it said."""


@cache
def program(name: str) -> str:
    """helm or kubectl: the pinned one, else (on another processor) whatever the machine has."""
    try:
        return str(path_of(name))
    except ClusterError as missing:
        found = shutil.which(name)
        if found is None:
            pytest.skip(str(missing))
        return found


def render_text(
    values: Mapping[str, Any] | None = None, release: str = "serinus", flags: tuple[str, ...] = ()
) -> str:
    """What `helm template` prints."""
    return _rendered(json.dumps(values or {}), release, flags)


@cache
def _rendered(values: str, release: str, flags: tuple[str, ...]) -> str:
    command = [program("helm"), "template", release, str(CHART), "--namespace", NAMESPACE]
    with tempfile.TemporaryDirectory() as home:
        run = subprocess.run(
            [*command, *flags, "--values", "-"],
            input=values,
            capture_output=True,
            text=True,
            # Nobody's own plugins, repositories and contexts have a part in this.
            env={"PATH": os.environ["PATH"], "HOME": home},
            check=False,
        )
    if run.returncode:
        raise RenderRefused(run.stderr)
    return run.stdout


def render(values: Mapping[str, Any] | None = None, release: str = "serinus") -> list[Manifest]:
    """The chart's objects without the CRD, which never changes and takes longest to read."""
    without_crd = {"crds": {"install": False}}
    return list(documents(render_text({**without_crd, **(values or {})}, release)))


def documents(text: str) -> Iterator[Manifest]:
    """The objects of a YAML file."""
    return (each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each)


def of_kind(manifests: list[Manifest], kind: str) -> list[Manifest]:
    return [each for each in manifests if each["kind"] == kind]


def the(manifests: list[Manifest], kind: str) -> Manifest:
    """The only one of its kind."""
    (only,) = of_kind(manifests, kind)
    return only
