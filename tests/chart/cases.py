"""The installations that golden files show; `python -m tests.chart.cases` writes them anew."""

from pathlib import Path
from typing import Any

from tests.chart.rendering import ROOT, render_text

GOLDEN = ROOT / "tests" / "snapshots" / "chart"

EVERYTHING: dict[str, Any] = {
    "fullnameOverride": "models",
    "replicas": 2,
    "lease": {"duration": "30s"},
    "image": {
        "repository": "registry.example.com/serinus",
        "digest": f"sha256:{'a1' * 32}",
        "pullPolicy": "Always",
    },
    "imagePullSecrets": [{"name": "registry"}],
    "prometheus": {
        "url": "https://prometheus.example.com/team",
        "auth": {"existingSecret": "prometheus-login", "type": "basic"},
        "ca": {"existingSecret": "prometheus-authority", "key": "authority.pem"},
        "clientCertificate": {"existingSecret": "prometheus-client"},
        "headers": {"X-Scope-OrgID": "ml"},
        "tenants": ["team-a", "team-b"],
        "labels": {"namespace": "kubernetes_namespace", "pod": "kubernetes_pod_name"},
        "others": {
            "amazon": {
                "url": "https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-1",
                "auth": {"type": "sigv4", "sigv4": {"region": "eu-west-1"}},
            },
            "azure": {
                "url": "https://ml.westeurope.prometheus.monitor.azure.com",
                "scrapeInterval": "30s",
                "namespaces": ["fraud", "search"],
                "auth": {
                    "existingSecret": "azure-client",
                    "type": "oauth2",
                    "oauth2": {
                        "tokenUrl": "https://login.example.com/oauth2/v2.0/token",
                        "scopes": ["https://prometheus.monitor.azure.com/.default"],
                    },
                    "secretHeaders": {"X-Api-Key": "api-key"},
                },
            },
        },
    },
    "defaultObjectives": [
        {"preset": "error-rate", "limit": "2%"},
        {"name": "busy", "value": 'avg(queue_length{kind="in",$(selector)})', "limit": "20"},
    ],
    "defaultRollout": {"falseRollbackRate": "0.5%", "steps": [{"weight": 5}, {"weight": 50}]},
    "models": {
        "initializerImage": "registry.example.com/initializer:1",
        "contentImage": "registry.example.com/busybox:1",
        "warmupImage": "registry.example.com/python:3",
        "rereadClaims": "daily",
    },
    "trackSecrets": {"enabled": True, "names": ["features", "registry-token"]},
    "log": {"format": "text", "level": "debug"},
    "metrics": {"podMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
    "networkPolicy": {
        "create": True,
        "metricsFrom": [{"namespaceSelector": {"matchLabels": {"team": "monitoring"}}}],
        "egress": [{"ports": [{"port": 443}, {"port": 6443}, {"port": 53, "protocol": "UDP"}]}],
    },
    "serviceAccount": {"name": "canaries", "annotations": {"example.com/role": "models"}},
    "podAnnotations": {"example.com/team": "ml"},
    "podLabels": {"team": "ml"},
    "nodeSelector": {"kubernetes.io/os": "linux"},
    "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    "affinity": {
        "nodeAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [
                    {"matchExpressions": [{"key": "pool", "operator": "In", "values": ["ops"]}]}
                ]
            }
        }
    },
    "priorityClassName": "system-cluster-critical",
    "extraEnv": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
}

CASES: dict[str, dict[str, Any]] = {
    "defaults": {},
    "namespaced": {
        "watchNamespaces": ["fraud", "search"],
        "prometheus": {"auth": {"existingSecret": "prometheus-token"}},
        "metrics": {"service": {"enabled": False}, "serviceMonitor": {"enabled": True}},
    },
    "everything": EVERYTHING,
}


def rendered(name: str) -> str:
    # The definition has a check of its own, and would hide all else here.
    return render_text(CASES[name] | {"crds": {"install": False}})


def write(folder: Path) -> None:
    for name in CASES:
        (folder / f"{name}.yaml").write_text(rendered(name))


if __name__ == "__main__":
    write(GOLDEN)
