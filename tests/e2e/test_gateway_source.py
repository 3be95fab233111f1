"""A model whose own metrics are not asked: Envoy Gateway counts what it answers, by Service."""

import json
import time
from collections.abc import Iterator
from functools import partial

import pytest

from cluster.addons import GATEWAY_NAMESPACE
from serinus.resource.status import Fate, VerdictValue
from tests.e2e.clients import Clients, clients_come, lost
from tests.e2e.conftest import Models
from tests.e2e.model import Model
from tests.e2e.node import Node
from tests.e2e.proxied import Json

MERGED = "merged"
IN_NAMESPACE = f"--namespace={GATEWAY_NAMESPACE}"
START_SECONDS = "--timeout=180s"
SCRAPE_SECONDS = 2.0
OBJECTIVES: list[Json] = [
    {"preset": "error-rate", "limit": "2%"},
    {"preset": "latency", "quantile": "0.95", "limit": "2s"},
]
FAILS_HALF = {"FAIL_SHARE": "0.5"}
NO_CLUSTER = "status-500"
"""A worker of Envoy that has the old route and no longer its cluster, see docs/presets.md."""


@pytest.fixture(scope="module")
def gateway(node: Node) -> Iterator[str]:
    """A second one, with a cluster of Envoy's for each Service; the first is left as it is."""
    public = public_proxy(node)
    if public is None:
        pytest.skip("this cluster's gateway is not the Envoy Gateway that comes with the node")
    made = (merging(public), listening())
    node.kubectl.run("apply", "-f", "-", stdin=json.dumps(listed(made)))
    where = f"gateways.gateway.networking.k8s.io/{MERGED}"
    node.kubectl.run("wait", where, IN_NAMESPACE, "--for=condition=Programmed", START_SECONDS)
    yield f"http://{MERGED}.{GATEWAY_NAMESPACE}"
    for each in reversed(made):
        node.kubectl.run("delete", each["kind"], MERGED, IN_NAMESPACE)


def public_proxy(node: Node) -> Json | None:
    kind = "envoyproxies.gateway.envoyproxy.io"
    defined = node.kubectl.get(
        "customresourcedefinitions", f"--field-selector=metadata.name={kind}"
    )
    if not defined.get("items"):
        return None
    proxies = node.kubectl.get(kind, IN_NAMESPACE)["items"]
    return next((each for each in proxies if each["metadata"]["name"] == "public"), None)


def merging(public: Json) -> Json:
    provider = json.loads(json.dumps(public["spec"]["provider"]))
    provider["kubernetes"]["envoyService"] = {"name": MERGED, "type": "ClusterIP"}
    spec = {**public["spec"], "provider": provider, "mergeBackends": {}}
    metadata = {"name": MERGED, "namespace": GATEWAY_NAMESPACE}
    return {**public, "metadata": metadata, "spec": spec}


def listening() -> Json:
    proxy = {"group": "gateway.envoyproxy.io", "kind": "EnvoyProxy", "name": MERGED}
    everybody = {"namespaces": {"from": "All"}}
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": MERGED, "namespace": GATEWAY_NAMESPACE},
        "spec": {
            "gatewayClassName": "serinus",
            "infrastructure": {"parametersRef": proxy},
            "listeners": [
                {"name": "http", "protocol": "HTTP", "port": 80, "allowedRoutes": everybody}
            ],
        },
    }


def listed(items: tuple[Json, ...]) -> Json:
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}


def test_bad_version_is_refused_by_what_the_gateway_counted(
    models: Models, node: Node, gateway: str
) -> None:
    model = models("gateway-source")
    parent = {"name": MERGED, "namespace": GATEWAY_NAMESPACE}
    asked: Json = {
        "traffic": {"gatewayAPI": {"parentRefs": [parent], "hostnames": [model.host]}},
        "metrics": {"source": "envoy-gateway"},
        "objectives": OBJECTIVES,
    }
    model.apply("1", **asked)
    model.serves("1")
    clients = callers(model, gateway)
    model.apply("2", **asked)
    promoted = model.has_ended("2", Fate.PROMOTED)
    passed = {each.objective: each.verdict for each in promoted.verdicts}
    assert set(passed.values()) == {VerdictValue.PASS}
    model.serves("2")
    model.apply("3", FAILS_HALF, **asked)
    refused = model.has_ended("3", Fate.ROLLED_BACK)
    verdict = next(each for each in refused.verdicts if each.objective == "error-rate")
    assert verdict.verdict is VerdictValue.FAIL
    assert verdict.canary is not None
    # Every other answer is bad, but those of the first moments, which it ends by, may all be.
    assert float(verdict.canary.removesuffix("%")) > 25
    load = clients.leave()
    assert set(lost(load)) <= {NO_CLUSTER}
    assert load.failures <= sent_to_no_cluster(node)
    counted = answers_counted(node, model.namespace, refused.history[0].revision)
    assert verdict.canary_samples <= counted <= load.by("3").requests


def callers(model: Model, gateway: str) -> Clients:
    """Those that count come once others are answered: the gateway has to learn of the route."""
    come = partial(
        clients_come, model.node, model.namespace, f"{gateway}/predict", host=model.host
    )
    early = come(pod="early")
    while not early.counted().by("1").requests:
        early.until_sent(60)
    early.leave()
    return come()


def answers_counted(node: Node, namespace: str, revision: str) -> float:
    cluster = f"service/{namespace}/[^/]*{revision}/.*"
    counter = f'envoy_cluster_upstream_rq_xx{{envoy_cluster_name=~"{cluster}"}}'
    query = f"sum(max_over_time({counter}[10m]))"  # Envoy forgets what no route leads to
    return sum(float(series["value"][1]) for series in node.prometheus(query))


def sent_to_no_cluster(node: Node) -> float:
    """Requests that found no cluster, of all that the merged gateway got, by its own count."""
    time.sleep(2 * SCRAPE_SECONDS)
    counter = f'envoy_http_no_cluster{{pod=~"envoy-{GATEWAY_NAMESPACE}-{MERGED}-.*"}}'
    query = f"sum(max_over_time({counter}[2m]))"
    return sum(float(series["value"][1]) for series in node.prometheus(query))
