"""The objectives in force: a model's own, those of its templates, or the cluster's defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from serinus.errors import (
    ObjectivesInvalid,
    ObjectiveTemplateMissing,
    ObjectiveTemplateOutOfReach,
    SerinusError,
)
from serinus.resource.faults import told, without_nulls
from serinus.resource.label_terms import FEW_SEGMENTS, MOST_SEGMENTS, segments_of
from serinus.resource.objective import Objective
from serinus.resource.objective_rules import DISTINCT_NAMES
from serinus.resource.objective_template import (
    MOST_OBJECTIVES,
    ObjectiveTemplateSpec,
    TemplateKind,
    TemplateReference,
    filled_in,
    named_arguments,
)
from serinus.resource.segments import by_segment
from serinus.resource.server_rules import can_show, instead
from serinus.resource.spec import Spec
from serinus.servers.preset import preset_of

OWN, CLUSTER_DEFAULT, BUILT_IN = "spec.objectives", "cluster default", "built in"

_LISTED = TypeAdapter(tuple[Objective, ...])


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The templates that could be found, as they were written."""

    specs: Mapping[tuple[TemplateKind, str], Mapping[str, Any]] = field(default_factory=dict)
    """By kind and name."""
    reads_cluster: bool = True
    """Whether ClusterObjectiveTemplates may be read at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Why not every objective that was asked for is known."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectivesInForce:
    """What must hold, all told, as far as it is known."""

    objectives: tuple[Objective, ...]
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each comes from, by its title."""
    trouble: Unresolved | None = None

    def unless(self, refusal: SerinusError | None) -> ObjectivesInForce:
        """Return the same, in trouble where there is nobody who may be asked about them."""
        trouble = self.trouble or _trouble([refusal] if refusal else [])
        return replace(self, trouble=trouble)


def resolve(
    spec: Spec, templates: Templates, defaults: tuple[Objective, ...] | None
) -> ObjectivesInForce:
    """Return the objectives in force.

    A model that names neither objectives nor templates has the cluster's defaults, or where there
    are none those that are built in. What can't be resolved is left out and told: whoever decides
    must not take what is left for all of it.
    """
    if not spec.objective_templates:
        return _without_templates(spec, defaults)
    own = spec.objectives if "objectives" in spec.model_fields_set else ()
    found = {each.title: (each, OWN) for each in own}
    faults: list[SerinusError] = []
    for number, reference in enumerate(spec.objective_templates):
        at = f"spec.objectiveTemplates[{number}]"
        try:
            for each in _instances(at, reference, templates):
                faults.extend(_added(spec, at, reference, each, found))
        except SerinusError as fault:
            faults.append(fault)
    return ObjectivesInForce(
        objectives=tuple(each for each, _ in found.values()),
        sources={title: source for title, (_, source) in found.items()},
        trouble=_trouble(faults),
    )


def in_force(spec: Spec, found: ObjectivesInForce | None) -> Spec:
    """Return the spec as it is decided on: with all objectives in force as its own."""
    objectives = spec.objectives if found is None else found.objectives
    if objectives is spec.objectives and not segments_of(objectives):
        return spec
    return spec.model_copy(update={"objectives": by_segment(objectives)})


def read_objectives(raw: Any) -> tuple[Objective, ...]:
    """Return objectives from JSON, as the API server would take them.

    Raises:
        ValueError: with the path of every fault, beginning at the list.
    """
    try:
        listed = _LISTED.validate_json(to_json(without_nulls(raw)), strict=True)
    except ValidationError as invalid:
        raise ValueError("; ".join(told(invalid))) from invalid
    if len({each.title for each in listed}) < len(listed):
        raise ValueError(f": {DISTINCT_NAMES.message}")
    if len(listed) > MOST_OBJECTIVES:
        raise ValueError(f": more than {MOST_OBJECTIVES} objectives")
    if segments_of(listed) > MOST_SEGMENTS:
        raise ValueError(f": {FEW_SEGMENTS.message}")
    return listed


def _without_templates(spec: Spec, defaults: tuple[Objective, ...] | None) -> ObjectivesInForce:
    if "objectives" in spec.model_fields_set:
        source, listed = OWN, spec.objectives
    elif defaults is not None:
        source, listed = CLUSTER_DEFAULT, defaults
    else:
        source, listed = _of_the_server(spec)
    shown = [each for each in listed if each.preset is None or can_show(spec, each.preset)]
    return ObjectivesInForce(
        objectives=tuple(shown),
        sources={each.title: source for each in shown},
        trouble=_trouble([_not_shown(source, spec, e) for e in listed if e not in shown]),
    )


def _of_the_server(spec: Spec) -> tuple[str, tuple[Objective, ...]]:
    """Those its preset brings, once somebody else is not asked instead; else those of all."""
    written = preset_of(spec.model.server).objectives
    if not written or spec.metrics.source is not None:
        return BUILT_IN, spec.objectives
    return f"preset {spec.model.server}", read_objectives(list(written))


def _not_shown(at: str, spec: Spec, objective: Objective) -> ObjectivesInvalid:
    return ObjectivesInvalid(
        f"{at}: objective {objective.title!r}: model server {spec.model.server} shows nothing to "
        f"tell {objective.preset} by; {instead(str(objective.preset))}"
    )


def _instances(
    at: str, reference: TemplateReference, templates: Templates
) -> tuple[Objective, ...]:
    """Return a template's objectives with the model's arguments filled in.

    Raises:
        SerinusError: there is no such template, or it can't be filled in.
    """
    if reference.kind is TemplateKind.CLUSTER and not templates.reads_cluster:
        raise ObjectiveTemplateOutOfReach(at, str(reference))
    raw = templates.specs.get((reference.kind, reference.name))
    if raw is None:
        raise ObjectiveTemplateMissing(at, str(reference))
    try:
        template = ObjectiveTemplateSpec.model_validate_json(
            to_json(without_nulls(raw)), strict=True
        )
    except ValidationError as invalid:
        faults = "; ".join(told(invalid, "spec"))
        raise ObjectivesInvalid(f"{at}: {reference}: {faults}") from invalid
    args = _arguments(at, reference, template)
    _refuse_undeclared(at, reference, raw, args)
    try:
        return read_objectives(filled_in(list(raw["objectives"]), args))
    except ValueError as invalid:
        said = f"{at}: {reference}: with these arguments, spec.objectives{invalid}"
        raise ObjectivesInvalid(said) from invalid


def _arguments(
    at: str, reference: TemplateReference, template: ObjectiveTemplateSpec
) -> dict[str, str]:
    declared = {each.name: each.value for each in template.args}
    given = {each.name: each.value for each in reference.args}
    surplus = [name for name in given if name not in declared]
    missing = [name for name, value in declared.items() if value is None and name not in given]
    faults = [f"{reference} has no argument {name!r}" for name in surplus]
    faults += [f"{reference} needs a value for argument {name!r}" for name in missing]
    if faults:
        raise ObjectivesInvalid("; ".join(f"{at}.args: {fault}" for fault in faults))
    return {name: value for name, value in {**declared, **given}.items() if value is not None}


def _refuse_undeclared(
    at: str, reference: TemplateReference, raw: Mapping[str, Any], args: Mapping[str, str]
) -> None:
    asked = dict.fromkeys(named_arguments(list(raw["objectives"])))
    unknown = ", ".join(f"$(args.{name})" for name in asked if name not in args)
    if unknown:
        raise ObjectivesInvalid(f"{at}: {reference}: spec.args does not declare {unknown}")


def _added(
    spec: Spec,
    at: str,
    reference: TemplateReference,
    objective: Objective,
    found: dict[str, tuple[Objective, str]],
) -> Iterator[SerinusError]:
    """Add an objective to those found, or yield why it can't be one of them."""
    title = objective.title
    if objective.preset is not None and not can_show(spec, objective.preset):
        yield _not_shown(f"{at}: {reference}", spec, objective)
    elif title in found:
        other = found[title][1]
        yield ObjectivesInvalid(
            f"{at}: {reference} has an objective {title!r}, and so has {other}; names must differ"
        )
    elif segments_of([objective, *(each for each, _ in found.values())]) > MOST_SEGMENTS:
        yield ObjectivesInvalid(f"{at}: {reference}: {FEW_SEGMENTS.message}")
    elif len(found) >= MOST_OBJECTIVES:
        yield ObjectivesInvalid(
            f"{at}: {reference}: more than {MOST_OBJECTIVES} objectives in all"
        )
    else:
        found[title] = objective, f"{reference.kind}/{reference.name}"


def _trouble(faults: Sequence[SerinusError]) -> Unresolved | None:
    if not faults:
        return None
    message = "; ".join(dict.fromkeys(str(fault) for fault in faults))
    return Unresolved(reason=type(faults[0]).__name__, message=message)
