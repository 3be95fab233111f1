"""One lock a thing that several processes might make at once."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.places import cache_directory


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """Wait until no other process does the work called `name`; ends with the process."""
    directory = cache_directory() / "locks"
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
