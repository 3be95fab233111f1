"""When a calibration is due: at once for a new policy, else once a night, each model in turn.

What is expected of a rollout is told by the traffic of the last day, so it is made anew before one
as well, and while a service is young: then its traffic has only begun.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from serinus.resource.calibration import Calibration
from serinus.resource.status import Memory

NIGHT_SECONDS = 6 * 3600
"""From midnight on, by UTC: what a fleet is spread over."""
YOUNG = timedelta(minutes=5)
"""A service of which so much is known is looked at again at twice the age, and so on."""
FRESH = timedelta(hours=1)
"""Traffic of an hour ago is that of now, to who waits for a rollout to begin."""


def is_due(
    policy: str,
    known: Calibration | None,
    memory: Memory,
    uid: str,
    now: datetime,
    incidents: str = "",
) -> bool:
    """Return whether a policy is to be calibrated now.

    Args:
        policy: its digest.
        known: the newest there is.
        memory: what serves since when, and the rollout that is under way.
        uid: of the resource; tells when in the night.
        now: the time.
        incidents: digest of those that are to be cut out.
    """
    if known is None or (known.policy, known.incidents) != (policy, incidents):
        return True
    if known.at < _latest_turn(uid, now) or _is_before_a_rollout(known, memory):
        return True
    return known.log_threshold is None and _is_outgrown(known, memory, now)


def _is_before_a_rollout(known: Calibration, memory: Memory) -> bool:
    rollout = memory.rollout
    is_to_come = rollout is not None and rollout.evidence_since is None
    return is_to_come and rollout is not None and known.at < rollout.started_at - FRESH


def _is_outgrown(known: Calibration, memory: Memory, now: datetime) -> bool:
    if memory.stable is None:
        return False
    age = max(YOUNG, known.at - memory.stable.since)
    return now - memory.stable.since >= 2 * age


def _latest_turn(uid: str, now: datetime) -> datetime:
    into_the_night = int.from_bytes(sha256(uid.encode()).digest()[:4]) % NIGHT_SECONDS
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    turn = midnight + timedelta(seconds=into_the_night)
    return turn if turn <= now else turn - timedelta(days=1)
