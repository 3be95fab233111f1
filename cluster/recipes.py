"""What an image is made of, and a digest of it, so that nothing unchanged is built again."""

import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cluster.errors import ClusterError

IGNORE_FILES = (".containerignore", ".dockerignore")


@dataclass(frozen=True)
class Recipe:
    """One image to be: its Containerfile, the files it may copy, its name and its arguments."""

    containerfile: Path
    context: Path
    tag: str
    build_args: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Path] = field(default_factory=dict)
    """Other folders that it copies from, by the name that `COPY --from` calls them."""

    def __post_init__(self) -> None:
        if not self.containerfile.is_file():
            raise ClusterError(f"there is no {self.containerfile}")
        for context in (self.context, *self.more.values()):
            if not context.is_dir():
                raise ClusterError(f"the context {context} is no directory")
        _, separator, version = self.tag.rpartition("/")[2].partition(":")
        if not separator or version in {"", "latest"}:
            # Kubernetes asks a registry for `latest`, always, and there is none.
            raise ClusterError(f"the tag {self.tag!r} needs a version that is not `latest`")

    def reference(self) -> str:
        """The tag as Kubernetes completes it."""
        first, slash, _ = self.tag.partition("/")
        if slash and ("." in first or ":" in first or first == "localhost"):
            return self.tag
        return f"docker.io/{self.tag}" if slash else f"docker.io/library/{self.tag}"

    def digest(self) -> str:
        """Changes with anything that could change the image, as far as files tell."""
        total = hashlib.sha256(self.containerfile.read_bytes())
        for key, value in sorted(self.build_args.items()):
            total.update(f"\0{key}={value}".encode())
        for name, context in (("", self.context), *sorted(self.more.items())):
            total.update(name.encode())
            for file in _files(context):
                total.update(f"\0{file}\0".encode() + _content(context / file))
        return total.hexdigest()[:20]

    def arguments(self) -> list[str]:
        """What docker, podman and buildah are told of it, all alike."""
        return [
            *(f"--build-arg={key}={value}" for key, value in self.build_args.items()),
            *(f"--build-context={name}={folder}" for name, folder in self.more.items()),
            f"--file={self.containerfile}",
        ]


def _content(path: Path) -> bytes:
    mode = f"{path.lstat().st_mode:o}\0".encode()
    if path.is_symlink():
        return mode + str(path.readlink()).encode()
    with path.open("rb") as content:
        return mode + hashlib.file_digest(content, "sha256").digest()


def _files(context: Path) -> Iterator[str]:
    rules = _rules(context)
    for directory, inner, names in os.walk(context):
        here = Path(directory).relative_to(context)
        # A directory is skipped whole, unless a later line might bring back something in it.
        if not any(keeps for _, keeps in rules):
            inner[:] = [name for name in inner if not _ignored(str(here / name), rules)]
        inner[:] = sorted(name for name in inner if name not in {".git", "__pycache__"})
        yield from (
            str(here / name) for name in sorted(names) if not _ignored(str(here / name), rules)
        )


def _rules(context: Path) -> list[tuple[re.Pattern[str], bool]]:
    """The lines of the context's ignore file: a pattern, and whether it takes back (`!`)."""
    file = next((context / name for name in IGNORE_FILES if (context / name).exists()), None)
    lines = file.read_text().splitlines() if file else []
    words = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    return [(_pattern(word.lstrip("!")), word.startswith("!")) for word in words]


def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob.strip("/").removeprefix("./"))
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(known.get(part, re.escape(part)) for part in parts) + "(?:/.*)?")


def _ignored(path: str, rules: list[tuple[re.Pattern[str], bool]]) -> bool:
    ignored = False
    for pattern, keeps in rules:
        if pattern.fullmatch(path):
            ignored = not keeps
    return ignored
