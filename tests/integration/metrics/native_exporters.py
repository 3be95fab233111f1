"""Pods that show a native histogram in the one format that has them, protobuf."""

import struct
from dataclasses import dataclass, field
from math import ceil, log2

NAME = "model_request_duration_seconds"
CONTENT_TYPE = (
    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)
_HISTOGRAM, _VARINT, _DOUBLE, _BYTES = 4, 0, 1, 2


@dataclass
class NativePod:
    """One pod: what its process shows now, and what all its lives counted."""

    name: str
    schema: int = 3
    observed: dict[int, int] = field(default_factory=dict)
    """By number of the bucket: the one that ends at 2^(number / 2^schema)."""
    truth: list[float] = field(default_factory=list)

    def serve(self, count: int, seconds: float) -> None:
        number = ceil(log2(seconds) * 2**self.schema)
        self.observed[number] = self.observed.get(number, 0) + count
        self.truth += [seconds] * count

    def restart(self, schema: int) -> None:
        """Start the process again, with buckets of another width."""
        self.observed, self.schema = {}, schema

    @property
    def exposition(self) -> tuple[str, bytes]:
        return CONTENT_TYPE, self.body

    @property
    def body(self) -> bytes:
        """A MetricFamily with its length before it; of buckets, the differences are told."""
        numbers = sorted(self.observed)
        spans, deltas, before, last = b"", b"", None, 0
        for number in numbers:
            offset = number if before is None else number - before - 1
            spans += _part(12, _number(1, _zigzag(offset)) + _number(2, 1))
            deltas += _number(13, _zigzag(self.observed[number] - last))
            before, last = number, self.observed[number]
        histogram = (
            _number(1, sum(self.observed.values()))
            + _double(2, 1.0)
            + _number(5, _zigzag(self.schema))
            + _double(6, 1e-9)
            + _number(7, 0)
            + spans
            + deltas
        )
        family = _part(1, NAME.encode()) + _number(3, _HISTOGRAM) + _part(4, _part(7, histogram))
        return _varint(len(family)) + family


def _zigzag(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _varint(number: int) -> bytes:
    rest, found = number, bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes([*found, rest])


def _number(place: int, number: int) -> bytes:
    return _varint(place << 3 | _VARINT) + _varint(number)


def _double(place: int, number: float) -> bytes:
    return _varint(place << 3 | _DOUBLE) + struct.pack("<d", number)


def _part(place: int, content: bytes) -> bytes:
    return _varint(place << 3 | _BYTES) + _varint(len(content)) + content
