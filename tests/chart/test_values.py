"""Values are refused with a reason before anything is installed, and each is explained."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from serinus.resource.quantities import parse_duration
from serinus.resource.rollout import RolloutPolicy
from tests.chart.rendering import CHART, RenderRefused, documents, of_kind, render, render_text

VALUES = yaml.safe_load((CHART / "values.yaml").read_text())
SCHEMA = json.loads((CHART / "values.schema.json").read_text())

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a value nobody knows": ({"replicaCount": 2}, "replicaCount"),
    "a value nobody knows, deep inside": ({"prometheus": {"adress": "x"}}, "adress"),
    "an address without a scheme": ({"prometheus": {"url": "prometheus:9090"}}, "/prometheus/url"),
    "no address": ({"prometheus": {"url": ""}}, "/prometheus/url"),
    "a duration without a unit": (
        {"prometheus": {"scrapeInterval": "15"}},
        "/prometheus/scrapeInterval",
    ),
    "no time at all": ({"prometheus": {"timeout": "0s"}}, "/prometheus/timeout"),
    "a scheme of authentication that is not there": (
        {"prometheus": {"auth": {"type": "digest"}}},
        "/prometheus/auth/type",
    ),
    "a token from anywhere": (
        {"prometheus": {"auth": {"type": "oauth2", "oauth2": {"tokenUrl": "http://x"}}}},
        "/prometheus/auth/oauth2/tokenUrl",
    ),
    "a client without its secret": (
        {"prometheus": {"auth": {"type": "oauth2", "oauth2": {"tokenUrl": "https://x"}}}},
        "prometheus.auth.existingSecret",
    ),
    "a user without a name": (
        {"prometheus": {"auth": {"type": "basic"}}},
        "prometheus.auth.existingSecret",
    ),
    "a login by no header": (
        {"prometheus": {"auth": {"type": "headers", "existingSecret": "key"}}},
        "prometheus.auth.secretHeaders",
    ),
    "a signature for nowhere": ({"prometheus": {"auth": {"type": "sigv4"}}}, "sigv4.region"),
    "another Prometheus without an address": (
        {"prometheus": {"others": {"mimir": {"tenants": ["a"]}}}},
        "/prometheus/others/mimir",
    ),
    "another Prometheus of another one": (
        {"prometheus": {"others": {"a": {"url": "http://a", "others": {}}}}},
        "/prometheus/others/a",
    ),
    "a namespace that can't ask": (
        {"prometheus": {"others": {"a": {"url": "http://a", "namespaces": ["team-*"]}}}},
        "/prometheus/others/a",
    ),
    "a label that is none": ({"prometheus": {"labels": {"pod": "a-b"}}}, "/prometheus/labels/pod"),
    "a header that is none": ({"prometheus": {"headers": {"X Y": "z"}}}, "/prometheus/headers"),
    "a Lease too short to renew": ({"lease": {"duration": "2s"}}, "3s or more such as 15s"),
    "a Lease too short to renew, in smaller units": (
        {"lease": {"duration": "2999ms"}},
        "/lease/duration",
    ),
    "a Lease of no time": ({"lease": {"duration": "15"}}, "/lease/duration"),
    "a log level that is not there": ({"log": {"level": "trace"}}, "/log/level"),
    "a namespace that can't be one": ({"watchNamespaces": ["Fraud"]}, "/watchNamespaces/0"),
    "a namespace twice": ({"watchNamespaces": ["a", "a"]}, "/watchNamespaces"),
    "a pattern of namespaces": ({"watchNamespaces": ["team-*"]}, "/watchNamespaces/0"),
    "defaults that are no list": ({"defaultObjectives": {"preset": "x"}}, "/defaultObjectives"),
    "a default without a name": ({"defaultObjectives": [{"limit": "1%"}]}, "/defaultObjectives/0"),
    "a way that is none": ({"defaultRollout": {"speed": "5"}}, "speed"),
    "all Secrets": ({"trackSecrets": {"enabled": True}}, "/trackSecrets/names"),
    "root": ({"podSecurityContext": {"runAsUser": 0}}, "/podSecurityContext/runAsUser"),
    "a port that needs root": ({"metrics": {"port": 80}}, "/metrics/port"),
    "a tag that is a number": ({"image": {"tag": 7}}, "/image/tag"),
    "a digest cut short": ({"image": {"digest": "sha256:abc"}}, "/image/digest"),
    "a label that is no text": ({"podLabels": {"on": True}}, "/podLabels/on"),
    "a variable without a name": ({"extraEnv": [{"value": "x"}]}, "/extraEnv/0"),
    "both monitors": (
        {"metrics": {"podMonitor": {"enabled": True}, "serviceMonitor": {"enabled": True}}},
        "scrape the operator twice",
    ),
    "an account that is nowhere": ({"serviceAccount": {"create": False}}, "serviceAccount.name"),
    "both ports the same": ({"metrics": {"port": 8081}, "probes": {"port": 8081}}, "probes.port"),
}


@pytest.mark.parametrize(("values", "words"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_value_is_refused_and_named(values: dict[str, Any], words: str) -> None:
    with pytest.raises(RenderRefused) as refusal:
        render(values)
    assert words in str(refusal.value)


@pytest.mark.parametrize("duration", ["3s", "15s", "100.5s", "3000ms", "1m", "1m30s", "1h"])
def test_a_lease_that_can_be_renewed_is_taken(duration: str) -> None:
    assert parse_duration(duration) >= 3
    assert render({"lease": {"duration": duration}})


@pytest.mark.parametrize("port", ["metrics.port", "probes.port"])
def test_a_port_may_be_set_on_the_command_line(port: str) -> None:
    """Where its number has another type than one of a file."""
    assert "containerPort: 9999" in render_text(flags=("--set", f"{port}=9999"))


def test_a_chart_may_bring_it_along_as_its_part() -> None:
    """Helm then passes `global` down, whatever is in it."""
    assert render({"global": {"registry": "registry.example.com"}})


def paths(value: Any, at: str = "") -> Iterator[str]:
    if at:
        yield at
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from paths(inner, f"{at}.{key}".lstrip("."))


def described(schema: dict[str, Any], at: str = "") -> Iterator[tuple[str, str]]:
    if at:
        yield at, schema.get("description", "")
    for key, inner in schema.get("properties", {}).items():
        yield from described(inner, f"{at}.{key}".lstrip("."))


def test_every_value_is_explained() -> None:
    assert [path for path, words in described(SCHEMA) if not words.endswith(".")] == []


def test_values_and_their_schema_name_the_same() -> None:
    known = {path for path, _ in described(SCHEMA)} - {"global", "resources.claims"}
    written = {path for path in paths(VALUES) if not path.startswith("resources.")}
    assert known - {"resources.requests", "resources.limits"} == written


def objects(schema: dict[str, Any], at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if schema.get("type") == "object" and "properties" in schema:
        yield at, schema
    for key, inner in schema.get("properties", {}).items():
        yield from objects(inner, f"{at}.{key}".lstrip("."))


def test_defaults_may_be_whatever_a_model_may_say() -> None:
    known = SCHEMA["properties"]["defaultRollout"]["propertyNames"]["enum"]
    assert known == [field.alias or name for name, field in RolloutPolicy.model_fields.items()]


def test_no_object_of_ours_takes_unknown_keys() -> None:
    assert [at for at, each in objects(SCHEMA) if each["additionalProperties"] is not False] == []


def test_the_definitions_come_with_the_release_and_outlive_it() -> None:
    made = of_kind(render({"crds": {"install": True}}), "CustomResourceDefinition")
    files = sorted((CHART / "files").glob("*.yaml"))
    committed = [each for path in files for each in documents(path.read_text())]
    assert VALUES["crds"]["install"]
    assert made == committed
    assert [each["spec"]["names"]["plural"] for each in made] == [path.stem for path in files]
    for each in made:
        assert each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


def test_the_definition_can_be_left_to_others() -> None:
    assert of_kind(render({"crds": {"install": False}}), "CustomResourceDefinition") == []


def test_two_releases_in_two_namespaces_share_no_cluster_wide_name() -> None:
    scopes = ("ClusterRole", "ClusterRoleBinding", "FlowSchema")
    names = [
        {each["metadata"]["name"] for each in render(release=release) if each["kind"] in scopes}
        for release in ("first", "second")
    ]
    assert names[0] & names[1] == set()


def test_the_roles_for_people_can_be_left_to_others() -> None:
    roles = of_kind(render({"userRoles": {"create": False}}), "ClusterRole")
    assert [each["metadata"]["name"] for each in roles] == ["serinus"]
