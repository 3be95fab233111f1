"""Deleted: everything goes, or what serves stays and is found again."""

import pytest

from serinus.resource.status import Phase
from tests.e2e.clients import lost
from tests.e2e.conftest import Models
from tests.e2e.model import Model


@pytest.fixture
def model(models: Models) -> Model:
    return models("deletion")


def delete(model: Model) -> None:
    """As people do: kubectl waits until the finalizer has let it go."""
    model.kubectl("delete", "mlmd", model.name, "--timeout=60s")


def test_delete_takes_everything_of_the_model_along_and_nothing_else(model: Model) -> None:
    model.kubectl("create", "configmap", "theirs", "--from-literal=key=value")
    model.apply("1")
    model.serves("1")
    model.apply("2", rollout={"steps": [{"weight": 50, "pause": {}}]})
    model.is_paused_at("2", 50)
    assert model.owned()
    delete(model)
    model.until(lambda _: not model.owned(), "everything owned is gone", 90)
    assert "configmap/theirs" in model.kubectl("get", "configmaps", "--output=name").split()


def test_orphaned_stable_serves_on_and_is_adopted_without_a_failed_request(model: Model) -> None:
    waits = {"steps": [{"weight": 50, "pause": {}}]}
    model.apply("1", deletionPolicy="Orphan")
    stable = model.serves("1").stable
    assert stable is not None
    serving = model.uids(stable.revision)
    clients = model.outside_callers(rate_per_second=40)
    model.apply("2", deletionPolicy="Orphan", rollout=waits)
    status = model.is_paused_at("2", 50)
    assert status.rollout is not None
    canary = status.rollout.revision
    clients.until_sent(80)
    delete(model)
    model.until(lambda _: not model.pods(canary), "the canary is gone", 90)
    assert model.route() == {stable.revision: 100}
    clients.until_sent(80)
    model.apply("1", deletionPolicy="Orphan")
    status = model.serves("1")
    assert status.phase is Phase.HEALTHY
    clients.until_sent(80)
    load = clients.leave()
    assert load.by("2").requests > 0
    assert lost(load) == {}
    assert model.uids(stable.revision) == serving
