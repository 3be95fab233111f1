"""The canary's last pod is gone: the route says so before any look is due."""

from collections.abc import Iterator
from contextlib import contextmanager

from serinus.resource.status import Fate
from serinus.traffic import gateway_api
from tests.e2e.conftest import Figure, Models
from tests.e2e.model import Model
from tests.e2e.proxied import Json, Seen, Stream, watching

INTERVAL = "60s"
"""So long that no look which is due anyhow can be taken for one that was woken."""
ONE_STEP_THAT_WAITS = {"steps": [{"weight": 50, "pause": {}}], "interval": INTERVAL}
LONG_BEFORE_THE_NEXT_LOOK_SECONDS = 20


def test_route_leaves_a_canary_whose_last_pod_is_gone_without_waiting_for_a_look(
    models: Models, figure: Figure
) -> None:
    """How soon is measured from one watch event to the other, as they arrive on this machine."""
    model = models("last-pod")
    model.apply("1")
    model.serves("1")
    stable = model.stable
    clients = model.outside_callers(rate_per_second=40)
    model.apply("2", rollout=ONE_STEP_THAT_WAITS)
    rollout = model.is_paused_at("2", 50).rollout
    assert rollout is not None
    clients.until_sent(80)
    with pods_and_route(model, rollout.revision) as (pods, route):
        kill_all_pods(model, rollout.revision)
        gone = pods.first(is_gone, LONG_BEFORE_THE_NEXT_LOOK_SECONDS)
        restored = route.first(
            lambda seen: is_for(seen, model, {stable: 100}), LONG_BEFORE_THE_NEXT_LOOK_SECONDS
        )
    figure("last_pod_to_stable_ms", 1000 * (restored.at_seconds - gone.at_seconds))
    model.until(lambda _: "CanaryLost" in model.reasons("version 2"), "it is told", 30)
    # Gone without a word: what was on its way to them in that moment can't come back.
    figure("last_pod_requests_lost", clients.leave().failures)
    model.apply("1")
    model.has_ended("2", Fate.REVERTED)


def kill_all_pods(model: Model, revision: str) -> None:
    at_once = ("--grace-period=0", "--force", "--wait=false")
    model.kubectl("delete", "pods", f"--selector=serinus.dev/revision={revision}", *at_once)


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
