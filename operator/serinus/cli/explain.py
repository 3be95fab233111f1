"""What decides a rollout: objectives in force, error rates, and what the past says of them."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from serinus.cli.show import objectives_table
from serinus.resource.body import Resource
from serinus.resource.rollout import Advance, RolloutPolicy
from serinus.resource.status import Status

NO_CALIBRATION = (
    "not calibrated yet: the operator replays the policy on stable's own past once that serves"
)


def explanation(resource: Resource, status: Status) -> RenderableType:
    """Return the policy in words, before a rollout as well as during one."""
    policy = RolloutPolicy.model_validate(resource.raw_spec.get("rollout") or {})
    parts: list[RenderableType] = [Text(f"{resource.name} in {resource.namespace}", style="bold")]
    for title, lines in (
        ("Steps", _steps(policy)),
        ("Error rates", _rates(policy, status)),
        ("Time to a verdict", _expected(status)),
    ):
        told = list(lines)
        if told:
            parts += [Text(f"\n{title}", style="bold"), *(Text(f"  {line}") for line in told)]
    table = objectives_table(status)
    if table.row_count:
        parts += [Text("\nObjectives", style="bold"), table]
    return Group(*parts)


def _steps(policy: RolloutPolicy) -> Iterator[str]:
    weights = ", ".join(f"{step.weight} %" for step in policy.steps)
    by = "by evidence" if policy.advance is Advance.EVIDENCE else "by time and failure counts"
    yield f"{weights}, then all of the traffic; {by}, for {policy.max_duration / 60:g} min at most"


def _rates(policy: RolloutPolicy, status: Status) -> Iterator[str]:
    if policy.advance is not Advance.EVIDENCE:
        return
    yield f"a good canary is rolled back with a chance of at most {policy.false_rollback_rate}"
    yield f"a bad one is promoted with a chance of at most {policy.false_promote_rate}"
    known = status.calibration
    yield f"{known.message} ({known.at:%F %H:%M} UTC)" if known else NO_CALIBRATION


def _expected(status: Status) -> Iterator[str]:
    if status.calibration:
        yield from filter(None, status.calibration.expected.split("; "))
