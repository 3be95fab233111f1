"""Whether the operator lives and is ready, judged by what it does and not by being there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_lease import Lease

OVERDUE_SECONDS = 120.0
"""A look may take time-outs and retries; one that is later than this will not come."""
SILENT_SECONDS = 300.0
"""An API server that is away does not get better by our restart; a stuck stream might."""
UNDELIVERED_SECONDS = 120.0
"""How long kopf may owe a version of a resource that our own watch has told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the probes answer from."""

    cluster: Cluster
    lease: Lease
    overdue_seconds: Callable[[], float]
    """By how much the latest look is late."""
    is_started: Callable[[], bool]
    """Whether kopf is at work; it is not before the Lease is ours."""
    clock: Callable[[], float] = field(default=time.monotonic)

    def faults(self) -> tuple[str, ...]:
        """Return why a restart would help, nothing when it would not."""
        overdue, owed = self.overdue_seconds(), self.cluster.resources.undelivered_seconds()
        found: list[str] = []
        if overdue > OVERDUE_SECONDS:
            found.append(f"a look is {overdue:.0f} s late")
        if owed > UNDELIVERED_SECONDS:
            found.append(f"kopf has not delivered a change for {owed:.0f} s")
        found.extend(
            f"the watch of {watch.collected} has not tried anything for {age:.0f} s"
            for watch in self.cluster.watches
            if (age := watch.idle_seconds()) > SILENT_SECONDS
        )
        return tuple(found)

    def missing(self) -> tuple[str, ...]:
        """Return what is not there yet, or not there at present.

        Waiting for the Lease while another holds it is being ready. Were it not, a rolling update
        would wait for the new pod to be ready, and the new pod for the old one to go.
        """
        found = list(self.faults())
        if self.lease.trouble:
            found.append(f"the Lease: {self.lease.trouble}")
        if self.lease.is_held and not self.is_started():
            found.append("kopf has not started")
        found.extend(
            f"the watch of {watch.collected} has not brought anything yet: {watch.trouble}"
            for watch in self.cluster.watches
            if not watch.is_filled
        )
        return tuple(found)
