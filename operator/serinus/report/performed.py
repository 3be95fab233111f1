"""What became of the writes, as people are told it: what was refused, and what was undone."""

from __future__ import annotations

from collections.abc import Iterator

from serinus.act.perform import Outcome
from serinus.act.plan import Apply
from serinus.decide.decision import Happening
from serinus.errors import OutsideUnavailable
from serinus.observe.snapshot import Snapshot
from serinus.report.conditions import LONGEST_MESSAGE
from serinus.resource.names import APPLIED_ANNOTATION, PLURAL
from serinus.resource.status import Status


def told_of_the_writes(outcome: Outcome, status: Status, seen: Snapshot) -> tuple[Happening, ...]:
    """Return what is to be told: a refusal once, an undone scaling as long as somebody scales."""
    return (*_refused(outcome, status), *_scaled_back(outcome, seen))


def _refused(outcome: Outcome, status: Status) -> tuple[Happening, ...]:
    told = [each for each in outcome.failures if not isinstance(each, OutsideUnavailable)]
    words = Outcome(failures=tuple(told)).words
    if not told or words[:LONGEST_MESSAGE] in status.message:
        return ()
    return (Happening(reason=type(told[0]).__name__, message=words, is_warning=True),)


def _scaled_back(outcome: Outcome, seen: Snapshot) -> Iterator[Happening]:
    for action in outcome.done:
        if not isinstance(action, Apply) or action.kind != "Deployment":
            continue
        live = seen.children.objects.get((action.kind, action.name))
        written = action.manifest["metadata"]["annotations"][APPLIED_ANNOTATION]
        if live is None or not live.is_edited or live.applied != written:
            continue
        size, found = action.manifest["spec"]["replicas"], seen.children.workload_sizes
        if found.get(action.revision, size) != size:
            message = (
                f"somebody else scaled Deployment {action.name!r} to {found[action.revision]}, "
                f"and it is {size} again: scale the model instead, by kubectl scale {PLURAL} "
                f"{seen.name}, or by an autoscaler whose scaleTargetRef it is"
            )
            yield Happening(reason="ScaledBack", message=message, is_warning=True)
