"""A version that crashes while it loads: out again at once, without ever having been asked."""

from serinus.resource.status import Fate
from tests.e2e.clients import lost
from tests.e2e.conftest import Models
from tests.e2e.manifest import CRASHES_ON_LOAD

NOT_BEFORE_THE_TEST_IS_OVER = {"progressDeadline": "30m"}


def test_version_that_crashes_never_gets_a_request(models: Models) -> None:
    model = models("crashing")
    model.apply("1")
    model.serves("1")
    serving = model.uids(model.stable)
    clients = model.outside_callers(rate_per_second=40)
    model.apply("2", CRASHES_ON_LOAD, rollout=NOT_BEFORE_THE_TEST_IS_OVER)
    status = model.has_ended("2", Fate.ROLLED_BACK)
    assert status.history[0].reason == "CanaryCrashLooping"
    clients.until_sent(40)
    load = clients.leave()
    assert load.by("2").requests == 0
    assert lost(load) == {}
    assert model.uids(model.stable) == serving
