"""The resource MLModelDeployment as asked for by its user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints, ValidationError
from pydantic_core import to_json

from serinus.errors import SpecInvalid
from serinus.resource.defaults import with_defaults
from serinus.resource.depth import DEEPEST_SPEC, is_deeper
from serinus.resource.faults import told, without_nulls
from serinus.resource.label_terms import FEW_SEGMENTS
from serinus.resource.model_uri import URI_RULES, ContentDigest, ModelUri
from serinus.resource.names import GROUP
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.objective_rules import DISTINCT_NAMES
from serinus.resource.objective_template import TemplateReference
from serinus.resource.quantities import Moment, Quantity
from serinus.resource.rollout import RolloutPolicy
from serinus.resource.schema import Rule, Schema
from serinus.resource.server_rules import HAS_AN_IMAGE, SERVER_RULES
from serinus.resource.template import PodTemplate, labels_of
from serinus.resource.traffic import MetricsEndpoint, ObjectName, Port, Traffic
from serinus.resource.warmup import Warmup
from serinus.servers.preset import STANDARD, ServerName


class DeletionPolicy(StrEnum):
    """What is left when the resource is deleted."""

    DELETE = "Delete"
    ORPHAN = "Orphan"


class Model(Schema):
    """The machine-learning model: the identity people use for it."""

    rules: ClassVar = URI_RULES

    version: Annotated[
        str,
        StringConstraints(pattern=r"^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$", max_length=63),
    ] = Field(description="The model's version as people say it; shown everywhere.")
    server: ServerName = Field(
        STANDARD,
        description="The model server: its preset knows ports, probes and what its metrics mean.",
    )
    name: (
        Annotated[str, StringConstraints(pattern=r"^[-._:/A-Za-z0-9]+$", max_length=253)] | None
    ) = Field(
        None,
        description="The model's name inside its server: whose readiness and, where its "
        "metrics tell models apart, whose requests count.",
    )
    image: Annotated[str, StringConstraints(min_length=1, max_length=1024)] | None = Field(
        None,
        description="Image of the model's container, where the template has none; the server's "
        "stock image by default where there is a model.uri.",
    )
    uri: ModelUri | None = Field(
        None,
        description="Where its files are, to be mounted read-only at /mnt/models: oci, s3, gs, "
        "azure, hf, pvc or https.",
    )
    digest: ContentDigest | None = Field(
        None,
        description="Digest of the files at model.uri, without which no pod starts; or "
        "unchecked, where they are too large to be read for it. Told in status by default.",
    )
    warmup: Warmup | None = Field(
        None, description="Requests it has to answer before a pod counts as ready."
    )


DEFAULT_OBJECTIVES = (
    Objective(preset=Preset.ERROR_RATE, limit="5%", worse_than_stable=WorseThanStable(by="1%")),
)


def _are_distinct(values: Iterable[object]) -> bool:
    listed = list(values)
    return len(set(listed)) == len(listed)


SPEC_RULES = (
    DISTINCT_NAMES,
    FEW_SEGMENTS,
    Rule(
        "!has(self.ports) || self.ports.all(p, self.ports.exists_one(q, q.name == p.name))",
        "two ports have the same name",
        lambda spec: _are_distinct(port.name for port in spec.ports),
    ),
    Rule(
        "!has(self.ports) || self.ports.all(p, self.ports.exists_one(q, q.port == p.port))",
        "two ports have the same number",
        lambda spec: _are_distinct(port.port for port in spec.ports),
    ),
    Rule(
        "!has(self.template) || !has(self.template.metadata) || "
        "!has(self.template.metadata.labels) || "
        "self.template.metadata.labels.all(k, !k.startsWith('serinus.dev/'))",
        "labels serinus.dev/... of the template belong to the operator",
        lambda spec: not any(label.startswith(f"{GROUP}/") for label in labels_of(spec.template)),
    ),
    HAS_AN_IMAGE,
    *SERVER_RULES,
)


class Spec(Schema):
    """What should run, what "good" means for it, and how a new revision is let in."""

    rules: ClassVar = SPEC_RULES

    replicas: int = Field(1, ge=0, le=1000, description="Pods of the stable revision.")
    model: Model = Field(description="The machine-learning model.")
    template: PodTemplate = Field(
        default_factory=dict,
        description="An ordinary PodTemplateSpec; wins over what the server's preset fills in.",
    )
    ports: Annotated[tuple[Port, ...], Field(max_length=8)] = Field(
        (), description="Ports of the Services; the containers' own by default, the first routed."
    )
    metrics: MetricsEndpoint = Field(
        default_factory=MetricsEndpoint, description="Where the model server's metrics are."
    )
    objectives: Annotated[tuple[Objective, ...], Field(max_length=20)] = Field(
        DEFAULT_OBJECTIVES,
        description="What must hold; with no template either, the cluster's or the server's "
        "defaults do.",
    )
    objective_templates: Annotated[tuple[TemplateReference, ...], Field(max_length=8)] = Field(
        (), description="Templates whose objectives must hold as well."
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
    restart_at: Moment | None = Field(
        None, description="Restart the pods once this time has come; no new revision."
    )
    skip_analysis: bool = Field(
        False, description="Promote a new revision as soon as it is ready. For emergencies."
    )
    paused: bool = Field(False, description="Decide nothing until this is taken away.")
    dry_run: bool = Field(False, description="Decide and record, move nothing.")


def parse_spec(raw: Mapping[str, Any], policy: Mapping[str, Any] | None = None) -> Spec:
    """Return the spec, defaults filled in.

    Args:
        raw: as its user wrote it.
        policy: the cluster's defaults for what `rollout` leaves out.

    Raises:
        SpecInvalid: with the path and reason of every fault at once.
    """
    if is_deeper(raw, DEEPEST_SPEC):
        told_once = f"spec: it is nested too deeply, more than {DEEPEST_SPEC} levels"
        raise SpecInvalid((told_once,))
    raw = with_defaults(raw, policy or {})
    try:
        # As JSON and strictly: the API server coerces nothing, so "3" is no number here either.
        return Spec.model_validate_json(to_json(without_nulls(raw)), strict=True)
    except ValidationError as invalid:
        raise SpecInvalid(told(invalid, "spec")) from invalid


__all__ = ["DeletionPolicy", "Model", "Quantity", "Spec", "parse_spec"]
