"""Deterministic names and labels of everything we own."""

from __future__ import annotations

from hashlib import sha256

GROUP, VERSION, PLURAL, KIND = "serinus.dev", "v1alpha1", "mlmodeldeployments", "MLModelDeployment"
TEMPLATE_PLURAL, CLUSTER_TEMPLATE_PLURAL = "objectivetemplates", "clusterobjectivetemplates"
API_VERSION = f"{GROUP}/{VERSION}"
FIELD_MANAGER = "serinus"
FINALIZER = f"{GROUP}/finalizer"

MODEL_LABEL = f"{GROUP}/model"
REVISION_LABEL = f"{GROUP}/revision"
TRACK_LABEL = f"{GROUP}/track"
VERSION_LABEL = f"{GROUP}/version"
MANAGED_BY_LABEL = "app.kubernetes.io/managed-by"

APPLIED_ANNOTATION = f"{GROUP}/applied"
DECISION_ANNOTATION = f"{GROUP}/decision"
RESTARTED_ANNOTATION = f"{GROUP}/restarted-at"
METRICS_PORT_ANNOTATION = f"{GROUP}/metrics-port"
METRICS_PATH_ANNOTATION = f"{GROUP}/metrics-path"

CONTENT_CONTAINER = "model-content"
"""Its last words are the digest of the model's files."""

READS_LABEL = f"{GROUP}/reads"
READS_REVISION_LABEL = f"{GROUP}/reads-revision"
"""Of pods that read a claim again: no label of a model's pods, which serve and are counted."""

COMMANDS = ("promote", "abort", "retry", "approve")


def command_annotation(command: str) -> str:
    """Return the annotation a person sets to give a command."""
    return f"{GROUP}/{command}"


def workload_name(model: str, revision: str) -> str:
    """Return the name shared by a revision's Deployment, Service and ControllerRevision."""
    return f"{model}-{revision}"


def reader_name(model: str, revision: str) -> str:
    """Return the name of a revision's CronJob (at most 52 characters).

    It does not begin as names of the revision's pods do: their series are found by that.
    """
    return f"{revision}-{model}"


def stable_service_name(model: str) -> str:
    """Return the Service that always selects the stable revision."""
    return f"{model}-stable"


def canary_service_name(model: str) -> str:
    """Return the Service that selects the canary, or stable where there is no canary."""
    return f"{model}-canary"


def entry_service_name(model: str) -> str:
    """Return the Service that callers inside the cluster use; it sees stable only."""
    return model


def route_name(model: str) -> str:
    """Return the HTTPRoute's name."""
    return model


def evidence_name(model: str) -> str:
    """Return the ConfigMap that carries a rollout's evidence."""
    return f"{model}-evidence"


def baseline_name(model: str) -> str:
    """Return the ConfigMap that carries what was captured of stable's traffic."""
    return f"{model}-baseline"


def config_copy_name(model: str, revision: str, config_map: str) -> str:
    """Return the name of a revision's immutable copy of a ConfigMap (at most 253 characters)."""
    name = f"{model}-{revision}-{config_map}"
    if len(name) <= 253:
        return name
    return f"{model}-{revision}-{sha256(config_map.encode()).hexdigest()[:10]}"


def model_labels(model: str) -> dict[str, str]:
    """Return the labels every object of a model carries."""
    return {MODEL_LABEL: model, MANAGED_BY_LABEL: FIELD_MANAGER}


def pod_labels(model: str, revision: str) -> dict[str, str]:
    """Return the labels of a revision's pods; they select nothing else, ever."""
    return {MODEL_LABEL: model, REVISION_LABEL: revision}


def reader_labels(model: str, revision: str) -> dict[str, str]:
    """Return the labels of the pods that read a revision's claim again."""
    return {READS_LABEL: model, READS_REVISION_LABEL: revision}
