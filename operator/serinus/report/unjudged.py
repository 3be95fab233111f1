"""That nothing is judged is told: a version that is promoted by time alone has proven nothing."""

from __future__ import annotations

from serinus.decide.decision import Decision, Happening
from serinus.observe.snapshot import Snapshot
from serinus.report.conditions import Claim
from serinus.resource.spec import Spec
from serinus.resource.status import Status

JUDGED, NOTHING_IS_JUDGED = "Judged", "NothingIsJudged"


def claims_of_judging(spec: Spec, seen: Snapshot) -> tuple[Claim, ...]:
    """Return a condition where no objective in force can keep a version from promotion."""
    if seen.objectives_trouble or not all(each.advisory for each in spec.objectives):
        return ()
    why = "every objective is advisory" if spec.objectives else "there is no objective"
    message = f"{why}: nothing is judged, and a version is promoted by time alone"
    return (Claim(type=JUDGED, is_true=False, reason=NOTHING_IS_JUDGED, message=message),)


def told_of_judging(
    claims: tuple[Claim, ...], status: Status, decision: Decision
) -> tuple[Happening, ...]:
    """Return a warning, once a rollout."""
    rollout = decision.memory.rollout
    unjudged = [claim for claim in claims if claim.type == JUDGED]
    if not unjudged or rollout is None or not decision.stable:
        return ()
    is_same = status.rollout is not None and status.rollout.id == rollout.id
    if is_same and any(condition.type == JUDGED for condition in status.conditions):
        return ()
    message = unjudged[0].message
    return (Happening(reason=NOTHING_IS_JUDGED, message=message, is_warning=True),)
