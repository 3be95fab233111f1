"""Checks a signature as AWS does, from the request as it arrived and the secret key alone.

Written from "Create a signed AWS API request" of the IAM User Guide, not from what signs.
"""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote, unquote


def is_signed(target: str, headers: Mapping[str, str], secret_key: str) -> bool:
    """Whether a GET of this target (path and query) was signed by who has the key."""
    said = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=[^/]+/(.+), SignedHeaders=(.+), Signature=(.+)",
        headers["authorization"],
    )
    assert said, headers["authorization"]
    scope, names, signature = said.groups()
    assert {"host", "x-amz-date"} <= set(names.split(";"))
    path, _, query = target.partition("?")
    lines = [f"{name}:{headers[name].strip()}" for name in names.split(";")]
    request = ["GET", path, _canonical(query), *lines, "", names, sha256(b"").hexdigest()]
    hashed = sha256("\n".join(request).encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hashed])
    key = f"AWS4{secret_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return key.hex() == signature


def _canonical(query: str) -> str:
    """By RFC 3986, where a plus is a plus."""
    pairs = (part.partition("=") for part in query.split("&"))
    encoded = (
        (quote(unquote(n), safe="-_.~"), quote(unquote(v), safe="-_.~")) for n, _, v in pairs
    )
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))
