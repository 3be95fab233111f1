"""A captured baseline: what stable saw and said in some time, versioned by a digest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from serinus.evidence.block import write_number
from serinus.signals.tally import Bins

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """Stable's values by feature and bin, "" being its predictions."""

    revision: str
    """Stable's."""
    version: str
    seconds: float
    """How much of its traffic was asked for."""
    since: datetime
    until: datetime
    bins: Bins

    @property
    def values(self) -> float:
        """Of the feature that has the most."""
        return max((sum(counts.values()) for counts in self.bins.values()), default=0.0)

    @property
    def digest(self) -> str:
        """What identifies the content: the beginning of its sha256."""
        canonical = json.dumps(_content(self), sort_keys=True, separators=(",", ":"))
        return sha256(canonical.encode()).hexdigest()[:12]


def write_captured(captured: Captured) -> str:
    """Return it as text for its ConfigMap, its digest included."""
    content = {**_content(captured), "digest": captured.digest}
    return json.dumps(content, separators=(",", ":"))


def read_captured(text: str) -> Captured | None:
    """Return what was written; None of what can't be read, or was changed by hand."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT:
            return None
        found = Captured(
            revision=str(content["revision"]),
            version=str(content["version"]),
            seconds=float(content["seconds"]),
            since=datetime.fromisoformat(content["since"]),
            until=datetime.fromisoformat(content["until"]),
            bins=_read_bins(content["bins"]),
        )
        return found if content["digest"] == found.digest else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _content(captured: Captured) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "revision": captured.revision,
        "version": captured.version,
        "seconds": write_number(captured.seconds),
        "since": captured.since.isoformat(),
        "until": captured.until.isoformat(),
        "bins": {
            feature: {label: write_number(count) for label, count in sorted(counts.items())}
            for feature, counts in sorted(captured.bins.items())
        },
    }


def _read_bins(raw: Mapping[str, Mapping[str, float]]) -> Bins:
    return {
        str(feature): {str(label): float(count) for label, count in counts.items()}
        for feature, counts in raw.items()
    }
