"""Ledgers in this process: what is stored of each, and what was counted since it was stored.

A cache and no more: what is lost with the process is counted anew, from what is stored on.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from serinus.evidence.ledger import Ledger, read_ledger

Place = tuple[str, str]
"""Namespace and name of a resource."""


@dataclass(slots=True, kw_only=True)
class KnownLedger:
    """One resource's ledger."""

    text: str = ""
    stored: Ledger = field(default_factory=Ledger)
    """How far it got by what the text says."""
    newest: Ledger = field(default_factory=Ledger)


class Ledgers:
    """The ledgers of all resources with a rollout under way."""

    def __init__(self) -> None:
        self._known: dict[Place, KnownLedger] = {}

    def known(self, namespace: str, name: str, text: str) -> KnownLedger:
        """Return a resource's ledger, given what is stored of it now."""
        known = self._known.setdefault((namespace, name), KnownLedger())
        if text != known.text:
            stored = read_ledger(text)
            known.text, known.stored = text, stored.outline()
            # Another rollout's ledger was not counted here: it comes from an earlier life.
            if stored.rollout != known.newest.rollout:
                known.newest = stored
        return known

    def newest(self, namespace: str, name: str) -> Ledger:
        """Return a resource's ledger as far as it is counted, an empty one if nothing is."""
        known = self._known.get((namespace, name))
        return known.newest if known else Ledger()

    def keep(self, namespace: str, name: str, newest: Ledger) -> None:
        """Take in what was counted; what is not counted in any more is dropped."""
        if newest.rollout:
            self._known.setdefault((namespace, name), KnownLedger()).newest = newest
        else:
            self.forget(namespace, name)

    def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more, or that nothing is counted for it."""
        self._known.pop((namespace, name), None)
