"""`serinus replay aa`: policies on stable's own pods."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from math import isfinite
from pathlib import Path
from typing import Any

from serinus.cli.aa_table import table
from serinus.cli.exits import Ended, ExitCode
from serinus.cli.given import spec_of, write, yaml_of
from serinus.cli.history import Asked, History
from serinus.replay.aa import Model, Replayed, replayed
from serinus.replay.aa_curves import curves
from serinus.replay.by_objective import Alone, by_objective
from serinus.replay.plot import svg
from serinus.replay.power import Found, found
from serinus.replay.summary import calibration_of
from serinus.resource.body import NO_TEMPLATE
from serinus.resource.calibration import Calibration
from serinus.resource.objectives import Templates, in_force, resolve
from serinus.resource.spec import Spec

NO_TRAFFIC = {"gatewayAPI": {"parentRefs": [{"name": "left-out"}]}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What there is to say of one policy."""

    policy: str
    """The name of its file."""
    past: Replayed
    calibration: Calibration
    alone: tuple[Alone, ...]
    regressions: tuple[Found, ...]


def replay_aa(
    asked: Asked,
    files: Sequence[Path],
    namespace: str | None,
    *,
    days: float,
    until: str | None,
    incidents: Sequence[str],
    excesses: Sequence[float],
) -> None:
    """Replay policies on stable's own pods and write what came of it."""
    end = _moment(until) if until else asked.now
    cut = [_stretch(each) for each in incidents]
    told: list[Told] = []
    reference = yaml_of(files[0])
    metadata = reference["metadata"]
    name, spaced = metadata.get("name", ""), namespace or metadata.get("namespace", "default")
    for file in files:
        raw = _spec(reference if file is files[0] else yaml_of(file), reference)
        spec = _decided_by(file, raw)
        if file is files[0]:  # policies are compared on the same past
            cut += [each.unix_seconds for each in spec.rollout.incidents]
        past = partial(_past, (spaced, name), spec, end, days, cut)
        told.append(_told(file.name, asked.with_metrics(raw, past), end, excesses))
    if asked.plot:
        _draw(asked.plot, told, excesses)
    if asked.is_json:
        print(json.dumps([_as_json(each) for each in told], indent=2))
        return
    for each in told:
        _print(each)


async def _past(
    place: tuple[str, str],
    spec: Spec,
    end: datetime,
    days: float,
    incidents: Sequence[tuple[float, float]],
    history: History,
) -> Replayed:
    model = Model(namespace=place[0], name=place[1], labels=history.labels)
    return await replayed(model, spec, history.metrics, end, days=days, incidents=incidents)


def _told(policy: str, past: Replayed, end: datetime, excesses: Sequence[float]) -> Told:
    calibration = calibration_of(past, end)
    threshold = calibration.log_threshold
    return Told(
        policy=policy,
        past=past,
        calibration=calibration,
        alone=tuple(by_objective(past, threshold)),
        regressions=() if threshold is None else tuple(found(past, threshold, excesses)),
    )


def _print(told: Told) -> None:
    print(f"{told.policy}: {told.calibration.message}")
    for line in table(told.alone, told.regressions):
        print(f"  {line}")
    if told.calibration.expected:
        print(f"  expected: {told.calibration.expected}")


def _draw(plot: Path, told: Sequence[Told], excesses: Sequence[float]) -> None:
    drawn = [
        curve
        for each in told
        for curve in curves(
            f"{each.policy}: " if len(told) > 1 else "",
            each.past,
            each.calibration.log_threshold,
            excesses,
        )
    ]
    if not drawn:
        raise Ended(ExitCode.FAILED, f"nothing to draw: {told[0].calibration.message}")
    write(plot, svg("Evidence against stable's own pods, taken for a canary: odds", drawn))


def _as_json(told: Told) -> dict[str, Any]:
    calibration = told.calibration.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "policy": told.policy,
        "calibration": calibration,
        "objectives": [asdict(each) for each in told.alone],
        "regressions": [_finite(asdict(each)) for each in told.regressions],
    }


def _spec(body: Mapping[str, Any], reference: Mapping[str, Any]) -> Mapping[str, Any]:
    """A policy to compare with may leave out whatever is no policy."""
    left_out = {"template": NO_TEMPLATE, "traffic": NO_TRAFFIC, "model": {"version": "-"}}
    return {**left_out, **reference["spec"], **body["spec"]}


def _decided_by(file: Path, raw: Mapping[str, Any]) -> Spec:
    """As the operator does without defaults of a cluster, and without templates."""
    spec = spec_of(file, raw)
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
