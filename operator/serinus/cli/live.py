"""The time to a verdict by live traffic: that of the last hour, as Prometheus has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from serinus.cli.exits import Ended, ExitCode
from serinus.cli.history import Asked, History
from serinus.errors import SpecInvalid
from serinus.evidence.policy import policy_digest
from serinus.observe.past import PAST_SECONDS
from serinus.replay.aa import Model, replayed
from serinus.resource.body import Resource
from serinus.resource.defaults import CLUSTER_DEFAULT
from serinus.resource.objective_template import TemplateKind
from serinus.resource.objectives import CLUSTER_DEFAULT as DEFAULT_OBJECTIVES
from serinus.resource.objectives import Templates, in_force, resolve
from serinus.resource.spec import Spec, parse_spec
from serinus.resource.status import Status

LAST_MINUTES = 60
DAYS = (PAST_SECONDS + 60 * LAST_MINUTES) / (24 * 3600)
"""The hours before say how much counts vary, as they would to a rollout that begins now."""


TemplateReader = Callable[[TemplateKind, str], Mapping[str, Any] | None]
"""Returns the spec of a template that the resource may refer to, None where there is none."""


def live(resource: Resource, status: Status, prometheus: str, template: TemplateReader) -> str:
    """Return when a regression would show, as `status.calibration.expected` has it.

    Args:
        resource: as it was written.
        status: as the operator left it.
        prometheus: base URL of who is asked.
        template: reads one that the resource refers to.

    Raises:
        Ended: it can't be told; the message says why.
    """
    if any(each.source == DEFAULT_OBJECTIVES for each in status.objectives):
        why = "the cluster's default objectives are known to the operator alone"
        raise Ended(ExitCode.USAGE, f"{why}; `explain` without --prometheus tells of them")
    try:
        own = parse_spec(resource.raw_spec, _of_the_cluster(status))
    except SpecInvalid as invalid:
        message = f"{resource.name}: the spec can't be followed: {invalid}"
        raise Ended(ExitCode.FAILED, message) from invalid
    spec = _decided_by(own, template)
    asked = Asked(recording=None, prometheus=prometheus, is_json=False)
    return asked.with_metrics(resource.raw_spec, partial(_expected, asked, resource, status, spec))


async def _expected(
    asked: Asked, resource: Resource, status: Status, spec: Spec, history: History
) -> str:
    model = Model(namespace=resource.namespace, name=resource.name, labels=history.labels)
    past = await replayed(model, spec, history.metrics, asked.now, days=DAYS)
    known = status.calibration
    is_in_force = known is not None and known.policy == policy_digest(spec)
    return past.expected(known.log_threshold if known and is_in_force else None, LAST_MINUTES)


def _decided_by(spec: Spec, template: TemplateReader) -> Spec:
    """As the operator does, with the templates as they are now."""
    references = [(each.kind, each.name) for each in spec.objective_templates]
    read = {each: template(*each) for each in dict.fromkeys(references)}
    specs = {each: found for each, found in read.items() if found is not None}
    objectives = resolve(spec, Templates(specs=specs), None)
    if objectives.trouble:
        raise Ended(ExitCode.FAILED, objectives.trouble.message)
    return in_force(spec, objectives)


def _of_the_cluster(status: Status) -> Mapping[str, Any]:
    """Return the cluster's defaults for rollouts, as far as the status tells them."""
    told = {each.name: each.value for each in status.policy if each.source == CLUSTER_DEFAULT}
    told.pop("calibration", "")
    steps = told.pop("steps", "")
    weights = [{"weight": int(each.removesuffix(" %"))} for each in steps.split(", ") if each]
    return {**told, **({"steps": weights} if weights else {})}
