"""A vigil: has the stable version got worse than it was, asked at every look for ever.

The e-Shiryaev-Roberts statistic (Shin, Ramdas & Rinaldo, arXiv 2203.03532): each alternative's
sum over all times of onset of the product of e-values since. While nothing has changed it takes
as many looks on average to reach a number as the number says, or more.
"""

from __future__ import annotations

import numpy as np

from serinus.evidence.ceiling import MULTIPLES, log_ceiling_values
from serinus.evidence.wealth import Nats

MOST = 700.0
"""A logarithm beyond this is told as it is; there is nothing to add."""


def nothing_kept(batch: int) -> Nats:
    """Return the statistic before the first look: the logarithm of zero for each alternative."""
    return np.full((batch, len(MULTIPLES)), -np.inf)


def watched(kept: Nats, bad: Nats, total: Nats, baseline: Nats, *, dispersion: Nats) -> Nats:
    """Return the statistic after a look: M becomes (1 + M) × e, in logarithms.

    Args:
        kept: the statistic before: (batch, alternatives).
        bad: bad events since the last look: (batch,).
        total: all events.
        baseline: the rate that is no worse than it was.
        dispersion: squared coefficient of variation of a look's own effect.
    """
    values = log_ceiling_values(bad, total, baseline, dispersion=dispersion)
    grown: Nats = np.minimum(np.logaddexp(0.0, kept) + values, MOST)
    return np.where((total > 0)[:, None], grown, kept)


def log_alarm(kept: Nats) -> Nats:
    """Return the mean over alternatives; an alarm is due at log(looks between false ones)."""
    high = np.max(kept, axis=1)
    base = np.where(np.isfinite(high), high, 0.0)
    with np.errstate(divide="ignore"):
        alarm: Nats = base + np.log(np.mean(np.exp(kept - base[:, None]), axis=1))
    return alarm
