"""Nothing unready gets traffic: a version that crashes, and a canary whose pods are gone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from serinus.resource.status import Fate, Phase
from serinus.traffic import gateway_api
from tests.e2e.clients import Clients, lost
from tests.e2e.conftest import Figure, Models
from tests.e2e.manifest import CRASHES_ON_LOAD
from tests.e2e.model import Model
from tests.e2e.proxied import Json, Seen, Stream, watching

ONE_STEP_THAT_WAITS = [{"weight": 50, "pause": {}}]
INTERVAL_SECONDS = 60
"""So long that no look which is due anyhow can be taken for one that was woken."""
LONG_BEFORE_THE_NEXT_LOOK_SECONDS = 20


@pytest.fixture(scope="module")
def model(models: Models) -> Model:
    model = models("unready")
    model.apply(model.new_version())
    model.serves("1")
    return model


@pytest.fixture(scope="module")
def clients(model: Model) -> Clients:
    return model.outside_callers(rate_per_second=40)


def test_version_that_crashes_never_gets_a_request(model: Model, clients: Clients) -> None:
    version = model.new_version()
    serving = model.uids(model.stable)
    model.apply(version, CRASHES_ON_LOAD, rollout={"progressDeadline": "30m"})
    status = model.has_ended(version, Fate.ROLLED_BACK)
    assert status.history[0].reason == "CanaryCrashLooping"
    assert status.phase in (Phase.ROLLING_BACK, Phase.ROLLED_BACK)
    load = clients.until_sent(40)
    assert load.by(version).requests == 0
    assert lost(load) == {}
    assert model.uids(model.stable) == serving


def test_route_leaves_a_canary_whose_last_pod_is_gone_without_waiting_for_a_look(
    model: Model, clients: Clients, figure: Figure
) -> None:
    """Told by watches; how soon is measured from one arrival to the other, on this machine."""
    stable, version = model.stable, model.new_version()
    policy = {"steps": ONE_STEP_THAT_WAITS, "interval": f"{INTERVAL_SECONDS}s"}
    model.apply(version, rollout=policy)
    status = model.is_paused_at(version, 50)
    assert status.rollout is not None
    canary = status.rollout.revision
    clients.until_sent(80)
    with pods_and_route(model, canary) as (pods, route):
        model.kubectl(
            "delete",
            "pods",
            f"--selector=serinus.dev/revision={canary}",
            "--grace-period=0",
            "--force",
            "--wait=false",
        )
        gone = pods.first(is_gone, LONG_BEFORE_THE_NEXT_LOOK_SECONDS)
        restored = route.first(
            lambda seen: is_for(seen, model, {stable: 100}), LONG_BEFORE_THE_NEXT_LOOK_SECONDS
        )
    figure("last_pod_to_stable_ms", 1000 * (restored.at_seconds - gone.at_seconds))
    model.until(lambda _: "CanaryLost" in model.reasons(f"version {version}"), "it is told", 30)
    model.apply("1")
    model.has_ended(version, Fate.REVERTED)


@contextmanager
def pods_and_route(model: Model, revision: str) -> Iterator[tuple[Stream, Stream]]:
    url, namespace = model.node.server.url, model.namespace
    pods = f"/api/v1/namespaces/{namespace}/pods?labelSelector=serinus.dev/revision%3D{revision}"
    routes = f"/apis/{gateway_api.API_VERSION}/namespaces/{namespace}/httproutes"
    with watching(url, pods) as of_pods, watching(url, routes) as of_routes:
        of_routes.first(lambda seen: seen.type == "ADDED", 10)
        of_pods.first(lambda seen: seen.type == "ADDED", 10)
        yield of_pods, of_routes


def is_gone(seen: Seen) -> bool:
    """Deleted, or said to be no longer ready, whichever is told first."""
    return seen.type == "DELETED" or (seen.type == "MODIFIED" and not is_ready(seen.body))


def is_ready(pod: Json) -> bool:
    conditions = pod["status"].get("conditions", [])
    says_so = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return says_so and "deletionTimestamp" not in pod["metadata"]


def is_for(seen: Seen, model: Model, weights: dict[str, int]) -> bool:
    wanted = {f"{model.name}-{revision}": weight for revision, weight in weights.items()}
    return seen.type == "MODIFIED" and gateway_api.read(seen.body) == wanted
