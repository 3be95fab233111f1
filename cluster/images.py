"""Builds an image and brings it into the cluster in use.

    from cluster.images import build
    reference = build("demo/model/Containerfile", "demo/model", "serinus/demo-model:dev")

The reference is what a pod's `image` has to say, with `imagePullPolicy: IfNotPresent`. A
Containerfile starts with `ARG BASE=docker.io/library/python:3.12-slim` and `FROM ${BASE}`; where
nothing can be pulled, BASE is an image made from Debian packages. Unchanged is not built again.
"""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from cluster.providers import chosen
from cluster.recipes import Recipe


def build(
    containerfile: str | PathLike[str],
    context: str | PathLike[str],
    tag: str,
    build_args: Mapping[str, str] | None = None,
    cluster: str | None = None,
) -> str:
    """Build, load, and return the reference pods use; `cluster` as in $CLUSTER."""
    recipe = Recipe(Path(containerfile).resolve(), Path(context).resolve(), tag, build_args or {})
    return chosen(cluster).build(recipe)
