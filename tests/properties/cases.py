"""Any consistent case there may be: spec, memory and picture drawn together."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from serinus.resource.names import COMMANDS
from serinus.resource.spec import Spec
from serinus.resource.status import Fate, Memory, Rollout, TerminalKind
from tests.build import (
    CANARY,
    MODEL,
    STABLE,
    THIRD,
    Given,
    ago,
    drained,
    given,
    memory,
    record,
    rollout,
    spec,
    terminal,
)

QUICK = settings(max_examples=settings().max_examples // 2)
"""Cases are dear to draw; the thorough profile draws more."""
KINDS = ("none", "first", "steady", "rollout", "end", "swapped")
ON_THE_WAY = ("rollout",)
VALUES = ("pass", "undecided", "fail")
PAUSES: tuple[dict[str, str] | None, ...] = (
    None,
    None,
    None,
    None,
    {},
    {"duration": "20s"},
    {"duration": "10m"},
)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    """A spec with up to four steps in rising order."""
    weights = sorted(draw(st.lists(st.integers(0, 100), min_size=1, max_size=4)))
    steps = [
        {"weight": weight} | ({"pause": pause} if pause is not None else {})
        for weight, pause in ((weight, draw(st.sampled_from(PAUSES))) for weight in weights)
    ]
    policy = {
        "steps": steps,
        "minTime": draw(st.sampled_from(("0s", "30s", "10m"))),
        "maxDuration": draw(st.sampled_from(("1m", "30m"))),
        "onInconclusive": draw(st.sampled_from(("hold", "promote", "rollback"))),
        "progressDeadline": draw(st.sampled_from(("60s", "600s"))),
    }
    switches: dict[str, Any] = {
        name: True
        for name in ("paused", "skipAnalysis")
        if draw(st.sampled_from((*[False] * 12, True)))
    }
    return spec(replicas=draw(st.integers(0, 10)), rollout=policy, **switches)


@st.composite
def rollouts(draw: st.DrawFn, asked: Spec, *, has_stable: bool) -> Rollout:
    """A rollout on any step of the spec's own list, or of the one before it was edited."""
    count = draw(st.sampled_from((*[len(asked.rollout.steps)] * 4, draw(st.integers(1, 5)))))
    moments = sorted(draw(st.lists(st.integers(0, 2000), min_size=4, max_size=4)), reverse=True)
    started, evidence, first, second = (ago(seconds) for seconds in moments)
    entered, capacity = draw(st.permutations((first, second)))
    weight = draw(st.sampled_from((0, 1, 10, 50, 100))) if has_stable else 0
    is_entered = has_stable and draw(st.sampled_from((True, True, False)))
    step = draw(st.integers(0, count - 1)) if has_stable else 0
    return rollout(
        started_at=started,
        weight=weight,
        step=step,
        steps=count,
        step_entered_at=entered if is_entered else None,
        capacity_asked_at=capacity,
        evidence_since=evidence if weight or (is_entered and draw(st.booleans())) else None,
        approved_step=draw(st.integers(-1, step)),
        revivals=draw(st.integers(0, 3)),
        waited_seconds=draw(st.sampled_from((0.0, 100.0))),
        waiting_since=draw(st.none() | st.just(second)),
    )


@st.composite
def memories(draw: st.DrawFn, asked: Spec, kinds: tuple[str, ...]) -> Memory:
    """Nothing yet, a first revision, a steady one, a rollout, or one of the two ends of it."""
    kind = draw(st.sampled_from(kinds))
    gone = draw(st.sampled_from(((), (drained(THIRD, ago(5)),), (drained(THIRD, ago(50)),))))
    past = draw(st.sampled_from(((), (record(CANARY, Fate.ROLLED_BACK),))))
    if kind == "none":
        return memory("")
    if kind == "first":
        return memory("", rollout=draw(rollouts(asked, has_stable=False)))
    if kind == "steady":
        return memory(draining=gone, history=past)
    if kind == "swapped":
        return memory(CANARY, decision=terminal(TerminalKind.PROMOTE), draining=gone)
    under_way = draw(rollouts(asked, has_stable=True))
    if kind == "rollout":
        return memory(rollout=under_way, draining=gone, history=past)
    end = draw(st.sampled_from(TerminalKind))
    if end is TerminalKind.ROLLBACK:
        under_way = under_way.model_copy(update={"weight": 0})
    return memory(rollout=under_way, decision=terminal(end), draining=gone)


@st.composite
def sights(draw: st.DrawFn, known: Memory) -> dict[str, Any]:
    """Pods, route and Services in any state."""
    at_work = [known.stable.revision] if known.stable else []
    at_work += [known.rollout.revision] if known.rollout else []
    sizes = {digest: draw(st.sampled_from((10, 10, 12, 4, 1, 0))) for digest in at_work}
    crashing = {d: min(n, draw(st.sampled_from((*[0] * 9, 1)))) for d, n in sizes.items()}
    missing = {d: draw(st.sampled_from((*[0] * 7, 1, n))) for d, n in sizes.items()}
    ready = {d: max(0, n - crashing[d] - missing[d]) for d, n in sizes.items()}
    seen: dict[str, Any] = {"sizes": sizes, "crashing": crashing, "ready": ready}
    if known.stable is not None:
        seen["is_programmed"] = draw(st.booleans())
        if known.rollout is not None:
            weight = draw(st.sampled_from((0, known.rollout.weight, 100)))
            seen["routed"] = {at_work[0]: 100 - weight, at_work[1]: weight}
        if draw(st.booleans()):
            seen["behind"] = {MODEL: frozenset({"fraud-of-old"})}
    return seen


@st.composite
def cases(
    draw: st.DrawFn,
    kinds: tuple[str, ...] = KINDS,
    verdicts: tuple[str, ...] = VALUES,
    *,
    talks: bool = True,
) -> Given:
    """A case with any evidence of some verdicts, and whatever people say in it."""
    asked = draw(specs())
    known = draw(memories(asked, kinds))
    revisions = st.sampled_from((CANARY, CANARY, STABLE, THIRD))
    said_by: st.SearchStrategy[dict[str, str]] = st.just({})
    words = said_by | st.dictionaries(st.sampled_from(COMMANDS), revisions, max_size=2)
    said = draw(st.just(()) | st.tuples(*[st.sampled_from(verdicts)] * 2))
    return given(
        spec=asked,
        memory=known,
        verdicts=said,
        wants=draw(st.sampled_from((*[CANARY] * 9, STABLE, THIRD, None))),
        commands=draw(words) if talks else {},
        trouble=draw(st.sampled_from(("", "", "", "Prometheus does not answer"))),
        **draw(sights(known)),
    )
