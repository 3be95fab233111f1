"""Objectives that teams share: stories of templates that are there, change, or are missing."""

from __future__ import annotations

from typing import Any

from serinus.resource.defaults import Defaults
from serinus.resource.objective_template import TemplateKind
from serinus.resource.objectives import read_objectives
from tests.fakes.models import GOOD, NULLS, Behaviour
from tests.fakes.world import FakeWorld, serving, spec_of, world_of
from tests.scenarios.replaying import rules_replayed

NAMESPACED, CLUSTER = TemplateKind.NAMESPACED, TemplateKind.CLUSTER
NULL_OUTPUTS = {
    "args": [{"name": "worse-by", "value": "2%"}],
    "objectives": [{"preset": "null-outputs", "worseThanStable": {"by": "$(args.worse-by)"}}],
}
ERROR_RATE = {"preset": "error-rate", "limit": "5%"}


def reference(name: str = "outputs", **fields: Any) -> dict[str, Any]:
    return {"name": name, **fields}


async def sharing(*references: dict[str, Any], **fields: Any) -> FakeWorld:
    """Version 1 serves; what is judged besides errors is in the template `outputs`."""
    spec = spec_of(objectiveTemplates=list(references or [reference()]), **fields)
    spec["objectives"] = [ERROR_RATE]
    world = world_of(spec)
    world.templates[NAMESPACED, "outputs"] = NULL_OUTPUTS
    await world.run(30)
    return world


def ready(world: FakeWorld) -> tuple[str, str]:
    (condition,) = [each for each in world.status["conditions"] if each["type"] == "Ready"]
    return condition["status"], condition["reason"]


async def test_a_template_s_objective_rolls_a_bad_version_back() -> None:
    world = await sharing()
    assert [(o["name"], o["source"]) for o in world.status["objectives"]] == [
        ("error-rate", "spec.objectives"),
        ("null-outputs", "ObjectiveTemplate/outputs"),
    ]

    world.deploy("2", NULLS)
    await world.run(180)

    assert world.status["phase"] == "RolledBack"
    assert "null-outputs" in world.status["message"]


async def test_a_model_s_own_argument_lets_the_same_version_through() -> None:
    world = await sharing(reference(args=[{"name": "worse-by", "value": "20%"}]))

    world.deploy("2", NULLS)
    await world.run(240)

    assert world.status["stable"]["version"] == "2"


async def test_a_missing_template_holds_the_canary_before_its_first_request() -> None:
    """A version that the missing objective would have refused must not pass the others alone."""
    world = await sharing()
    del world.templates[NAMESPACED, "outputs"]
    await world.run(2)
    assert ready(world) == ("False", "ObjectiveTemplateMissing")
    assert world.status["stable"]["version"] == "1"

    world.deploy("2", NULLS)
    await world.run(3600)

    assert (world.status["phase"], world.status["weight"]) == ("Paused", 0)
    assert ready(world) == ("False", "ObjectiveTemplateMissing")
    assert "spec.objectiveTemplates[0]: ObjectiveTemplate 'outputs'" in world.status["message"]
    told = world.reasons.count("ObjectiveTemplateMissing")
    assert told == 2, "once when it went, and once when it stopped a rollout"
    assert "2" not in world.prometheus.requests_by_version

    world.templates[NAMESPACED, "outputs"] = NULL_OUTPUTS
    await world.run(180)
    assert world.status["history"][0]["reason"] == "ObjectiveFailed"


async def test_a_template_deleted_on_the_way_holds_the_weight_and_its_clock() -> None:
    world = await sharing(rollout={"maxDuration": "4m", "onInconclusive": "promote"})
    world.deploy("2", GOOD)
    await world.run(20)
    assert world.status["weight"] == 10
    del world.templates[NAMESPACED, "outputs"]
    await world.run(1800)
    assert (world.status["phase"], world.status["weight"]) == ("Paused", 10)

    world.templates[NAMESPACED, "outputs"] = NULL_OUTPUTS
    await world.run(240)
    assert world.status["stable"]["version"] == "2"
    assert world.status["history"][0]["reason"] == "EveryStepPassed"


async def test_what_is_known_still_fails_while_a_template_is_missing() -> None:
    world = await sharing()
    world.deploy("2", Behaviour(error_share=0.3))
    await world.run(20)
    del world.templates[NAMESPACED, "outputs"]
    await world.run(120)
    assert world.status["phase"] == "RolledBack"
    assert "error-rate" in world.status["message"]


async def test_a_canary_that_dies_gets_no_traffic_while_a_template_is_missing() -> None:
    world = await sharing()
    world.deploy("2", Behaviour(dies_at=70))
    await world.run(25)
    del world.templates[NAMESPACED, "outputs"]
    await world.run(30)
    assert world.status["weight"] == 0
    assert "CanaryLost" in world.reasons


async def test_a_changed_template_changes_what_is_judged_and_starts_no_rollout() -> None:
    world = await sharing()
    revision, happened = world.status["stable"]["revision"], len(world.happenings)
    stricter = {**NULL_OUTPUTS, "args": [{"name": "worse-by", "value": "0.5%"}]}
    world.templates[NAMESPACED, "outputs"] = stricter
    await world.second()

    assert world.status["objectives"][1]["limit"] == "≤ stable + 0.5 %"
    assert world.status["stable"]["revision"] == revision
    assert len(world.happenings) == happened


async def test_what_another_template_brings_twice_is_refused_with_both_names() -> None:
    world = await sharing(reference(), reference("slo", kind="ClusterObjectiveTemplate"))
    world.templates[CLUSTER, "slo"] = {"objectives": [{"preset": "null-outputs", "limit": "9%"}]}
    await world.run(2)
    assert ready(world) == ("False", "ObjectivesInvalid")
    assert "'null-outputs', and so has ObjectiveTemplate/outputs" in world.status["message"]


async def test_the_cluster_s_defaults_judge_a_model_that_names_nothing() -> None:
    spec = spec_of()
    del spec["objectives"]
    world = await serving(spec)
    assert [o["source"] for o in world.status["objectives"]] == ["built in"]
    listed = read_objectives([{"preset": "null-outputs", "limit": "3%"}])
    world.defaults = Defaults(objectives=listed)

    world.deploy("2", NULLS)
    await world.run(180)

    assert [(o["name"], o["source"]) for o in world.status["objectives"]] == [
        ("null-outputs", "cluster default")
    ]
    assert world.status["phase"] == "RolledBack"


async def test_a_record_replays_with_the_templates_of_its_time() -> None:
    world = await sharing()
    world.deploy("2", NULLS)
    await world.run(180)

    assert "an_objective_failed" in rules_replayed(world)


async def test_segments_are_told_to_come_from_the_template_that_has_them() -> None:
    world = world_of(spec_of(objectiveTemplates=[reference("labels")]))
    quality = {"preset": "quality", "limit": "5%", "by": "country", "segments": ["DE"]}
    world.templates[NAMESPACED, "labels"] = {"objectives": [quality]}
    await world.run(30)

    told = {o["name"]: o["source"] for o in world.status["objectives"]}
    assert told["quality"] == told["quality[DE]"] == "ObjectiveTemplate/labels"
