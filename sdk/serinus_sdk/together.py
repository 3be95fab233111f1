"""What all workers of a server remember: their newest predictions, in one file that each maps."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from fcntl import LOCK_EX, LOCK_UN, lockf
from functools import cached_property, lru_cache
from hashlib import blake2b
from logging import getLogger
from math import ceil
from mmap import mmap
from pathlib import Path
from struct import Struct
from threading import Lock
from typing import Any
from zlib import crc32

from serinus_sdk.outcomes import Remembered, Said

LOGGER = getLogger(__name__)

FORMAT = 1
ENTRIES, ENTRY_BYTES = 15, 256
"""Of a bucket; before them, in as many bytes, which was written last, and the key of each."""
BUCKET_BYTES = ENTRY_BYTES * (1 + ENTRIES)
KEY_BYTES = 16
NO_KEY = bytes(KEY_BYTES)
HEAD = Struct("<II")
"""Of an entry: the checksum of key and text, and the text's length."""
MOST_BYTES = ENTRY_BYTES - HEAD.size
LOAD = 5
"""Predictions to a bucket: of ids by chance one in 50,000 then goes before its time (Poisson)."""
READ: Mapping[str, Callable[[str], Any]] = {
    "float": float,
    "int": int,
    "str": str,
    "bool": "True".__eq__,
    "NoneType": lambda _: None,
}
"""From what `str` makes of a prediction to the prediction, by its type."""
SCALARS = frozenset({float, int, str, bool, type(None)})


class RememberedTogether:
    """The newest predictions of all workers by their ids, bounded in number.

    What does not fit an entry (no scalar, or long) is remembered by its own worker alone.
    """

    def __init__(self, folder: str, most: int, segments: Sequence[str], model: str = "") -> None:
        """Set it up; the file is there once there is anything to remember.

        Args:
            folder: that all workers share.
            most: predictions that are remembered.
            segments: the labels' names; whoever has other ones has a file of its own.
            model: one of several, which may get the same ids: each has a file of its own.
        """
        self._folder, self._most, self._segments = Path(folder), most, tuple(segments)
        self._model = (model,) if model else ()
        self._own = Remembered(most)

    def add(self, identity: str, said: Said) -> None:
        """Remember a prediction; the oldest goes where there are too many."""
        text = _written(said)
        if text is None or self._table is None:
            self._own.add(identity, said)
        else:
            self._table.put(_key(identity), text)

    def pop(self, identity: str) -> Said | None:
        """Return a prediction and forget it, so that a truth told twice counts once."""
        text = self._table.take(_key(identity)) if self._table else None
        return self._own.pop(identity) if text is None else _read(text)

    def forget(self) -> None:
        """Begin anew in a forked child, on locks of its own; the file is everybody's."""
        self._own.forget()
        if (table := self.__dict__.get("_table")) is not None:
            table.forget()

    @cached_property
    def _table(self) -> Table | None:
        buckets = max(1, ceil(self._most / LOAD))
        form = repr((FORMAT, buckets, self._segments, *self._model)).encode()
        name = f"serinus_predictions_{blake2b(form, digest_size=6).hexdigest()}.table"
        try:
            return Table(self._folder / name, buckets)
        except OSError as fault:
            LOGGER.warning("each worker remembers its own predictions alone: %s", fault)
            return None


class Table:
    """Texts by key, in a file, in buckets of which the newest entries are kept.

    Whoever reads or writes a bucket locks it, and the kernel takes the lock from one that dies
    meanwhile. What it leaves half written has a wrong checksum, and counts as not there.
    """

    def __init__(self, path: Path, buckets: int) -> None:
        """Open it; a file of zeros is an empty one, so it does not matter who is the first.

        Raises:
            OSError: there is no room, or the file system has no locks.
        """
        self._buckets, size = buckets, buckets * BUCKET_BYTES
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        _reserve(self._file, size)
        self._bytes = mmap(self._file, size)
        self._lock = Lock()
        self.take(NO_KEY)

    def put(self, key: bytes, text: bytes) -> None:
        """Write an entry, in place of one with its key and of the oldest of its bucket."""
        entry = HEAD.pack(crc32(key + text), len(text)) + text
        start, table, file = self._start_of(key), self._bytes, self._file
        with self._lock:  # locks of files are the process's own: its threads need another one
            lockf(file, LOCK_EX, 1, start)
            try:
                if table.find(key, start, start + ENTRY_BYTES) >= 0:
                    self._erase(start, key)
                place = table[start] % ENTRIES + 1
                table[start] = place
                at = start + place * ENTRY_BYTES
                table[at : at + len(entry)] = entry
                at = start + place * KEY_BYTES
                table[at : at + KEY_BYTES] = key
            finally:
                lockf(file, LOCK_UN, 1, start)

    def take(self, key: bytes) -> bytes | None:
        """Return what was written and erase it; None if it is not there, or not whole."""
        start = self._start_of(key)
        with self._lock:
            lockf(self._file, LOCK_EX, 1, start)
            try:
                place = self._erase(start, key)
                at = start + place * ENTRY_BYTES
                entry = self._bytes[at : at + ENTRY_BYTES]
            finally:
                lockf(self._file, LOCK_UN, 1, start)
        return _text_of(entry, key) if place else None

    def forget(self) -> None:
        """Begin anew in a forked child: a thread of its parent may have held this lock."""
        self._lock = Lock()

    def _start_of(self, key: bytes) -> int:
        return int.from_bytes(key[:4], "little") % self._buckets * BUCKET_BYTES

    def _erase(self, start: int, key: bytes) -> int:
        """Erase a key from a bucket's head, and return which entry had it: from 1; 0 for none."""
        at = self._bytes.find(key, start + KEY_BYTES, start + ENTRY_BYTES)
        if at < 0 or at % KEY_BYTES:
            return 0
        self._bytes[at : at + KEY_BYTES] = NO_KEY
        return (at - start) // KEY_BYTES


def _reserve(file: int, size: int) -> None:
    """Take the room on the disk now: a process that maps a page and finds none is killed."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.ftruncate(file, size)


def _key(identity: str) -> bytes:
    return blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def _written(said: Said) -> bytes | None:
    """A prediction as an entry has it; None if it would not fit or be another when it is read."""
    prediction, version, segments = said
    kind = prediction.__class__
    if kind not in SCALARS:
        return None
    try:
        text = _before(version, segments, kind) + str(prediction).encode()
    except ValueError:  # half a character, or digits by the thousand
        return None
    return text if len(text) <= MOST_BYTES else None


@lru_cache
def _before(version: str, segments: tuple[str, ...], kind: type) -> bytes:
    return f"{json.dumps((version, *segments))}\n{kind.__name__}\n".encode()


def _read(text: bytes) -> Said:
    whose, kind, prediction = text.decode().split("\n", 2)
    version, *segments = json.loads(whose)
    return Said(READ[kind](prediction), version, tuple(segments))


def _text_of(entry: bytes, key: bytes) -> bytes | None:
    """What an entry says; None if it is not as it was written."""
    checksum, length = HEAD.unpack_from(entry)
    text = entry[HEAD.size : HEAD.size + length]
    return text if crc32(key + text) == checksum else None
