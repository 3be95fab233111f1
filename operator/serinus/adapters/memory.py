"""Memory: what the process takes from the machine beside what it keeps."""

from __future__ import annotations

import ctypes
from asyncio.sslproto import SSLProtocol

BUFFER_BYTES = 32 * 1024
"""Of each connection, for as long as it is open; a record of TLS is half of it at most."""

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8
"""Parameters of glibc's mallopt(3)."""
LARGE_BYTES = 128 * 1024


def be_modest() -> None:
    """Keep buffers small, and have glibc give back what is not needed any more.

    asyncio gives each connection 256 KiB to read into. Each thread that asks for memory gets an
    arena of its own, and answers that were read in threads stay in them as holes. A page of a
    list or an answer of Prometheus is large, and goes back to the machine at once; left alone,
    glibc takes the first of them for a reason to keep the like.
    """
    SSLProtocol.max_size = BUFFER_BYTES
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and no arenas either
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
