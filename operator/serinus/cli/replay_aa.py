"""`serinus replay aa`: policies on stable's own pods."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from serinus.cli.exits import Ended, ExitCode
from serinus.cli.history import Asked, History, yaml_of
from serinus.evidence.wording import percent, points, stretch
from serinus.replay.aa import Model, replayed
from serinus.replay.power import Found, found
from serinus.replay.summary import calibration_of
from serinus.report.record import NO_TEMPLATE
from serinus.resource.calibration import Calibration
from serinus.resource.objectives import Templates, in_force, resolve
from serinus.resource.quantities import parse_share
from serinus.resource.spec import Spec, parse_spec

NO_TRAFFIC = {"gatewayAPI": {"parentRefs": [{"name": "left-out"}]}}


def replay_aa(
    asked: Asked,
    files: Sequence[Path],
    namespace: str | None,
    *,
    days: float,
    until: str | None,
    incidents: Sequence[str],
    excesses: Sequence[str],
) -> None:
    """Replay policies on stable's own pods and write what came of it."""
    end = _moment(until) if until else asked.now
    cut = [_stretch(each) for each in incidents]
    parts = [parse_share(each) for each in excesses]
    told = []
    reference = yaml_of(files[0])
    metadata = reference.get("metadata") or {}
    name, spaced = metadata.get("name", ""), namespace or metadata.get("namespace", "default")
    for file in files:
        raw = _spec(reference if file is files[0] else yaml_of(file), reference)
        spec = _decided_by(file, raw)
        if file is files[0]:  # policies are compared on the same past
            cut += [each.unix_seconds for each in spec.rollout.incidents]
        work = partial(_aa, (spaced, name), spec, end, days, cut, parts)
        told.append((file.name, *asked.with_metrics(raw, work)))
    if asked.is_json:
        print(json.dumps([_aa_as_json(*each) for each in told], indent=2))
        return
    for policy, calibration, regressions in told:
        print(f"{policy}: {calibration.message}")
        for each in regressions:
            print(f"  {_in_words(each)}")
        if calibration.expected:
            print(f"  expected: {calibration.expected}")


async def _aa(
    place: tuple[str, str],
    spec: Spec,
    end: datetime,
    days: float,
    incidents: Sequence[tuple[float, float]],
    excesses: Sequence[float],
    history: History,
) -> tuple[Calibration, list[Found]]:
    model = Model(namespace=place[0], name=place[1], labels=history.labels)
    past = await replayed(model, spec, history.metrics, end, days=days, incidents=incidents)
    calibration = calibration_of(past, end)
    threshold = calibration.log_threshold
    return calibration, [] if threshold is None else found(past, threshold, excesses)


def _in_words(each: Found) -> str:
    what = f"{each.objective}: a {points(each.excess).split()[0]}-point regression"
    if not isfinite(each.median_minutes):
        return f"{what} is found in {percent(each.found_share)}"
    late = f" (90 %: {stretch(60 * each.late_minutes)})" if isfinite(each.late_minutes) else ""
    seen = f"{what} is seen in {stretch(60 * each.median_minutes)}{late}"
    return seen if each.found_share > 0.995 else f"{seen}, in {percent(each.found_share)}"


def _aa_as_json(
    policy: str, calibration: Calibration, regressions: Sequence[Found]
) -> dict[str, Any]:
    return {
        "policy": policy,
        "calibration": calibration.model_dump(mode="json", by_alias=True, exclude_none=True),
        "regressions": [_finite(asdict(each)) for each in regressions],
    }


def _spec(body: Mapping[str, Any], reference: Mapping[str, Any]) -> Mapping[str, Any]:
    """A policy to compare with may leave out whatever is no policy."""
    left_out = {"template": NO_TEMPLATE, "traffic": NO_TRAFFIC, "model": {"version": "-"}}
    return {**left_out, **(reference.get("spec") or {}), **(body.get("spec") or {})}


def _decided_by(file: Path, raw: Mapping[str, Any]) -> Spec:
    """As the operator does without defaults of a cluster, and without templates."""
    spec = parse_spec(raw)
    objectives = resolve(spec, Templates(), None)
    if objectives.trouble:
        raise Ended(ExitCode.USAGE, f"{file}: {objectives.trouble.message}")
    return in_force(spec, objectives)


def _stretch(text: str) -> tuple[float, float]:
    since, _, until = text.partition("/")
    return _moment(since).timestamp(), _moment(until).timestamp()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Ended(ExitCode.USAGE, f"{text!r} is no time such as 2026-01-05T12:00Z") from wrong
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _finite(fields: Mapping[str, Any]) -> dict[str, Any]:
    """JSON has no infinity."""
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in fields.items()
    }
