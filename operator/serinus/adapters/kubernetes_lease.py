"""The Lease: one operator at a time takes it, renews it, writes while it lasts, and gives it back.

The rules are client-go's (tools/leaderelection). A Lease that somebody else holds is free once it
was seen unchanged for as long as it lasts, by our own monotonic clock: clocks of two machines are
never compared. Every write of it rests on the version that was read.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from serinus.adapters.kubernetes_api import ApiRefusal, ApiServer, Call
from serinus.adapters.kubernetes_kinds import LEASE
from serinus.errors import OutsideUnavailable

logger = logging.getLogger(__name__)

RENEWALS = 5
"""So many fit into the time that it lasts: four may fail."""
WRITING_SHARE = 2 / 3
"""Nothing is written in the last third: a request takes its time to arrive."""
NEVER = -math.inf

Body = Mapping[str, Any]


def boot_time() -> float:
    """Return seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Lease:
    """What this process knows of the one Lease, and for how long it may rest on it."""

    def __init__(
        self,
        api: ApiServer,
        *,
        namespace: str,
        name: str,
        identity: str,
        duration_seconds: float = 15.0,
        clock: Callable[[], float] = boot_time,
    ) -> None:
        """Take the identity for this process alone; one that starts anew may have it again."""
        self.trouble = ""
        """Why nothing is known of it at present, in words, "" when all is well."""
        self.is_lost = False
        """Whether it was ours and is no more; it does not come back in this process."""
        self._api, self._clock = api, clock
        self._namespace, self._name, self._identity = namespace, name, identity
        self._duration_seconds = duration_seconds
        self._renew_seconds = duration_seconds / RENEWALS
        self._body: Body | None = None
        self._observed_at = self._renewed_at = NEVER
        self._acquired = ""
        """When it became ours, as we wrote it: a twin of our name would have another time."""
        self._waits_for = ""

    @property
    def is_held(self) -> bool:
        """Whether it is ours by our own clock."""
        return self._left() > 0

    def write_seconds(self) -> float:
        """Return for how long a write may still be sent; not at all at 0 or less."""
        return self._renewed_at + self._duration_seconds * WRITING_SHARE - self._clock()

    async def acquire(self) -> None:
        """Wait until it is ours."""
        is_ours = await self._try()
        while not is_ours:
            await asyncio.sleep(self._until_next_try())
            is_ours = await self._try()
        logger.info("The Lease %s/%s is ours", self._namespace, self._name)

    async def keep(self) -> None:
        """Renew it for as long as it is ours; return when it is lost."""
        pause_seconds = self._renew_seconds
        while True:
            await asyncio.sleep(pause_seconds)
            try:
                # Its end is looked at first: this process may have been suspended.
                async with asyncio.timeout(self._left()):
                    is_renewed = self.is_held and await self._try()
            except TimeoutError:
                break
            if not self.is_held or (not is_renewed and self._is_anothers()):
                break
            pause_seconds = self._renew_seconds / (1 if is_renewed else 3)
        reason = self._reason()
        self._renewed_at, self.is_lost = NEVER, True
        logger.critical("The Lease %s/%s is lost: %s", self._namespace, self._name, reason)

    async def release(self) -> None:
        """Give it back where it is ours, so that the next one need not wait for its end."""
        if not self._acquired or self.is_lost:
            return
        self._renewed_at = NEVER
        try:
            await self._give_back()
        except (ApiRefusal, OutsideUnavailable) as failure:
            logger.warning("The Lease %s/%s was not given back: %s",
                           self._namespace, self._name, failure)  # fmt: skip
        self._acquired = ""

    async def _give_back(self) -> None:
        # A claim or a renewal that was cut short may have come through: what is stored counts.
        for _ in range(2):
            if not self._is_ours():
                await self._read()
            if not self._is_ours():
                return
            free = {**self._spec(), "holderIdentity": None, "leaseDurationSeconds": 1}
            try:
                await self._write({**free, "renewTime": _now()})
            except ApiRefusal as refusal:
                if refusal.status_code != 409:
                    raise
                self._body = None
            else:
                return

    async def _try(self) -> bool:
        """Take or renew it where that may be done; return whether that is so."""
        try:
            is_ours = await self._take()
        except (ApiRefusal, OutsideUnavailable) as failure:
            if str(failure) != self.trouble:
                logger.warning("The Lease %s/%s: %s", self._namespace, self._name, failure)
            self.trouble = str(failure)
            return False
        self.trouble = ""
        holder = self._holder()
        if not is_ours and holder != self._waits_for:
            logger.info("Waiting for the Lease %s/%s: %s holds it",
                        self._namespace, self._name, holder or "nobody")  # fmt: skip
        self._waits_for = "" if is_ours else holder
        return is_ours

    async def _take(self) -> bool:
        if not self._is_ours():
            await self._read()
        if self._is_anothers():
            return False
        sent_at = self._clock()
        try:
            self._body = await self._write(self._claim())
        except ApiRefusal as refusal:
            if refusal.status_code not in {404, 409}:
                raise
            self._body = None  # somebody was faster, or has deleted it: it is read anew
            return False
        self._renewed_at = sent_at
        return True

    async def _read(self) -> None:
        call = Call(
            verb="get",
            resource=LEASE.resource,
            method="GET",
            path=LEASE.path(self._namespace, self._name),
        )
        try:
            found = await self._api.call(call)
        except ApiRefusal as refusal:
            if refusal.status_code != 404:
                raise
            found = None
        before, self._body = self._body, found
        if before is None or found is None or found.get("spec") != before.get("spec"):
            self._observed_at = self._clock()

    async def _write(self, spec: Mapping[str, Any]) -> Body:
        is_new = self._body is None
        base = self._body or {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": LEASE.name,
            "metadata": {"namespace": self._namespace, "name": self._name},
        }
        written: Body = await self._api.call(
            Call(
                verb="create" if is_new else "update",
                resource=LEASE.resource,
                method="POST" if is_new else "PUT",
                path=LEASE.path(self._namespace, "" if is_new else self._name),
                body={**base, "spec": spec},
            )
        )
        return written

    def _claim(self) -> dict[str, Any]:
        spec, now = self._spec(), _now()
        transitions = int(spec.get("leaseTransitions") or 0)
        if self._body is not None and self._holder() != self._identity:
            transitions += 1
        if not self._is_ours():
            self._acquired = now
        return {
            **spec,
            "holderIdentity": self._identity,
            "leaseDurationSeconds": math.ceil(self._duration_seconds),
            "acquireTime": self._acquired,
            "renewTime": now,
            "leaseTransitions": transitions,
        }

    def _spec(self) -> Mapping[str, Any]:
        return (self._body or {}).get("spec") or {}

    def _holder(self) -> str:
        return self._spec().get("holderIdentity") or ""

    def _is_ours(self) -> bool:
        since = self._spec().get("acquireTime") or ""
        return (self._holder(), since) == (self._identity, self._acquired)

    def _is_anothers(self) -> bool:
        if not self._holder() or self._is_ours():
            return False
        if self._holder() == self._identity:
            return self.is_held  # a twin has taken it; else it is of a life before this one
        return self._clock() < self._ends_at()

    def _ends_at(self) -> float:
        """Return when the holder's time is over, by our clock."""
        return self._observed_at + float(self._spec().get("leaseDurationSeconds") or 0)

    def _left(self) -> float:
        return self._renewed_at + self._duration_seconds - self._clock()

    def _until_next_try(self) -> float:
        left = self._ends_at() - self._clock()
        return min(left, self._renew_seconds) if left > 0 else self._renew_seconds

    def _reason(self) -> str:
        if self._is_anothers():
            return f"{self._holder()} holds it"
        return self.trouble or "it was not renewed in time"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
