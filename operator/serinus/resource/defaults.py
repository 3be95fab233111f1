"""The cluster's defaults, and the policy in force: what a model says goes before them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from serinus.resource.faults import told, without_nulls
from serinus.resource.objective import Objective
from serinus.resource.rollout import RolloutPolicy
from serinus.resource.verdict import PolicyInForce

OWN, CLUSTER_DEFAULT, BUILT_IN = "spec.rollout", "cluster default", "built in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What holds for models that say nothing of it."""

    objectives: tuple[Objective, ...] | None = None
    """None: those that are built in."""
    policy: Mapping[str, Any] = field(default_factory=dict)
    """Fields of `spec.rollout` as they are written there; the others are built in."""


def read_policy(raw: Any) -> Mapping[str, Any]:
    """Return the cluster's defaults for `spec.rollout`, as they were written.

    Raises:
        ValueError: with the path of every fault.
    """
    written = without_nulls(raw)
    try:
        RolloutPolicy.model_validate_json(to_json(written), strict=True)
    except ValidationError as invalid:
        raise ValueError("; ".join(told(invalid))) from invalid
    return dict(written)


def with_defaults(raw_spec: Mapping[str, Any], defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a spec as it was written, with the cluster's defaults where it says nothing."""
    own = without_nulls(raw_spec.get("rollout") or {})
    if not defaults or not isinstance(own, Mapping):
        return raw_spec
    return {**raw_spec, "rollout": {**defaults, **own}}


def written(policy: RolloutPolicy) -> dict[str, Any]:
    """Return the whole of a policy as people write it."""
    return policy.model_dump(mode="json", by_alias=True, exclude_none=True)


def policy_in_force(
    policy: RolloutPolicy, raw_spec: Mapping[str, Any]
) -> tuple[PolicyInForce, ...]:
    """Return each field of the policy in force, and where it comes from.

    Args:
        policy: with the cluster's defaults.
        raw_spec: as its user wrote it.
    """
    own = without_nulls(raw_spec.get("rollout") or {})
    said = {RolloutPolicy.model_fields[name].alias for name in policy.model_fields_set}
    return tuple(
        PolicyInForce(
            name=name,
            value=_shown(value),
            source=OWN if name in own else CLUSTER_DEFAULT if name in said else BUILT_IN,
        )
        for name, value in written(policy).items()
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{step['weight']} %" for step in value)
    if isinstance(value, dict):
        times = (f"{each['from']}/{each['until']}" for each in value.get("without", ()))
        return f"without {', '.join(times)}"
    return str(value)
