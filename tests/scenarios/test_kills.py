"""Stories of an operator that is killed: what `make faults` found, on the fake world."""

from __future__ import annotations

from tests.fakes.models import CRASHING, GOOD
from tests.fakes.world import serving


async def test_a_rollback_seen_only_on_the_route_survives_more_kills() -> None:
    """Whoever finds it there stores it before carrying it out, which takes it off the route."""
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)
    before = world.resource
    world.cluster.behaviours["2"] = CRASHING
    await world.look()
    route = world.cluster.objects["HTTPRoute", "fraud"]
    assert "serinus.dev/decision" in route["metadata"]["annotations"]
    world.cluster.behaviours["2"] = GOOD  # what it was decided for can't be seen any more
    world.cluster.seconds += 2  # the router has taken it over

    for _ in range(3):
        world.resource = before  # the status was never written, nor by those who came after
        await world.look()
    await world.run(60)

    assert world.status["phase"] == "RolledBack"
    assert world.status["history"][0]["reason"] == "CanaryCrashLooping"
    assert world.reasons[-1] == "RolledBack"
