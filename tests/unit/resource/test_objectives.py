"""The objectives in force: all that was asked for, where each comes from, and what is missing."""

from typing import Any

import pytest

from serinus.resource.objective_template import TemplateKind
from serinus.resource.objectives import (
    ObjectivesInForce,
    Templates,
    in_force,
    read_objectives,
    resolve,
)
from serinus.resource.segments import by_segment
from serinus.resource.spec import parse_spec
from serinus.signals.blocks import objective_key
from tests.unit.resource.manifests import spec

NAMESPACED, CLUSTER = TemplateKind.NAMESPACED, TemplateKind.CLUSTER
ERRORS = {"preset": "error-rate", "limit": "2%"}
SLOW = {"preset": "latency", "limit": "$(args.limit)"}
SERVING = {
    "args": [{"name": "limit", "value": "250ms"}],
    "objectives": [SLOW, {"preset": "null-outputs", "limit": "1%"}],
}


def resolved(
    templates: dict[tuple[TemplateKind, str], dict[str, Any]] | None = None,
    *,
    defaults: Any = None,
    reads_cluster: bool = True,
    **fields: Any,
) -> ObjectivesInForce:
    asked = parse_spec(spec(**fields))
    seen = Templates(specs=templates or {}, reads_cluster=reads_cluster)
    return resolve(asked, seen, None if defaults is None else read_objectives(defaults))


def reference(name: str = "serving", **args: str) -> dict[str, Any]:
    return {"name": name, "args": [{"name": n, "value": v} for n, v in args.items()]}


def test_a_model_has_its_own_objectives_and_those_of_its_templates() -> None:
    found = resolved(
        {(NAMESPACED, "serving"): SERVING},
        objectives=[ERRORS],
        objectiveTemplates=[reference(limit="100ms")],
    )
    assert found.trouble is None
    assert [(o.title, o.limit) for o in found.objectives] == [
        ("error-rate", "2%"),
        ("latency", "100ms"),
        ("null-outputs", "1%"),
    ]
    assert found.sources == {
        "error-rate": "spec.objectives",
        "latency": "ObjectiveTemplate/serving",
        "null-outputs": "ObjectiveTemplate/serving",
    }


def test_a_template_takes_the_place_of_the_defaults() -> None:
    found = resolved({(NAMESPACED, "serving"): SERVING}, objectiveTemplates=[reference()])
    assert [(o.title, o.limit) for o in found.objectives] == [
        ("latency", "250ms"),
        ("null-outputs", "1%"),
    ]


def test_one_template_may_hold_twice_under_two_names() -> None:
    tail = {"preset": "latency", "name": "p$(args.percent)", "quantile": "0.$(args.percent)"}
    template = {
        "args": [{"name": "percent"}, {"name": "limit"}],
        "objectives": [tail | {"limit": "$(args.limit)"}],
    }
    found = resolved(
        {(CLUSTER, "tails"): template},
        objectiveTemplates=[
            reference("tails", percent=percent, limit=limit) | {"kind": "ClusterObjectiveTemplate"}
            for percent, limit in (("50", "20ms"), ("99", "250ms"))
        ],
    )
    assert [(o.title, o.quantile_share, o.limit_number) for o in found.objectives] == [
        ("p50", 0.5, 0.02),
        ("p99", 0.99, 0.25),
    ]


@pytest.mark.parametrize(
    ("fields", "defaults", "source", "limits"),
    [
        ({}, None, "built in", ["5%"]),
        ({}, [ERRORS], "cluster default", ["2%"]),
        ({}, [], "cluster default", []),
        ({"objectives": [ERRORS | {"limit": "3%"}]}, [ERRORS], "spec.objectives", ["3%"]),
        ({"objectives": []}, [ERRORS], "spec.objectives", []),
    ],
)
def test_defaults_hold_for_models_that_name_nothing(
    fields: dict[str, Any], defaults: Any, source: str, limits: list[str]
) -> None:
    found = resolved(defaults=defaults, **fields)
    assert [each.limit for each in found.objectives] == limits
    assert set(found.sources.values()) <= {source}


FAULTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "no such template": (
        {"objectiveTemplates": [reference("servign")]},
        "ObjectiveTemplateMissing",
        "spec.objectiveTemplates[0]: ObjectiveTemplate 'servign' does not exist",
    ),
    "none of the cluster's either": (
        {"objectiveTemplates": [reference() | {"kind": "ClusterObjectiveTemplate"}]},
        "ObjectiveTemplateMissing",
        "spec.objectiveTemplates[0]: ClusterObjectiveTemplate 'serving' does not exist",
    ),
    "an argument nobody knows": (
        {"objectiveTemplates": [reference(limti="1s")]},
        "ObjectivesInvalid",
        "spec.objectiveTemplates[0].args: ObjectiveTemplate 'serving' has no argument 'limti'",
    ),
    "an argument without a value": (
        {"objectiveTemplates": [reference("asking")]},
        "ObjectivesInvalid",
        (
            "spec.objectiveTemplates[0].args: ObjectiveTemplate 'asking' needs a value for "
            "argument 'limit'"
        ),
    ),
    "a value that makes no sense": (
        {"objectiveTemplates": [reference(limit="1%")]},
        "ObjectivesInvalid",
        (
            "spec.objectiveTemplates[0]: ObjectiveTemplate 'serving': with these arguments, "
            "spec.objectives[0]: a latency limit is a duration such as 250ms"
        ),
    ),
    "an argument that is not declared": (
        {"objectiveTemplates": [reference("sloppy")]},
        "ObjectivesInvalid",
        (
            "spec.objectiveTemplates[0]: ObjectiveTemplate 'sloppy': spec.args does not "
            "declare $(args.limit)"
        ),
    ),
    "a template that breaks a rule of today": (
        {"objectiveTemplates": [reference("old")]},
        "ObjectivesInvalid",
        (
            "spec.objectiveTemplates[0]: ObjectiveTemplate 'old': spec.objectives[0]: an "
            "objective needs a limit, or worseThanStable, or both"
        ),
    ),
    "a name twice": (
        {
            "objectives": [{"preset": "latency", "limit": "1s"}],
            "objectiveTemplates": [reference()],
        },
        "ObjectivesInvalid",
        (
            "spec.objectiveTemplates[0]: ObjectiveTemplate 'serving' has an objective 'latency', "
            "and so has spec.objectives; names must differ"
        ),
    ),
    "two faults": (
        {"objectiveTemplates": [reference("servign"), reference(limti="1s")]},
        "ObjectiveTemplateMissing",
        (
            "spec.objectiveTemplates[0]: ObjectiveTemplate 'servign' does not exist; "
            "spec.objectiveTemplates[1].args: ObjectiveTemplate 'serving' has no argument 'limti'"
        ),
    ),
}


@pytest.mark.parametrize(("fields", "reason", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_the_field_and_what_to_do(
    fields: dict[str, Any], reason: str, message: str
) -> None:
    templates = {
        (NAMESPACED, "serving"): SERVING,
        (NAMESPACED, "asking"): {"args": [{"name": "limit"}], "objectives": [SLOW]},
        (NAMESPACED, "sloppy"): {"objectives": [SLOW]},
        (NAMESPACED, "old"): {"objectives": [{"preset": "error-rate"}, ERRORS]},
    }
    trouble = resolved(templates, **fields).trouble
    assert trouble is not None
    assert (trouble.reason, trouble.message) == (reason, message)


def test_what_is_known_beside_a_fault_is_kept() -> None:
    """It may still fail the canary; it can't pass for all."""
    found = resolved(
        {(NAMESPACED, "serving"): SERVING},
        objectives=[ERRORS],
        objectiveTemplates=[reference("servign"), reference()],
    )
    assert found.trouble is not None
    assert [o.title for o in found.objectives] == ["error-rate", "latency", "null-outputs"]


def test_without_rights_on_the_cluster_its_templates_are_out_of_reach() -> None:
    found = resolved(
        {(CLUSTER, "serving"): SERVING},
        reads_cluster=False,
        objectiveTemplates=[reference() | {"kind": "ClusterObjectiveTemplate"}],
    )
    assert found.trouble is not None
    assert found.trouble.reason == "ObjectiveTemplateOutOfReach"
    assert "no rights on the cluster; use an ObjectiveTemplate" in found.trouble.message


def test_there_are_never_more_objectives_than_their_evidence_has_room_for() -> None:
    own = [{"name": f"o{n}", "value": "v", "limit": "1"} for n in range(19)]
    found = resolved(
        {(NAMESPACED, "serving"): SERVING}, objectives=own, objectiveTemplates=[reference()]
    )
    assert len(found.objectives) == 20
    assert found.trouble is not None
    assert "more than 20 objectives in all" in found.trouble.message


def test_an_objective_of_a_template_is_the_same_as_one_written_out() -> None:
    """So that moving one into a template throws no evidence away."""
    found = resolved({(NAMESPACED, "serving"): SERVING}, objectiveTemplates=[reference()])
    (written,) = read_objectives([{"preset": "latency", "limit": "250ms", "minSamples": 50}])
    assert objective_key(found.objectives[0]) == objective_key(written)


def test_the_spec_decided_on_lists_all_of_them() -> None:
    asked = parse_spec(spec(objectiveTemplates=[reference()]))
    found = resolve(asked, Templates(specs={(NAMESPACED, "serving"): SERVING}), None)
    assert in_force(asked, found).objectives == found.objectives
    assert in_force(asked, None) is asked


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ([ERRORS, ERRORS], "two objectives have the same name"),
        ([{"preset": "error-rate"}], r"\[0\]: an objective needs a limit"),
        ({}, "valid array"),
        ([{"name": f"o{n}", "value": "v", "limit": "1"} for n in range(21)], "more than 20"),
    ],
)
def test_defaults_are_checked_as_a_model_s_own(raw: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_objectives(raw)


def by_country(name: str, segments: int) -> dict[str, Any]:
    values = [f"s{number}" for number in range(segments)]
    return {
        "name": name, "preset": "quality", "limit": "10%", "by": "country", "segments": values
    }  # fmt: skip


def test_segments_are_as_bounded_as_objectives_are() -> None:
    few = [by_country("one", 10), by_country("two", 10)]
    assert len(by_segment(read_objectives(few))) == 22
    with pytest.raises(ValueError, match="more than 20 segments"):
        read_objectives([*few, by_country("three", 1)])


def test_the_spec_decided_on_lists_segments_too() -> None:
    asked = parse_spec(spec(objectives=[by_country("one", 2)]))
    titles = [each.title for each in in_force(asked, None).objectives]
    assert titles == ["one", "one[s0]", "one[s1]"]
