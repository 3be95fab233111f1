"""The resource MLModelDeployment as asked for by its user."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue, StringConstraints, ValidationError, WithJsonSchema

from serinus.errors import SpecInvalid
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.quantities import Quantity
from serinus.resource.rollout import RolloutPolicy
from serinus.resource.schema import Schema, with_rules
from serinus.resource.traffic import MetricsEndpoint, ObjectName, Port, Traffic

ANY_OBJECT = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
POD_TEMPLATE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "x-kubernetes-preserve-unknown-fields": True,
    "required": ["spec"],
    "properties": {
        "metadata": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "properties": {
                "labels": {
                    "type": "object",
                    "maxProperties": 64,
                    "additionalProperties": {"type": "string", "maxLength": 63},
                }
            },
        },
        "spec": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": True,
            "required": ["containers"],
            "properties": {
                "restartPolicy": {"type": "string", "enum": ["Always"]},
                "containers": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 32,
                    "items": {
                        **ANY_OBJECT,
                        "required": ["name"],
                        "properties": {"name": {"type": "string", "maxLength": 63}},
                    },
                },
            },
        },
    },
}
PodTemplate = Annotated[dict[str, JsonValue], WithJsonSchema(POD_TEMPLATE_SCHEMA)]


class DeletionPolicy(StrEnum):
    """What is left when the resource is deleted."""

    DELETE = "Delete"
    ORPHAN = "Orphan"


class Model(Schema):
    """The machine-learning model: the identity people use for it."""

    version: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$", max_length=63)
    ] = Field(description="The model's version as people say it; shown everywhere.")
    server: Literal["standard"] = Field(
        "standard", description="The model server's preset: it names the metrics to watch."
    )


DEFAULT_OBJECTIVES = (
    Objective(preset=Preset.ERROR_RATE, limit="5%", worse_than_stable=WorseThanStable(by="1%")),
)


class Spec(Schema):
    """What should run, what "good" means for it, and how a new revision is let in."""

    model_config = with_rules(
        (
            "!has(self.objectives) || self.objectives.all(o, self.objectives.exists_one(p, "
            "(has(p.name) ? p.name : p.preset) == (has(o.name) ? o.name : o.preset)))",
            "two objectives have the same name; give one of them another",
        ),
        (
            "!has(self.template.metadata) || !has(self.template.metadata.labels) || "
            "self.template.metadata.labels.all(k, !k.startsWith('serinus.dev/'))",
            "labels serinus.dev/... of the template belong to the operator",
        ),
    )

    replicas: int = Field(1, ge=0, le=1000, description="Pods of the stable revision.")
    model: Model = Field(description="The machine-learning model.")
    template: PodTemplate = Field(description="An ordinary PodTemplateSpec.")
    ports: Annotated[tuple[Port, ...], Field(max_length=8)] = Field(
        (), description="Ports of the Services; the containers' own by default, the first routed."
    )
    metrics: MetricsEndpoint = Field(
        default_factory=MetricsEndpoint, description="Where the model server's metrics are."
    )
    objectives: Annotated[tuple[Objective, ...], Field(max_length=20)] = Field(
        DEFAULT_OBJECTIVES, description="What must hold; an error rate by default."
    )
    rollout: RolloutPolicy = Field(
        default_factory=RolloutPolicy, description="The way from canary to stable."
    )
    traffic: Traffic = Field(description="Who splits the traffic.")
    track_secrets: Annotated[tuple[ObjectName, ...], Field(max_length=16)] = Field(
        (), description="Secrets whose changed content makes a new revision (by keyed digest)."
    )
    deletion_policy: DeletionPolicy = Field(
        DeletionPolicy.DELETE, description="Orphan leaves the last stable serving on deletion."
    )
    revision_history_limit: int = Field(
        5, ge=1, le=20, description="Past revisions that are kept."
    )
    restart_at: Annotated[
        datetime | None, WithJsonSchema({"type": "string", "format": "date-time"})
    ] = Field(None, description="Restart the pods once this time has come; no new revision.")
    skip_analysis: bool = Field(
        False, description="Promote a new revision as soon as it is ready. For emergencies."
    )
    paused: bool = Field(False, description="Decide nothing until this is taken away.")
    dry_run: bool = Field(False, description="Decide and record, move nothing.")


def parse_spec(raw: Mapping[str, Any]) -> Spec:
    """Return the spec, defaults filled in.

    Raises:
        SpecInvalid: with the path and reason of every fault at once.
    """
    try:
        return Spec.model_validate(dict(raw))
    except ValidationError as invalid:
        faults = tuple(
            f"spec.{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in invalid.errors()
        )
        raise SpecInvalid(faults) from invalid


__all__ = ["DeletionPolicy", "Model", "Quantity", "Spec", "parse_spec"]
