"""Which answers of the API server pass by themselves, and which are a no, whatever their code."""

from __future__ import annotations

import re

TRANSIENT = frozenset({401, 429, 500, 502, 503, 504})
"""401 too: a service account's token is renewed every hour, and read anew by the next attempt."""

NEVER_PASSES = re.compile(
    "^(failed to create typed patch object|failed to convert new object"
    "|etcdserver: request is too large|.* trying to send message larger than max)"
)
"""What is said with a 500 of a manifest that is none (an unknown field, a key twice, another type,
no quantity), or that etcd has no room for."""


def passes(status_code: int, message: str) -> bool:
    """Return whether the same request may be answered otherwise a little later."""
    return status_code in TRANSIENT and not NEVER_PASSES.match(message)
