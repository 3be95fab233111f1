"""What decides a rollout: what is in force, by default too, and what the past says of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from serinus.cli.known import field_text
from serinus.errors import SpecInvalid
from serinus.resource.bare_shares import bare_shares
from serinus.resource.body import Resource
from serinus.resource.defaults import OWN as ITS_OWN
from serinus.resource.objectives import OWN
from serinus.resource.quantities import format_duration
from serinus.resource.rollout import Advance, RolloutPolicy, Threshold
from serinus.resource.spec import Spec, parse_spec
from serinus.resource.status import Status
from serinus.servers.filling import additions, filled, metrics_place
from serinus.servers.preset import preset_of, source_of

NO_CALIBRATION = (
    "not calibrated yet: the operator replays the policy on stable's own past once that serves"
)

BY_LIVE_TRAFFIC = "--prometheus URL tells it by that of the last hour"


def explained(resource: Resource, status: Status, live: str | None = None) -> str:
    """Return the defaults in force, and where each comes from.

    Args:
        resource: as it was written.
        status: as the operator left it.
        live: when a regression would show by live traffic, where that was asked for.
    """
    try:
        spec = parse_spec(resource.raw_spec)
    except SpecInvalid as invalid:
        return f"{resource.name}: the spec can't be followed: {invalid}"
    title = preset_of(spec.model.server).title
    return "\n".join(
        (
            f"{resource.name} is on {spec.model.server}: {title}",
            *_section("Objectives in force", _objectives(status)),
            *_section("Drift, worst first", _drift(status)),
            *_section("Steps", _steps(spec.rollout, status)),
            *_section("Error rates", _rates(spec.rollout, status)),
            *_section("Time to a verdict", _expected(status, live)),
            *_section("Rollout, as nothing else is said", _rollout(spec.rollout, status)),
            *_section("Filled in for the model's container", _pod(spec)),
            *_section("Metrics", _metrics(spec)),
            *_section("To know", _notes(spec)),
            "",
            "A revision that runs keeps what was filled in when it was first seen.",
        )
    )


def _section(title: str, lines: Iterator[str]) -> list[str]:
    written = [f"  {line}" for line in lines]
    return ["", f"{title}:", *written] if written else []


def _objectives(status: Status) -> Iterator[str]:
    if not status.objectives:
        yield "the operator has not looked at it yet"
    for each in status.objectives:
        source = "its own" if each.source == OWN else f"from: {each.source}"
        advisory = " (advisory: shown, decides nothing)" if each.advisory else ""
        yield f"{each.name}: {each.limit}{advisory}; {source}"


def _drift(status: Status) -> Iterator[str]:
    """What moved furthest, of each objective that tells."""
    for verdict in status.verdicts:
        for each in verdict.features or ():
            distance = "not told yet" if each.distance is None else f"{each.distance:.3g}"
            drifted = ", drifted" if each.is_drifted else ""
            told = f"{each.feature} {distance}{drifted} ({each.samples:,} values)"
            yield f"{verdict.objective}: {told}"


def _in_force(status: Status, name: str, otherwise: str) -> str:
    """Return a field of the policy as the operator told it, with the cluster's defaults."""
    return next((each.value for each in status.policy if each.name == name), otherwise)


def _steps(policy: RolloutPolicy, status: Status) -> Iterator[str]:
    own = ", ".join(f"{step.weight} %" for step in policy.steps)
    by = "by evidence" if _is_by_evidence(policy, status) else "by time and failure counts"
    longest = _in_force(status, "maxDuration", format_duration(policy.max_duration))
    steps = _in_force(status, "steps", own)
    yield f"{steps}, then all of the traffic; {by}, for {longest} at most"


def _is_by_evidence(policy: RolloutPolicy, status: Status) -> bool:
    return _in_force(status, "advance", policy.advance) == Advance.EVIDENCE


def _rates(policy: RolloutPolicy, status: Status) -> Iterator[str]:
    if not _is_by_evidence(policy, status):
        return
    rollback = _in_force(status, "falseRollbackRate", policy.false_rollback_rate)
    promote = _in_force(status, "falsePromoteRate", policy.false_promote_rate)
    yield f"a good canary is rolled back with a chance of at most {rollback}"
    yield f"a bad one is promoted with a chance of at most {promote}"
    if _in_force(status, "threshold", policy.threshold) == Threshold.SIMULATED:
        longest = _in_force(status, "maxDuration", format_duration(policy.max_duration))
        yield f"the threshold of a share is simulated for {longest}: each verdict says which it is"
    known = status.calibration
    yield f"{known.message} ({known.at:%F %H:%M} UTC)" if known else NO_CALIBRATION


def _expected(status: Status, live: str | None) -> Iterator[str]:
    known = status.calibration
    told = live if live is not None else known.expected if known else ""
    yield from filter(None, told.split("; "))
    if live is not None:
        yield "by the traffic of the last hour"
    elif known and told:
        yield f"by the traffic of the day before {known.at:%F %H:%M} UTC; {BY_LIVE_TRAFFIC}"


def _rollout(policy: RolloutPolicy, status: Status) -> Iterator[str]:
    """Fields that are not written, as they are."""
    if status.policy:
        yield from (
            f"{p.name}: {p.value}; {p.source}" for p in status.policy if p.source != ITS_OWN
        )
        return
    for name, field in RolloutPolicy.model_fields.items():
        if name in policy.model_fields_set:
            continue
        value = getattr(policy, name)
        if name == "steps":
            yield "steps: " + ", ".join(f"{step.weight} %" for step in policy.steps)
        elif isinstance(value, float):
            yield f"{field.alias or name}: {format_duration(value)}"
        elif value is not None:
            yield f"{field.alias or name}: {value}"


def _pod(spec: Spec) -> Iterator[str]:
    for name, value in additions(spec.template, spec.model.server, **_asked(spec)).items():
        yield f"{name}: {field_text(value)}"


def _asked(spec: Spec) -> dict[str, Any]:
    model = spec.model
    has_files = model.uri is not None
    return {"image": model.image, "served_name": model.name, "has_files": has_files}


def _metrics(spec: Spec) -> Iterator[str]:
    template = filled(spec.template, spec.model.server, **_asked(spec))
    port, path = metrics_place(template, spec.model.server, spec.metrics.source)
    yield f"port {spec.metrics.port or port}, path {spec.metrics.path or path}"
    if spec.metrics.source is not None:
        yield f"requests are told by {spec.metrics.source}: {source_of(spec.metrics.source).title}"


def _notes(spec: Spec) -> Iterator[str]:
    yield from bare_shares(spec.objectives)
    server, source = preset_of(spec.model.server), spec.metrics.source
    asked = server if source is None else source_of(source)
    if asked.needs:
        yield f"needs {asked.needs}"
    yield from asked.traps
