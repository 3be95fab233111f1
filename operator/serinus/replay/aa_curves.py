"""The curves of a replay on stable's own pods: its worst good canary, and ones made worse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from serinus.evidence.wealth import Nats
from serinus.evidence.wording import points, stretch
from serinus.replay.aa import Replayed
from serinus.replay.plot import Curve
from serinus.replay.power import made_worse
from serinus.replay.summary import to_fail_by_rate

MINUTE_SECONDS = 60.0


def curves(
    before: str, found: Replayed, log_threshold: float | None, excesses: Sequence[float]
) -> Iterator[Curve]:
    """Yield the pseudo-rollout with the most evidence, then the median one of each regression.

    Args:
        before: every name, to tell policies apart.
        found: the pseudo-rollouts; nothing is drawn of none.
        log_threshold: of a rollback; what the false-rollback rate asks for, where there is none.
        excesses: by how much canaries are made worse.
    """
    if not found.trials:
        return
    to_fail = to_fail_by_rate(found.spec) if log_threshold is None else log_threshold
    evidence = found.evidence()
    worst = evidence[:, int(np.argmax(evidence.max(axis=0)))]
    name = f"{before}the worst of {evidence.shape[1]} good canaries"
    yield _curve(name, found, worst, to_fail)
    for objective, excess, worse in made_worse(found, excesses):
        name = f"{before}{objective} worse by {points(excess)}, the median one"
        yield _curve(name, found, _median(worse, to_fail), to_fail)


def _median(evidence: Nats, to_fail: float) -> Nats:
    """Return the one in the middle: first those that are found, the soonest before the others."""
    beyond = evidence >= to_fail
    minutes = np.where(beyond.any(axis=0), beyond.argmax(axis=0), len(evidence))
    order = np.lexsort((-evidence.max(axis=0), minutes))
    return evidence[:, order[len(order) // 2]]


def _curve(name: str, found: Replayed, evidence: Nats, to_fail: float) -> Curve:
    """It ends with the rollback."""
    beyond = evidence >= to_fail
    minutes = int(beyond.argmax()) + 1 if beyond.any() else len(evidence)
    after = f"rolled back after {stretch(MINUTE_SECONDS * minutes)}"
    times = [MINUTE_SECONDS * minute for minute in range(len(evidence) + 1)]
    begins = [True, *found.course.begins_step[1:]]
    weights = [found.course.weights_percent[found.course.step_at(n)] for n in range(len(begins))]
    return Curve(
        name=name,
        points=list(zip(times, [0.0, *evidence[:minutes].tolist()], strict=False)),
        log_threshold=to_fail,
        steps=[(times[n], weights[n]) for n, is_first in enumerate(begins) if is_first],
        end=after if beyond.any() else "not rolled back",
    )
