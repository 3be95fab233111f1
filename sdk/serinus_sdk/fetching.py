"""A baseline by its URI: fetched by the model's own pod, over https, and pinned by its digest."""

from __future__ import annotations

import time
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from serinus_sdk.distribution import BaselineInvalid

HTTPS = "https://"
PIN = "#sha256:"
MOST_BYTES = 16 * 2**20
"""A baseline of 100 features takes less than a hundredth of that."""
SILENCE_SECONDS = 10.0
WHOLE_SECONDS = 60.0
CHUNK_BYTES = 2**16


def read_source(source: str | Path) -> tuple[str, str]:
    """Return the text of a file or of an https address, and the digest it is pinned by.

    Args:
        source: a path, or `https://...`; both may end in `#sha256:...`, and an address has to.

    Returns:
        the text, and `sha256:...` or "".

    Raises:
        BaselineInvalid: it has no digest, can't be fetched in a minute, or is too large.
        OSError: there is no such file.
    """
    place, pin, digest = str(source).partition(PIN)
    pinned = f"sha256:{digest}" if pin else ""
    if "://" not in place:
        return Path(place).read_text(encoding="utf-8"), pinned
    if not place.startswith(HTTPS):
        raise BaselineInvalid(f"{told(place)}: a baseline is a file or an {HTTPS} address")
    if not pinned:
        raise BaselineInvalid(f"{told(place)}: add {PIN}..., the digest that its file says")
    return _fetched(place), pinned


def told(place: str) -> str:
    """Return an address as it may be told: what a login or a query holds may be a secret."""
    if "://" not in place:
        return place
    parts = urlsplit(place)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _OnlyHttps(HTTPRedirectHandler):
    def redirect_request(self, req: Request, *rest: Any) -> Request | None:
        target = str(rest[-1])
        if not target.startswith(HTTPS):
            rest[0].close()
            raise BaselineInvalid(f"it is redirected to {told(target)}, which is no {HTTPS}")
        return super().redirect_request(req, *rest)


def _fetched(address: str) -> str:
    try:
        with build_opener(_OnlyHttps).open(address, timeout=SILENCE_SECONDS) as answer:
            return _whole(answer).decode()
    except HTTPError as fault:
        fault.close()
        raise BaselineInvalid(f"{told(address)}: {fault}") from None
    except (OSError, HTTPException, ValueError) as fault:
        raise BaselineInvalid(f"{told(address)}: {fault}") from fault


def _whole(answer: HTTPResponse) -> bytes:
    """Read to the end: one that sends a byte at a time is as good as one that sends none."""
    deadline, found = time.monotonic() + WHOLE_SECONDS, bytearray()
    while part := answer.read1(CHUNK_BYTES):
        found += part
        if len(found) > MOST_BYTES:
            raise BaselineInvalid(f"it has more than {MOST_BYTES // 2**20} MiB")
        if time.monotonic() > deadline:
            raise BaselineInvalid(f"it is not there after {WHOLE_SECONDS:g} s")
    return bytes(found)
