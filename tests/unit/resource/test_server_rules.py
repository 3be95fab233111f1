"""A server and an image are a complete resource; what a server can't show is refused."""

from typing import Any

import pytest
import yaml

from serinus.errors import SpecInvalid
from serinus.render.freeze import freeze
from serinus.render.services import ports_of
from serinus.resource.objectives import CLUSTER_DEFAULT, Templates, read_objectives, resolve
from serinus.resource.revision import identify
from serinus.resource.spec import Spec, parse_spec
from tests.unit.resource.manifests import spec

COMPLETE = """\
apiVersion: serinus.dev/v1alpha1
kind: MLModelDeployment
metadata:
  name: fraud
spec:
  replicas: 3
  model:
    version: "7"
    server: {server}
    image: registry.example.com/fraud:7
  traffic:
    gatewayAPI: {{parentRefs: [{{name: public}}]}}
"""


def complete(server: str) -> dict[str, Any]:
    text = COMPLETE.format(server=server)
    assert text.count("\n") <= 12
    found: dict[str, Any] = yaml.safe_load(text)["spec"]
    return found


def of(server: str, **changes: Any) -> Spec:
    return parse_spec(spec(model={"version": "7", "server": server}, **changes))


@pytest.mark.parametrize(
    ("server", "port", "metrics", "ready"),
    [
        ("mlserver", 8080, "8082", "/v2/health/ready"),
        ("bentoml", 3000, "3000", "/readyz"),
    ],
)
def test_twelve_lines_are_a_complete_resource(
    server: str, port: int, metrics: str, ready: str
) -> None:
    asked = parse_spec(complete(server))
    found = resolve(asked, Templates(), None)
    assert [(each.title, found.sources[each.title]) for each in found.objectives] == [
        ("error-rate", "built in")
    ]
    revision = freeze("fraud", asked, identify(complete(server), {}))
    (container,) = revision.pod_template["spec"]["containers"]
    assert container["image"] == "registry.example.com/fraud:7"
    assert container["readinessProbe"]["httpGet"] == {"path": ready, "port": port}
    annotations = revision.pod_template["metadata"]["annotations"]
    assert annotations["serinus.dev/metrics-port"] == metrics
    assert ports_of(asked, revision)[0]["port"] == port


@pytest.mark.parametrize(
    ("server", "digest"),
    [("mlserver", "fd7b2c1693"), ("bentoml", "1b63e8e7a5"), ("vllm", "9c7d73f7c6")],
)
def test_a_preset_that_changes_changes_no_digest(server: str, digest: str) -> None:
    """Only what the user wrote counts: never edit these."""
    assert identify(complete(server), {}).digest == digest


def test_the_objectives_of_a_language_model_tell_its_time_to_the_first_token() -> None:
    found = resolve(of("vllm"), Templates(), None)
    assert [(each.title, each.advisory) for each in found.objectives] == [
        ("error-rate", False),
        ("time-to-first-token", True),
    ]
    assert set(found.sources.values()) == {"preset vllm"}


def test_who_sees_the_requests_instead_of_the_server_has_the_objectives_of_all() -> None:
    found = resolve(of("vllm", metrics={"source": "istio"}), Templates(), None)
    assert set(found.sources.values()) == {"built in"}


@pytest.mark.parametrize("server", ["litserve", "mlflow", "onnxruntime"])
def test_a_server_without_a_signal_says_so_and_names_the_alternative(server: str) -> None:
    with pytest.raises(SpecInvalid, match=r"metrics\.source: this model\.server shows no errors"):
        of(server)
    assert of(server, metrics={"source": "istio"}).metrics.source == "istio"
    own = {"name": "own", "bad": "b", "total": "t", "limit": "1%"}
    assert of(server, objectives=[own]).objectives[0].name == "own"


def test_an_objective_the_server_cannot_show_is_refused_with_what_to_do() -> None:
    latency = {"preset": "latency", "limit": "1s"}
    with pytest.raises(
        SpecInvalid, match=r"tell latency by; set metrics\.source to envoy-gateway or"
    ):
        of("torchserve", objectives=[latency])
    assert of("torchserve", objectives=[latency], metrics={"source": "linkerd"}).objectives


def test_an_unknown_server_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        SpecInvalid, match=r"spec\.model\.server: 'abacus' is no model server; the"
    ):
        of("abacus")


def test_a_default_of_the_cluster_that_a_server_cannot_show_is_told_and_not_dropped() -> None:
    defaults = read_objectives([{"preset": "latency", "limit": "1s"}])
    found = resolve(of("torchserve"), Templates(), defaults)
    assert (found.objectives, found.trouble is not None) == ((), True)
    assert found.trouble is not None
    assert found.trouble.message == (
        f"{CLUSTER_DEFAULT}: objective 'latency': model server torchserve shows nothing to tell "
        "latency by; set metrics.source to envoy-gateway or istio or kgateway or knative or "
        "knative-legacy or linkerd or standard, or use PromQL"
    )
