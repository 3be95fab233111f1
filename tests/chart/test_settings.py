"""The chart sets what the operator reads, and the operator reads what the chart sets."""

import re
from typing import Any

import pytest

from serinus.adapters.prometheus_settings import OAuth2, PrometheusSettings, SigV4
from serinus.resource.objective import Objective
from serinus.resource.storage import Rereads, StorageImages
from serinus.settings import Settings, read_settings
from tests.chart.cases import CASES
from tests.chart.rendering import NAMESPACE, ROOT, render, the

SOURCE = ROOT / "operator" / "serinus" / "settings.py"


def environment(values: dict[str, Any]) -> dict[str, str]:
    """What the operator finds, once the kubelet has put the namespace and dollars in place."""
    spec = the(render(values), "Deployment")["spec"]["template"]["spec"]
    written = {each["name"]: each.get("value", "") for each in spec["containers"][0]["env"]}
    variables = {name: value.replace("$$(", "$(") for name, value in written.items()}
    return {**variables, "SERINUS_OWN_NAMESPACE": NAMESPACE}


def test_chart_and_settings_name_the_same_variables() -> None:
    names = {name for values in CASES.values() for name in environment(values)}
    read = set(re.findall(r"SERINUS_[A-Z0-9_]*[A-Z0-9]", SOURCE.read_text()))
    assert read == {name for name in names if name.startswith("SERINUS_")}


def test_by_default_the_operator_is_told_where_to_look_and_else_left_to_its_defaults() -> None:
    assert read_settings(environment({})) == Settings(
        own_namespace=NAMESPACE, prometheus_url="http://prometheus-operated.monitoring:9090"
    )


LOGIN, AUTHORITY = "/etc/serinus/prometheus/auth", "/etc/serinus/prometheus/ca"
MIMIR = "/etc/serinus/prometheus/others/mimir"

BUSY = {"name": "busy", "value": 'avg(queue{kind="in",$(selector)})', "limit": "20"}

SAID: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "the Lease": (
        {"fullnameOverride": "models", "lease": {"duration": "30s"}},
        {"lease": "models", "lease_duration_seconds": 30.0},
    ),
    "namespaces": ({"watchNamespaces": ["a", "b"]}, {"namespaces": ("a", "b")}),
    "secrets": (
        {"trackSecrets": {"enabled": True, "names": ["features"]}},
        {"track_secrets": True},
    ),
    "times": (
        {"prometheus": {"timeout": "1m30s", "scrapeInterval": "500ms"}},
        {"prometheus_timeout_seconds": 90.0, "scrape_interval_seconds": 0.5},
    ),
    "a token": (
        {"prometheus": {"auth": {"existingSecret": "login"}}},
        {"prometheus_access": PrometheusSettings(token_file=f"{LOGIN}/token")},
    ),
    "a name and a password": (
        {"prometheus": {"auth": {"existingSecret": "login", "type": "basic"}}},
        {
            "prometheus_access": PrometheusSettings(
                username_file=f"{LOGIN}/username", password_file=f"{LOGIN}/password"
            )
        },
    ),
    "an authority": (
        {"prometheus": {"ca": {"existingSecret": "ca", "key": "a.pem"}}},
        {"prometheus_access": PrometheusSettings(ca_file=f"{AUTHORITY}/a.pem")},
    ),
    "labels, tenants and headers": (
        {
            "prometheus": {
                "labels": {"pod": "kubernetes_pod_name"},
                "tenants": ["team-a"],
                "namespaces": ["fraud", "search"],
                "tenantHeader": "X-Tenant",
                "headers": {"X-Scope-OrgID": "ml"},
            }
        },
        {
            "prometheus_access": PrometheusSettings(
                pod_label="kubernetes_pod_name",
                tenants=("team-a",),
                namespaces=("fraud", "search"),
                tenant_header="X-Tenant",
                headers={"X-Scope-OrgID": "ml"},
            )
        },
    ),
    "keys for AWS, and a header with a secret": (
        {
            "prometheus": {
                "auth": {
                    "existingSecret": "aws",
                    "type": "sigv4",
                    "sigv4": {"region": "eu-west-1"},
                    "secretHeaders": {"X-Api-Key": "key"},
                }
            }
        },
        {
            "prometheus_access": PrometheusSettings(
                sigv4=SigV4(region="eu-west-1", keys_folder=LOGIN),
                header_files={"X-Api-Key": f"{LOGIN}/key"},
            )
        },
    ),
    "others by name": (
        {
            "prometheus": {
                "others": {
                    "mimir": {
                        "url": "http://mimir:8080/prometheus",
                        "namespaces": ["fraud"],
                        "timeout": "20s",
                        "auth": {
                            "existingSecret": "client",
                            "type": "oauth2",
                            "oauth2": {
                                "tokenUrl": "https://id.example.com/token",
                                "parameters": {"audience": "$(x)"},
                            },
                        },
                        "clientCertificate": {"existingSecret": "tls"},
                    }
                }
            }
        },
        {
            "prometheus_others": {
                "mimir": PrometheusSettings(
                    url="http://mimir:8080/prometheus",
                    namespaces=("fraud",),
                    timeout=20.0,
                    oauth2=OAuth2(
                        token_url="https://id.example.com/token",
                        client_id_file=f"{MIMIR}/auth/clientId",
                        client_secret_file=f"{MIMIR}/auth/clientSecret",
                        parameters={"audience": "$(x)"},
                    ),
                    certificate_file=f"{MIMIR}/certificate/tls.crt",
                    key_file=f"{MIMIR}/certificate/tls.key",
                )
            }
        },
    ),
    "when claims are read": (
        {"models": {"rereadClaims": "never"}},
        {"storage_images": StorageImages(rereads=Rereads.NEVER)},
    ),
    "what fetches models": (
        {"models": {"initializerImage": "i:1", "contentImage": "c:1", "warmupImage": "w:1"}},
        {"storage_images": StorageImages(initializer="i:1", content="c:1", warmup="w:1")},
    ),
    "defaults": (
        {"defaultObjectives": [BUSY]},
        {"default_objectives": (Objective.model_validate(BUSY),)},
    ),
    "the way": (
        {"defaultRollout": {"maxDuration": "6h"}},
        {"default_policy": {"maxDuration": "6h"}},
    ),
    "ports": (
        {"metrics": {"port": 9000}, "probes": {"port": 9001}},
        {"metrics_port": 9000, "probes_port": 9001},
    ),
    "the log": (
        {"log": {"format": "text", "level": "warning"}},
        {"log_format": "text", "log_level": "warning"},
    ),
}


@pytest.mark.parametrize(("values", "settings"), SAID.values(), ids=SAID)
def test_the_operator_understands_what_it_is_told(
    values: dict[str, Any], settings: dict[str, Any]
) -> None:
    read = read_settings(environment(values))
    assert {name: getattr(read, name) for name in settings} == settings
