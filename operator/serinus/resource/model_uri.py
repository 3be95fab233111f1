"""Where a model's files are: the schemes of `spec.model.uri`, and what each of them can pin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import StringConstraints

from serinus.resource.schema import Rule

LONGEST = 1024
UNCHECKED = "unchecked"

PATTERNS = {
    "oci": r"^oci://[a-z0-9]([-._a-z0-9]*[a-z0-9])?(:[0-9]+)?(/[a-z0-9]([-._a-z0-9]*[a-z0-9])?)*"
    r"(:[_A-Za-z0-9][-._A-Za-z0-9]{0,127})?(@sha256:[0-9a-f]{64})?$",
    "s3": r"^s3://[a-z0-9][-.a-z0-9]+(/[-._~%!@:,+=A-Za-z0-9]+)*/?$",
    "gs": r"^gs://[a-z0-9][-._a-z0-9]+(/[-._~%!@:,+=A-Za-z0-9]+)*/?$",
    "azure": r"^azure://[a-z0-9]{3,24}/[-a-z0-9]{3,63}(/[-._~%!@:,+=A-Za-z0-9]+)+/?$",
    "hf": r"^hf://[-._A-Za-z0-9]+/[-._A-Za-z0-9]+(:[-._A-Za-z0-9]+)?$",
    "pvc": r"^pvc://[a-z0-9]([-.a-z0-9]*[a-z0-9])?(/[-._~@:,+=A-Za-z0-9]+)*/?$",
    "https": r"^https://[a-z0-9]([-.a-z0-9]*[a-z0-9])?(:[0-9]+)?(/[-._~%!@:,+=A-Za-z0-9]+)+/?$",
}
"""No dollar and no query in any of them: the kubelet would fill in the one, and in the other are
signatures, which are secrets, or versions, which what fetches would leave aside without a word."""

EXAMPLES = {
    "oci": "oci://REGISTRY/IMAGE:TAG, or pinned by @sha256:...",
    "s3": "s3://BUCKET/PATH (versionId is not supported: pin by model.digest)",
    "gs": "gs://BUCKET/PATH (a generation is not supported: pin by model.digest)",
    "azure": "azure://ACCOUNT/CONTAINER/PATH",
    "hf": "hf://ORGANISATION/MODEL, or pinned by :COMMIT",
    "pvc": "pvc://CLAIM/PATH",
    "https": "https://HOST/PATH, without a query",
}

ModelUri = Annotated[str, StringConstraints(min_length=6, max_length=LONGEST)]
ContentDigest = Annotated[
    str, StringConstraints(pattern=rf"^(sha256:[0-9a-f]{{64}}|{UNCHECKED})$", max_length=71)
]

_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Location:
    """A URI taken apart as far as its pod needs it."""

    scheme: str
    rest: str
    """All behind `://`."""

    @property
    def is_fixed(self) -> bool:
        """Whether the name itself says what the content is."""
        if self.scheme == "oci":
            return "@sha256:" in self.rest
        revision = self.rest.partition(":")[2]
        return self.scheme == "hf" and _COMMIT.fullmatch(revision) is not None


def locate(uri: str) -> Location:
    """Return a URI's parts."""
    scheme, _, rest = uri.partition("://")
    return Location(scheme, rest)


def _is_of(model: Any, scheme: str) -> bool:
    return model.uri is not None and model.uri.startswith(f"{scheme}://")


def _shape(scheme: str) -> Rule:
    pattern = PATTERNS[scheme]
    return Rule(
        f"!has(self.uri) || !self.uri.startsWith('{scheme}://') || self.uri.matches('{pattern}')",
        f"model.uri must look like {EXAMPLES[scheme]}",
        lambda model: not _is_of(model, scheme) or re.fullmatch(pattern, model.uri) is not None,
    )


_SCHEMES = "|".join(PATTERNS)

URI_RULES = (
    Rule(
        f"!has(self.uri) || self.uri.matches('^({_SCHEMES})://')",
        f"model.uri begins with {', '.join(f'{scheme}://' for scheme in PATTERNS)}",
        lambda model: model.uri is None or re.match(f"^({_SCHEMES})://", model.uri) is not None,
    ),
    *(_shape(scheme) for scheme in PATTERNS),
    Rule(
        "!has(self.uri) || !self.uri.contains('/../') && !self.uri.endsWith('/..')",
        "model.uri has no .. in its path",
        lambda model: model.uri is None or ".." not in model.uri.split("/"),
    ),
    Rule(
        "!has(self.digest) || has(self.uri)",
        "model.digest is that of what model.uri holds, and there is no model.uri",
        lambda model: model.digest is None or model.uri is not None,
    ),
)
"""Of `spec.model`, for the API server and for us."""
