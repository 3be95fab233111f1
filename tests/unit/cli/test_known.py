"""What people are told of model servers, and of the defaults in force for a model."""

from typing import Any

import pytest

from serinus.cli.exits import Ended, ExitCode
from serinus.cli.explain import explained
from serinus.cli.known import described, listed
from serinus.resource.body import read_resource
from serinus.resource.status import parse_status
from serinus.servers.preset import server_names, source_names
from tests.unit.cli.situations import body, healthy


def told(model: dict[str, Any], **changes: Any) -> str:
    resource = body(healthy())
    resource["spec"] = {
        "model": {"version": "7"} | model,
        "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
    } | changes
    found = read_resource(resource)
    return explained(found, parse_status(found.raw_status))


def test_every_server_and_source_is_listed_with_what_it_can_be_asked_for() -> None:
    lines = listed().splitlines()
    first_words = {line.split()[0] for line in lines if line}
    assert set(server_names()) | set(source_names()) <= first_words
    (vllm,) = (line for line in lines if line.startswith("vllm "))
    assert vllm.endswith("error-rate, latency, queue-time, time-per-token, time-to-first-token")
    (litserve,) = (line for line in lines if line.startswith("litserve "))
    assert "none: let the model show the standard metrics" in litserve


def test_of_one_its_ports_probes_traps_and_queries_are_told() -> None:
    text = described("sglang")
    assert "ports: http 30000" in text
    assert "ready: GET /health_generate" in text
    assert "alive: the port is open" in text
    assert "needs: --enable-metrics" in text
    assert 'max(sglang:token_usage{namespace="$namespace",pod=~"$workload-.*"})' in text
    assert "workload" in described("istio")


def test_an_unknown_one_is_refused_with_those_there_are() -> None:
    with pytest.raises(Ended, match="there is no preset 'abacus'; there are bentoml, ") as ended:
        described("abacus")
    assert ended.value.code is ExitCode.USAGE


def test_what_is_filled_in_and_what_is_default_is_told() -> None:
    text = told({"server": "mlserver", "image": "i:7", "name": "fraud"})
    assert "fraud is on mlserver: MLServer" in text
    assert "steps: 1 %, 5 %, 25 %, 50 %" in text
    assert "  image: i:7" in text
    assert "  ports: http 8080, grpc 8081, metrics 8082" in text
    assert "  readinessProbe: GET /v2/models/fraud/ready on port 8080, every 5 s" in text
    assert "  port 8082, path /metrics" in text


def test_what_is_written_is_not_told_as_filled_in() -> None:
    container = {"name": "m", "image": "i", "readinessProbe": {"exec": {"command": ["true"]}}}
    text = told({"server": "bentoml"}, template={"spec": {"containers": [container]}})
    assert "readinessProbe" not in text
    assert "livenessProbe: GET /livez on port 3000" in text
    assert "image:" not in text


def test_who_is_asked_instead_of_the_server_is_told() -> None:
    text = told({"server": "litserve", "image": "i"}, metrics={"source": "istio"})
    assert "requests are told by istio: Istio" in text


def test_a_spec_that_cannot_be_followed_is_told_as_such() -> None:
    assert "can't be followed: spec: metrics.source" in told({"server": "litserve", "image": "i"})
