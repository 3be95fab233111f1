"""When a calibration is due: at once for a new policy, else once a night, each model in turn."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from serinus.resource.calibration import Calibration

NIGHT_SECONDS = 6 * 3600
"""From midnight on, by UTC: what a fleet is spread over."""


def is_due(policy: str, known: Calibration | None, uid: str, now: datetime) -> bool:
    """Return whether a policy is to be calibrated now.

    Args:
        policy: its digest.
        known: the newest there is.
        uid: of the resource; tells when in the night.
        now: the time.
    """
    if known is None or known.policy != policy:
        return True
    return known.at < _latest_turn(uid, now)


def _latest_turn(uid: str, now: datetime) -> datetime:
    into_the_night = int.from_bytes(sha256(uid.encode()).digest()[:4]) % NIGHT_SECONDS
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    turn = midnight + timedelta(seconds=into_the_night)
    return turn if turn <= now else turn - timedelta(days=1)
