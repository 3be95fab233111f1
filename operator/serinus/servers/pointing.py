"""How a model server is told where its model's files are: by the stock image's arguments, or less.

What is written wins: a command line that says where the model is gets no other place, and one of
a program that is not known gets nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from serinus.servers.config_file import CONFIG_FILE
from serinus.servers.preset import PodDefaults

MODEL_FOLDER = "/mnt/models"
SHELLS = ("sh", "bash", "ash", "dash")


def arguments(
    container: Mapping[str, Any], pod: PodDefaults, served_name: str | None, *, has_files: bool
) -> list[str]:
    """Return the arguments to add to a container's own.

    Args:
        container: as it is written.
        pod: the preset's word on it.
        served_name: what the model is to be called inside its server.
        has_files: whether its files are mounted.
    """
    written = [str(each) for each in (*_listed(container, "command"), *_listed(container, "args"))]
    if not written:
        start = _stock(container, pod, served_name) if has_files else []
        return [*start, *_missing(start, pod)] if start else []
    is_the_servers = _is_the_images(container) or _runs(written, pod.files.programs)
    if _is_of_a_shell(container) or not is_the_servers:
        return []
    pointed = _pointed(written, pod, served_name) if has_files else ()
    return [*pointed, *_missing(written, pod)]


def variables(pod: PodDefaults, served_name: str | None, *, has_files: bool) -> dict[str, str]:
    """Return the variables a server needs, by name."""
    named = _named(pod.files.env, served_name) if has_files else {}
    return {**pod.env, **named}


def _named(env: Mapping[str, str], served_name: str | None) -> dict[str, str]:
    made = {name: _filled(text, served_name) for name, text in env.items()}
    return {name: text for name, text in made.items() if text is not None}


def _filled(text: str, served_name: str | None) -> str | None:
    """What names the model says nothing where the model has no name."""
    if "$(model)" in text and served_name is None:
        return None
    return text.replace("$(folder)", MODEL_FOLDER).replace("$(model)", served_name or "")


def _stock(container: Mapping[str, Any], pod: PodDefaults, served_name: str | None) -> list[str]:
    # An empty list is written too: for an image whose own command line is all there should be.
    if container.get("command") is not None or container.get("args") is not None:
        return []
    return list(_said(pod.files.args, pod.files.name, served_name))


def _said(texts: Iterable[str], usual: str | None, served_name: str | None) -> Iterator[str]:
    made = (_filled(text, served_name or usual) for text in texts)
    return (each for each in made if each is not None)


def _pointed(written: list[str], pod: PodDefaults, served_name: str | None) -> list[str]:
    """The flags about the model that a written command line does not have."""
    files, names = pod.files, {_name(each) for each in written}
    flags = [text for text in files.args if text.startswith("--") and "$(" in text]
    places = {_name(text) for text in flags if "$(folder)" in text}.union(files.also_called)
    if places & names or _is_named(written) or any(MODEL_FOLDER in each for each in written):
        return []
    return [each for each in _said(flags, files.name, served_name) if _name(each) not in names]


def _is_named(written: list[str]) -> bool:
    """Whether the model is said without a flag, as `vllm serve organisation/model` does."""
    return any(one == "serve" and not after.startswith("-") for one, after in pairwise(written))


def _is_the_images(container: Mapping[str, Any]) -> bool:
    """Whether the image's own program is run, with more flags."""
    args = _listed(container, "args")
    return not container.get("command") and bool(args) and str(args[0]).startswith("-")


def _runs(written: list[str], programs: tuple[str, ...]) -> bool:
    return any(PurePosixPath(each).name in programs for each in written)


def _missing(written: list[str], pod: PodDefaults) -> list[str]:
    said = " ".join(written).replace("=", " ")
    missing = (flag for flag in pod.flags if _setting(flag) not in said)
    return [flag.replace("$(config)", CONFIG_FILE) for flag in missing]


def _setting(flag: str) -> str:
    """What a flag sets, whatever to: some flags take a setting and its value."""
    return (flag.rpartition("=")[0] or flag).replace("=", " ")


def _is_of_a_shell(container: Mapping[str, Any]) -> bool:
    command = _listed(container, "command")
    return bool(command) and PurePosixPath(str(command[0])).name in SHELLS


def _name(flag: str) -> str:
    return flag.partition("=")[0]


def _listed(container: Mapping[str, Any], field: str) -> list[Any]:
    return list(container.get(field) or ())
