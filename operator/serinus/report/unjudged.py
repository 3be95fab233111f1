"""That nothing is judged, or by a limit that nobody may have meant, is told once a rollout."""

from __future__ import annotations

from serinus.decide.decision import Decision, Happening
from serinus.observe.snapshot import Snapshot
from serinus.report.conditions import Claim
from serinus.resource.bare_shares import bare_shares
from serinus.resource.spec import Spec
from serinus.resource.status import Status

JUDGED, NOTHING_IS_JUDGED = "Judged", "NothingIsJudged"
LIMIT_IS_LARGE = "LimitIsLarge"


def claims_of_judging(spec: Spec, seen: Snapshot) -> tuple[Claim, ...]:
    """Return a condition where no objective in force can keep a version from promotion."""
    if seen.objectives_trouble or not all(each.advisory for each in spec.objectives):
        return ()
    why = "every objective is advisory" if spec.objectives else "there is no objective"
    message = f"{why}: nothing is judged, and a version is promoted by time alone"
    return (Claim(type=JUDGED, is_true=False, reason=NOTHING_IS_JUDGED, message=message),)


def told_of_judging(
    claims: tuple[Claim, ...], spec: Spec, status: Status, decision: Decision
) -> tuple[Happening, ...]:
    """Return warnings, each once a rollout."""
    return (*_nothing_judged(claims, status, decision), *_large_limits(spec, status, decision))


def _large_limits(spec: Spec, status: Status, decision: Decision) -> tuple[Happening, ...]:
    rollout, before = decision.memory.rollout, status.rollout
    is_new = rollout is not None and (before is None or before.id != rollout.id)
    found = bare_shares(spec.objectives) if is_new else ()
    return tuple(Happening(reason=LIMIT_IS_LARGE, message=m, is_warning=True) for m in found)


def _nothing_judged(
    claims: tuple[Claim, ...], status: Status, decision: Decision
) -> tuple[Happening, ...]:
    rollout = decision.memory.rollout
    unjudged = [claim for claim in claims if claim.type == JUDGED]
    if not unjudged or rollout is None or not decision.stable:
        return ()
    is_same = status.rollout is not None and status.rollout.id == rollout.id
    if is_same and any(condition.type == JUDGED for condition in status.conditions):
        return ()
    message = unjudged[0].message
    return (Happening(reason=NOTHING_IS_JUDGED, message=message, is_warning=True),)
