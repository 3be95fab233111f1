"""A third version, or a step back, in the middle of a rollout and under load."""

import pytest

from serinus.resource.status import Fate
from tests.e2e.clients import Clients, lost
from tests.e2e.conftest import Models
from tests.e2e.model import Model

ONE_STEP_THAT_WAITS = {"steps": [{"weight": 50, "pause": {}}]}


@pytest.fixture(scope="module")
def model(models: Models) -> Model:
    model = models("changes", replicas=2)
    model.apply(model.new_version())
    model.serves("1")
    return model


@pytest.fixture(scope="module")
def clients(model: Model) -> Clients:
    return model.outside_callers()


def test_third_version_takes_the_canarys_place_and_no_request_fails(
    model: Model, clients: Clients
) -> None:
    second, third = model.new_version(), model.new_version()
    serving = model.uids(model.stable)
    model.apply(second, rollout=ONE_STEP_THAT_WAITS)
    model.is_paused_at(second, 50)
    clients.until_sent(120)
    model.apply(third, rollout=ONE_STEP_THAT_WAITS)
    model.is_paused_at(third, 50)
    model.has_ended(second, Fate.SUPERSEDED)
    load = clients.until_sent(240)
    assert load.by(second).requests > 0
    assert load.by(third).requests > 0
    assert lost(load) == {}
    assert model.uids(model.stable) == serving
    model.apply("1")
    model.has_ended(third, Fate.REVERTED)


def test_step_back_to_stable_is_a_clean_rollback_and_no_request_fails(
    model: Model, clients: Clients
) -> None:
    version = model.new_version()
    serving = model.uids(model.stable)
    model.apply(version, rollout=ONE_STEP_THAT_WAITS)
    model.is_paused_at(version, 50)
    clients.until_sent(120)
    model.apply("1")
    model.has_ended(version, Fate.REVERTED)
    assert model.route() == {model.stable: 100}
    model.serves("1")
    load = clients.until_sent(120)
    assert load.by(version).requests > 0
    assert lost(load) == {}
    assert model.uids(model.stable) == serving
    # It was taken back and did not fail: asked for again, it starts again.
    model.apply(version, rollout=ONE_STEP_THAT_WAITS)
    model.is_paused_at(version, 50)
    model.apply("1")
    model.has_ended(version, Fate.REVERTED)
