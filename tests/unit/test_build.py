"""What can't come about can't be built, so that no test rests on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from serinus.resource.status import TerminalKind
from tests.build import (
    CANARY,
    STABLE,
    Impossible,
    ago,
    drained,
    given,
    memory,
    pods,
    preparing,
    rollout,
    terminal,
)

ROLLBACK, PROMOTE = (terminal(kind) for kind in (TerminalKind.ROLLBACK, TerminalKind.PROMOTE))

IMPOSSIBLE: dict[str, Callable[[], Any]] = {
    "a step that is not in the list": lambda: rollout(step=2),
    "a weight above 100": lambda: rollout(weight=101),
    "an approval of a step to come": lambda: rollout(approved_step=1),
    "traffic without a beginning of evidence": lambda: rollout(evidence_since=None),
    "a step entered before the rollout began": lambda: rollout(step_entered_at=ago(91)),
    "pods asked for in the future": lambda: rollout(capacity_asked_at=ago(-1)),
    "stable as its own canary": lambda: memory(CANARY, rollout=rollout()),
    "a split without stable": lambda: memory("", rollout=rollout()),
    "a canary that drains": lambda: memory(rollout=rollout(), draining=(drained(CANARY, ago(5)),)),
    "a rollback of no rollout": lambda: memory(decision=ROLLBACK),
    "a promotion of no rollout before the swap": lambda: memory(decision=PROMOTE),
    "a rollback of what is stable": lambda: memory(CANARY, decision=ROLLBACK),
    "a decision on another rollout": lambda: memory(
        rollout=rollout(), decision=terminal(TerminalKind.ROLLBACK, revision=STABLE)
    ),
    "more ready pods than pods": lambda: pods(CANARY, 1, 2),
    "a route before anything serves": lambda: given(
        memory=memory("", rollout=preparing()), routed={CANARY: 100}
    ),
}


@pytest.mark.parametrize("sentence", IMPOSSIBLE)
def test_it_is_refused(sentence: str) -> None:
    with pytest.raises(Impossible):
        IMPOSSIBLE[sentence]()


def test_a_promotion_after_its_swap_is_not() -> None:
    assert memory(CANARY, decision=PROMOTE).decision == PROMOTE
