"""Write what is to be told, where it differs from what was told before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from serinus.decide.decision import Happening
from serinus.errors import WriteRefused


class Teller(Protocol):
    """What telling needs of the cluster."""

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        """Replace the status subresource, on condition that nobody else wrote in between.

        Raises:
            Conflict: the resource changed since it was read; look again.
            WriteRefused: the API server said no for good, such as an older definition.
            OutsideUnavailable: no answer, 429 or 5xx.
        """

    async def tell(self, namespace: str, name: str, uid: str, happening: Happening) -> None:
        """Have an event posted on the resource; a lost event is no error."""

    def record(self, namespace: str, name: str, record: str) -> None:
        """Write a decision record into the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is told after one look."""

    status: Mapping[str, Any]
    """The whole status as JSON."""
    is_changed: bool
    happenings: tuple[Happening, ...] = ()
    untold_seconds: float = 0.0
    """When to look again, to tell what need not be told yet; 0 where nothing is held back."""
    record: str = ""
    """What a new decision was made from, "" where nothing changed."""


async def publish(report: Report, namespace: str, name: str, uid: str, teller: Teller) -> None:
    """Record a new decision, write the status if it changed, then post the events.

    Raises:
        WriteRefused: the API server does not take the status; that is told all the same.
        Conflict: the resource changed since it was read.
        OutsideUnavailable: no answer, 429 or 5xx.
    """
    if report.record:
        teller.record(namespace, name, report.record)
    if report.is_changed:
        try:
            await teller.write_status(namespace, name, report.status)
        except WriteRefused as refusal:
            # The status that people read is an old one from now on, and can't say so.
            happening = Happening(reason="StatusRefused", message=str(refusal), is_warning=True)
            await teller.tell(namespace, name, uid, happening)
            raise
    for happening in report.happenings:
        await teller.tell(namespace, name, uid, happening)
