"""Manifests as the operator renders them, reduced to what a test is about."""

from typing import Any

Manifest = dict[str, Any]


def metadata(
    namespace: str, name: str, model: str = "fraud", revision: str = ""
) -> dict[str, Any]:
    labels = {"serinus.dev/model": model}
    if revision:
        labels["serinus.dev/revision"] = revision
    return {
        "namespace": namespace,
        "name": name,
        "labels": labels,
        "annotations": {"serinus.dev/applied": "digest"},
    }


def applied(manifest: Manifest, digest: str) -> Manifest:
    """The same manifest with the digest that rendering would have given it."""
    annotations = {**manifest["metadata"]["annotations"], "serinus.dev/applied": digest}
    return {**manifest, "metadata": {**manifest["metadata"], "annotations": annotations}}


def deployment(
    namespace: str, name: str = "fraud-r1", revision: str = "r1", replicas: int = 1
) -> Manifest:
    labels = {"serinus.dev/model": "fraud", "serinus.dev/revision": revision}
    container = {"name": "model", "image": f"fraud:{revision}"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(namespace, name, revision=revision),
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def service(
    namespace: str, name: str, model: str = "fraud", selector: dict[str, str] | None = None
) -> Manifest:
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(namespace, name, model=model),
        "spec": {"selector": selector or {"serinus.dev/model": model}, "ports": ports},
    }


def controller_revision(
    namespace: str, *, template: dict[str, Any], config_names: list[str]
) -> Manifest:
    return {
        "apiVersion": "apps/v1",
        "kind": "ControllerRevision",
        "metadata": metadata(namespace, "fraud-r1", revision="r1"),
        "revision": 1,
        "data": {"version": "1", "podTemplate": template, "configNames": config_names},
    }


def cron_job(namespace: str, revision: str = "r1") -> Manifest:
    container = {"name": "model-content", "image": "busybox"}
    pod = {"containers": [container], "restartPolicy": "Never"}
    job = {"backoffLimit": 0, "template": {"spec": pod}}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": metadata(namespace, f"{revision}-fraud", revision=revision),
        "spec": {"schedule": "7 * * * *", "jobTemplate": {"spec": job}},
    }


def config_map(
    namespace: str, name: str, model: str = "", data: dict[str, str] | None = None
) -> Manifest:
    """A ConfigMap of ours if a model is named, else a user's."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": (
            metadata(namespace, name, model=model)
            if model
            else {"namespace": namespace, "name": name}
        ),
        "data": data or {"key": "value"},
    }


def evidence(namespace: str, ledger: str, last_asked: str = "") -> Manifest:
    data = {"ledger": ledger, "lastAsked": last_asked}
    return config_map(namespace, "fraud-evidence", model="fraud", data=data)


def http_route(namespace: str, *, stable: int, canary: int) -> Manifest:
    weights = {"fraud-r1": stable, "fraud-r2": canary}
    backends = [
        {"name": name, "port": 80, "weight": weight} for name, weight in weights.items() if weight
    ]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(namespace, "fraud"),
        "spec": {"parentRefs": [{"name": "public"}], "rules": [{"backendRefs": backends}]},
    }


def objective_template(namespace: str, limit: str = "1%", name: str = "serving") -> Manifest:
    """An ObjectiveTemplate, or without a namespace one of the cluster."""
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "ObjectiveTemplate" if namespace else "ClusterObjectiveTemplate",
        "metadata": {"name": name} | ({"namespace": namespace} if namespace else {}),
        "spec": {"objectives": [{"preset": "error-rate", "limit": limit}]},
    }


def model_deployment(namespace: str, name: str = "fraud", **spec: Any) -> Manifest:
    container = {"name": "model", "image": "fraud:1", "ports": [{"containerPort": 8080}]}
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "MLModelDeployment",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {
            "model": {"version": "1"},
            "template": {"spec": {"containers": [container]}},
            "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
            **spec,
        },
    }
