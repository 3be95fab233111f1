"""The cluster's defaults for rollouts: in force where a model is silent, and no revision."""

from serinus.resource.defaults import Defaults
from tests.fakes.models import NULLS
from tests.fakes.world import FakeWorld, serving, spec_of
from tests.scenarios.replaying import rules_replayed

STRICT = Defaults(policy={"maxDuration": "2m", "onInconclusive": "rollback", "minTime": "20s"})


async def serving_under(defaults: Defaults) -> FakeWorld:
    """A model that says when to look, how long a step is at least, and nothing else."""
    spec = spec_of()
    spec["rollout"] = {"interval": "10s", "minTime": "30s"}
    world = await serving(spec)
    world.defaults = defaults
    return world


def in_force(world: FakeWorld) -> dict[str, tuple[str, str]]:
    return {each["name"]: (each["value"], each["source"]) for each in world.status["policy"]}


async def test_what_a_model_leaves_out_is_the_cluster_s_and_its_status_says_so() -> None:
    world = await serving_under(STRICT)
    world.prometheus.scrapes = False
    world.deploy("2")
    await world.run(180)

    assert "RolledBack" in world.reasons
    told = in_force(world)
    assert told["maxDuration"] == ("2m", "cluster default")
    assert told["onInconclusive"] == ("rollback", "cluster default")
    assert told["minTime"] == ("30s", "spec.rollout")
    assert told["steps"] == ("1 %, 5 %, 25 %, 50 %", "built in")
    assert told["falseRollbackRate"] == ("1%", "built in")


async def test_a_limit_that_nobody_wrote_is_told_as_such() -> None:
    spec = spec_of()
    spec["objectives"] = [{"preset": "drift"}, {"preset": "drift", "name": "d", "limit": "0.2"}]
    world = await serving(spec)
    told = {each["name"]: each["limit"] for each in world.status["objectives"]}
    assert told == {"drift": "≤ 0.2 (built in)", "d": "≤ 0.2"}


async def test_another_default_is_no_other_revision() -> None:
    world = await serving_under(Defaults())
    serving_now = world.status["stable"]
    world.defaults = STRICT
    await world.run(400)
    assert world.status["stable"] == serving_now
    assert "RolloutStarted" not in world.reasons
    assert in_force(world)["maxDuration"] == ("2m", "cluster default")


async def test_a_rollout_goes_on_under_another_default() -> None:
    world = await serving_under(Defaults())
    world.deploy("2")
    await world.run(40)
    begun = world.status["rollout"]["startedAt"]
    world.defaults = Defaults(policy={"maxDuration": "1h"})
    await world.run(20)
    assert world.status["rollout"]["startedAt"] == begun
    assert in_force(world)["maxDuration"] == ("1h", "cluster default")


async def test_what_contradicts_a_default_is_told_with_its_field_and_stable_serves() -> None:
    world = await serving_under(STRICT)
    world.edit(rollout={"interval": "10m"})
    await world.run(20)
    assert world.status["phase"] == "Invalid"
    assert "spec.rollout: maxDuration can't be shorter than interval" in world.status["message"]
    assert world.status["stableVersion"] == "1"


async def test_a_record_replays_with_the_defaults_of_its_time() -> None:
    world = await serving_under(Defaults(policy={"steps": [{"weight": 10}, {"weight": 50}]}))
    world.deploy("2", NULLS)
    await world.run(180)
    assert "an_objective_failed" in rules_replayed(world)
