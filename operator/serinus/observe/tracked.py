"""What the answers to one objective's questions hold of both tracks."""

from __future__ import annotations

from dataclasses import dataclass

from serinus.signals.doubts import Doubt
from serinus.signals.tallies import Countable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """What answers hold of both tracks, and what of it can't be believed."""

    canary: Countable
    stable: Countable
    doubt: Doubt | None = None
