"""Manifests for every rule of the definition: one that keeps it and one that breaks only it."""

from __future__ import annotations

from typing import Any

from serinus.resource.model_uri import EXAMPLES
from tests.unit.resource.manifests import spec

Spec = dict[str, Any]

SHARE = {"preset": "error-rate", "limit": "1%"}
LATENCY = {"preset": "latency", "limit": "250ms"}
COUNTS = {"name": "accuracy", "good": "good_total", "total": "all_total", "limit": "5%"}
MISSING = {"preset": "missing-inputs", "limit": "5%"}
GAUGE = {"name": "drift", "value": "drift_score", "limit": "0.2"}
BESIDE = ", and let a container of its pod that sees inputs and outputs count by serinus-sdk"
DRIFT = {"preset": "drift", "name": "moved", "limit": "0.2"}
QUALITY = {"preset": "quality", "limit": "10%"}
BY_COUNTRY = {"by": "country", "segments": ["DE", "FR"]}
MANY = [f"s{number}" for number in range(10)]
SETTINGS = {"name": "settings", "optional": True}
CONTAINER = {
    "name": "model",
    "image": "i",
    "command": ["serve"],
    "args": ["--fast"],
    "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
    "env": [{"name": "A", "valueFrom": {"configMapKeyRef": SETTINGS | {"key": "a"}}}],
    "envFrom": [{"configMapRef": SETTINGS}],
    "volumeMounts": [{"name": "settings", "mountPath": "/settings"}],
    "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
}


def objectives(*listed: dict[str, Any]) -> Spec:
    return spec(objectives=list(listed))


def margin(source: dict[str, Any], by: str) -> Spec:
    without_limit = {key: value for key, value in source.items() if key != "limit"}
    return objectives(without_limit | {"worseThanStable": {"by": by}})


def templates(*args: str) -> Spec:
    values = [{"name": name, "value": "1%"} for name in args]
    return spec(objectiveTemplates=[{"name": "serving", "args": values}])


def server(name: str, **changes: Any) -> Spec:
    return spec(model={"version": "7", "server": name}, **changes)


def bare(**model: str) -> Spec:
    without = {key: value for key, value in spec().items() if key != "template"}
    return without | {"model": {"version": "7"} | model}


def ports(*listed: tuple[str, int]) -> Spec:
    return spec(ports=[{"name": name, "port": port} for name, port in listed])


def labels(**listed: str) -> Spec:
    template = spec()["template"]
    return spec(template=template | {"metadata": {"labels": listed}})


def tested(source: dict[str, Any], **numbers: str) -> Spec:
    """An objective that is compared with stable, with its own margin or tolerance."""
    return objectives(source | {"worseThanStable": {"by": "1%"}} | numbers)


def incident(since: str, until: str) -> Spec:
    return spec(rollout={"calibration": {"without": [{"from": since, "until": until}]}})


def model(**fields: str) -> Spec:
    return spec(model={"version": "7", **fields})


URIS = {
    "oci": (f"oci://r.example.com:5000/m/fraud:7@sha256:{'0' * 64}", "oci://R/fraud"),
    "s3": ("s3://models/fraud/7", "s3://models/fraud?versionId=7"),
    "gs": ("gs://models/fraud/7", "gs://models/fraud#7"),
    "azure": ("azure://account/container/fraud/7", "azure://account/container"),
    "hf": ("hf://organisation/Model-7B:main", "hf://model"),
    "pvc": ("pvc://models/fraud/7", "pvc://Models"),
    "https": ("https://example.com/fraud.zip", "https://ada:pw@example.com/fraud.zip"),
}


PREDICTIONS = 'p{version="$(version)"}'
OUTCOMES = COUNTS | {"total": 't{version="$(version)"}', "good": 'g{version="$(version)"}'}

PAIRS: dict[str, tuple[Spec, Spec]] = {
    "failed can't be more than the windows it is counted in": (
        objectives(SHARE | {"failureLimit": {"failed": 5, "of": 5}}),
        objectives(SHARE | {"failureLimit": {"failed": 6, "of": 5}}),
    ),
    "an objective is exactly one of: preset, total (with good or bad), value": (
        objectives(GAUGE),
        objectives(GAUGE | {"preset": "null-outputs", "limit": "0"}),
    ),
    "total needs exactly one of good or bad, and neither goes without total": (
        objectives(COUNTS),
        objectives(COUNTS | {"bad": "bad_total"}),
    ),
    "an objective without preset needs a name": (
        objectives(GAUGE),
        objectives({"value": "drift_score", "limit": "0.2"}),
    ),
    "an objective needs a limit, or worseThanStable, or both": (
        margin(SHARE, "1%"),
        objectives({"preset": "error-rate"}),
    ),
    "passLimit goes with a limit": (
        objectives(SHARE | {"passLimit": "0.5%"}),
        objectives({"preset": "error-rate", "passLimit": "1%", "worseThanStable": {"by": "1%"}}),
    ),
    "margin belongs to shares, and to a latency that has worseThanStable": (
        tested(LATENCY, margin="2%"),
        objectives(LATENCY | {"margin": "2%"}),
    ),
    "weight belongs to objectives that are counted: a gauge never ends a rollout": (
        objectives(SHARE | {"weight": 8}),
        objectives(GAUGE | {"weight": 8}),
    ),
    "tolerance belongs to shares that have worseThanStable": (
        tested(SHARE, tolerance="0.1%"),
        objectives(SHARE | {"tolerance": "0.1%"}),
    ),
    "the margin of a share is a percentage": (
        objectives(SHARE | {"margin": "0.5%"}),
        objectives(SHARE | {"margin": "5ms"}),
    ),
    "the margin of a latency is a duration or a percentage": (
        tested(LATENCY, margin="20ms"),
        tested(LATENCY, margin="20"),
    ),
    "the tolerance of a share is a percentage": (
        tested(COUNTS, tolerance="0.5%"),
        tested(COUNTS, tolerance="5s"),
    ),
    "quantile belongs to durations such as preset latency": (
        objectives(LATENCY | {"quantile": "0.95"}),
        objectives(SHARE | {"quantile": "0.95"}),
    ),
    "worse belongs to value (a gauge)": (
        objectives(GAUGE | {"worse": "lower"}),
        objectives(COUNTS | {"worse": "lower"}),
    ),
    "a latency limit is a duration such as 250ms": (
        objectives(LATENCY),
        objectives(LATENCY | {"limit": "1%"}),
    ),
    "the limit of a share is a percentage such as 1%": (
        objectives(COUNTS | {"limit": "100%"}),
        objectives(COUNTS | {"limit": "1"}),
    ),
    "the limit of a gauge is a plain number": (
        objectives(GAUGE),
        objectives(GAUGE | {"limit": "20%"}),
    ),
    "latency may be worse than stable by a duration or by a percentage": (
        margin(LATENCY, "10%"),
        margin(LATENCY, "10"),
    ),
    "a share may be worse than stable by a percentage such as 1%": (
        margin(SHARE, "0.5%"),
        margin(SHARE, "1"),
    ),
    "a gauge may be worse than stable by a plain number or by a percentage": (
        margin(GAUGE, "0.1"),
        margin(GAUGE, "5ms"),
    ),
    **{
        f"model.uri must look like {EXAMPLES[scheme]}": (model(uri=good), model(uri=bad))
        for scheme, (good, bad) in URIS.items()
    },
    "model.uri begins with oci://, s3://, gs://, azure://, hf://, pvc://, https://": (
        model(uri="s3://models/fraud/7"),
        model(uri="ftp://models/fraud/7"),
    ),
    "model.uri has no .. in its path": (
        model(uri="pvc://models/..fraud/7"),
        model(uri="pvc://models/../7"),
    ),
    "model.digest is that of what model.uri holds, and there is no model.uri": (
        model(uri="s3://models/fraud/7", digest="unchecked"),
        model(digest="unchecked"),
    ),
    "against, of, feature, statistic, drifted, capture belong to preset drift": (
        objectives(DRIFT | {"of": "features", "drifted": "25%"}),
        objectives(SHARE | {"against": "stable"}),
    ),
    "drift has a limit; what it is compared with is said by against": (
        objectives(DRIFT | {"against": "stable"}),
        objectives(DRIFT | {"worseThanStable": {"by": "1"}}),
    ),
    "drift needs a limit; only psi of a baseline has a usual one, 0.2": (
        objectives({"preset": "drift", "against": "captured", "statistic": "psi"}),
        objectives({"preset": "drift", "against": "stable", "statistic": "psi"}),
    ),
    "feature is one of the features, not of the predictions": (
        objectives(DRIFT | {"feature": "age", "of": "features"}),
        objectives(DRIFT | {"feature": "age", "of": "predictions"}),
    ),
    "drifted is a share of all features": (
        objectives(DRIFT | {"drifted": "25%"}),
        objectives(DRIFT | {"feature": "age", "drifted": "25%"}),
    ),
    "wasserstein is no limit on shares, which predictions against stable are judged by": (
        objectives(DRIFT | {"against": "stable", "statistic": "wasserstein"}),
        objectives(DRIFT | {"against": "stable", "of": "predictions", "statistic": "wasserstein"}),
    ),
    "drifted is a percentage such as 25%": (
        objectives(DRIFT | {"drifted": "12.5%"}),
        objectives(DRIFT | {"drifted": "12"}),
    ),
    "the limit of drift is a plain number": (
        objectives(DRIFT),
        objectives(DRIFT | {"limit": "20%"}),
    ),
    "capture goes with against: captured": (
        objectives(DRIFT | {"against": "captured", "capture": "48h"}),
        objectives(DRIFT | {"against": "baseline", "capture": "48h"}),
    ),
    "minCoverage is a percentage such as 50%": (
        objectives(QUALITY | {"minCoverage": "12.5%"}),
        objectives(QUALITY | {"minCoverage": "12"}),
    ),
    "predicted belongs to counters that hold $(version)": (
        objectives(OUTCOMES | {"predicted": PREDICTIONS}),
        objectives(COUNTS | {"predicted": PREDICTIONS}),
    ),
    "minCoverage of counters needs predicted, of which the labelled ones are a share": (
        objectives(OUTCOMES | {"predicted": PREDICTIONS, "minCoverage": "20%"}),
        objectives(OUTCOMES | {"minCoverage": "20%"}),
    ),
    "labelDelay, minLabelled, minCoverage, predicted, requireBeforePromotion, by, segments belong "
    "to counters (total) and to preset quality": (
        objectives(QUALITY | {"labelDelay": "1h", "minLabelled": 500}),
        objectives(SHARE | {"requireBeforePromotion": False}),
    ),
    "by goes with segments, the label's values that are judged": (
        objectives(QUALITY | BY_COUNTRY),
        objectives(QUALITY | {"by": "country"}),
    ),
    "$(version) is in both queries, or in neither": (
        objectives(
            COUNTS | {"total": 't{version="$(version)"}', "good": 'g{version="$(version)"}'}
        ),
        objectives(COUNTS | {"total": 't{version="$(version)"}'}),
    ),
    "two segments are the same": (
        objectives(QUALITY | {"by": "country", "segments": ["DE", "FR"]}),
        objectives(QUALITY | {"by": "country", "segments": ["DE", "FR", "DE"]}),
    ),
    "queries by segment hold $(segment) among their label matchers": (
        objectives(
            COUNTS
            | BY_COUNTRY
            | {"total": "all_total{$(segment)}", "good": "good_total{$(segment)}"}
        ),
        objectives(COUNTS | BY_COUNTRY),
    ),
    "objectives have more than 20 segments in all": (
        objectives(
            *({"by": "b", "segments": MANY, "name": n} | QUALITY for n in ("one", "two")),
        ),
        objectives(
            *({"by": "b", "segments": MANY, "name": n} | QUALITY for n in ("one", "two", "three")),
        ),
    ),
    "steps can't lower the weight on the way": (
        spec(rollout={"steps": [{"weight": 5}, {"weight": 5}, {"weight": 50}]}),
        spec(rollout={"steps": [{"weight": 5}, {"weight": 50}, {"weight": 49}]}),
    ),
    "interval is at least 1s": (
        spec(rollout={"interval": "1s"}),
        spec(rollout={"interval": "999ms"}),
    ),
    "maxDuration can't be shorter than interval": (
        spec(rollout={"interval": "1m", "maxDuration": "60s"}),
        spec(rollout={"interval": "1m", "maxDuration": "59s"}),
    ),
    "an incident ends after it begins: until is later than from": (
        incident("2026-11-29T11:00:00+01:00", "2026-11-29T10:00:01Z"),
        incident("2026-11-29T10:00:00Z", "2026-11-29T11:00:00+01:00"),
    ),
    "two objectives have the same name; give one of them another": (
        objectives(LATENCY, LATENCY | {"name": "tail", "quantile": "0.999"}),
        objectives(LATENCY, GAUGE | {"name": "latency"}),
    ),
    "two arguments have the same name": (templates("a", "b"), templates("a", "a")),
    "two ports have the same name": (
        ports(("http", 80), ("grpc", 81)),
        ports(("http", 80), ("http", 81)),
    ),
    "two ports have the same number": (
        ports(("http", 80), ("grpc", 81)),
        ports(("http", 80), ("grpc", 80)),
    ),
    "a model needs model.image, or a template with its image; with model.uri the servers "
    "mlserver, openvino, sglang, tensorflow-serving, torchserve, triton, vllm have one of "
    "their own": (
        bare(server="mlserver", uri="s3://models/fraud/7"),
        bare(server="kserve", uri="s3://models/fraud/7"),
    ),
    "metrics.source: this model.server shows no errors of its own; set it to envoy-gateway or "
    "istio or kgateway or knative or knative-legacy or linkerd or standard, or write objectives "
    "in PromQL": (
        server("litserve", metrics={"source": "istio"}),
        server("litserve"),
    ),
    "objectives: this model.server shows nothing to tell error-rate by; set metrics.source to "
    "envoy-gateway or istio or kgateway or knative or knative-legacy or linkerd or standard, or "
    "use PromQL": (
        server("litserve", metrics={"source": "standard"}, objectives=[SHARE]),
        server("litserve", objectives=[SHARE]),
    ),
    "objectives: this model.server shows nothing to tell latency by; set metrics.source to "
    "envoy-gateway or istio or kgateway or knative or knative-legacy or linkerd or standard, or "
    "use PromQL": (
        server("torchserve", metrics={"source": "istio"}, objectives=[LATENCY]),
        server("torchserve", objectives=[LATENCY]),
    ),
    "objectives: this model.server shows nothing to tell time-to-first-token by; "
    "no metrics.source does either: use PromQL, or a server that does (sglang, vllm)": (
        server("vllm", objectives=[LATENCY | {"preset": "time-to-first-token"}]),
        objectives(LATENCY | {"preset": "time-to-first-token"}),
    ),
    "objectives: this model.server shows nothing to tell time-per-token by; "
    "no metrics.source does either: use PromQL, or a server that does (sglang, tgi, vllm)": (
        server("tgi", objectives=[LATENCY | {"preset": "time-per-token"}]),
        server("triton", objectives=[LATENCY | {"preset": "time-per-token"}]),
    ),
    "objectives: this model.server shows nothing to tell queue-time by; "
    "no metrics.source does either: use PromQL, or a server that does (openvino, sglang, "
    "tensorflow-serving, tgi, vllm)": (
        server("openvino", objectives=[LATENCY | {"preset": "queue-time"}]),
        server("mlserver", objectives=[LATENCY | {"preset": "queue-time"}]),
    ),
    "objectives: this model.server shows nothing to tell null-outputs by; set metrics.source to "
    f"standard{BESIDE}, or use PromQL": (
        server("mlserver", objectives=[SHARE | {"preset": "null-outputs"}]),
        server("vllm", objectives=[SHARE | {"preset": "null-outputs"}]),
    ),
    **{
        f"objectives: this model.server shows nothing to tell {preset} by; set metrics.source to "
        f"standard{BESIDE}, or use PromQL": (
            server(
                "vllm", metrics={"source": "standard"}, objectives=[MISSING | {"preset": preset}]
            ),
            server("tgi", objectives=[MISSING | {"preset": preset}]),
        )
        for preset in (
            "missing-inputs",
            "invalid-inputs",
            "out-of-range-inputs",
            "unseen-categories",
        )
    },
    "objectives: this model.server shows nothing to tell drift by; set metrics.source to "
    f"standard{BESIDE}, or use PromQL": (
        server("vllm", metrics={"source": "standard"}, objectives=[DRIFT]),
        server("vllm", objectives=[DRIFT]),
    ),
    "labels serinus.dev/... of the template belong to the operator": (
        labels(**{"app.kubernetes.io/name": "fraud"}),
        labels(**{"serinus.dev/track": "stable"}),
    ),
}
"""By what is told to who broke the rule: accepted, refused."""

NAMES: dict[str, tuple[str, str]] = {
    "metadata.name is at most 40 characters: the names of children are derived from it": (
        "a" * 40,
        "a" * 41,
    ),
    "metadata.name must be a DNS label that starts with a letter: it names a Service": (
        "fraud-7",
        "fraud.7",
    ),
}
"""The same for rules about the resource's name."""

FULL: Spec = spec(
    replicas=2,
    model={
        "version": "7",
        "server": "standard",
        "name": "fraud",
        "image": "i",
        "uri": "s3://models/7",
        "digest": "unchecked",
        "warmup": {
            "requests": [
                {"path": "/p?a=b", "body": "{}", "contentType": "application/json", "times": 2}
            ],
            "port": 8080,
            "timeout": "1m",
            "patience": "2m",
        },
    },
    template={
        "metadata": {"labels": {"team": "risk"}, "annotations": {"example.com/a": "b"}},
        "spec": {
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "containers": [CONTAINER],
            "initContainers": [CONTAINER | {"name": "before"}],
            "volumes": [
                {"name": "settings", "configMap": SETTINGS},
                {"name": "more", "projected": {"sources": [{"configMap": SETTINGS}]}},
            ],
        },
    },
    ports=[{"name": "http", "port": 80, "targetPort": 8080, "appProtocol": "kubernetes.io/h2c"}],
    metrics={
        "port": 9000,
        "path": "/metrics",
        "source": "standard",
        "prometheus": {"name": "mimir", "tenant": "team-a|team-b"},
    },
    objectives=[
        LATENCY
        | {"quantile": "0.99", "name": "tail", "minSamples": 10, "advisory": True}
        | {"onNoData": "pass", "onError": "fail", "patience": "10m"},
        COUNTS
        | {
            "worseThanStable": {"by": "1%", "passBy": "0.5%"},
            "margin": "1%",
            "tolerance": "0.2%",
            "weight": 8,
            "passLimit": "1%",
            "failureLimit": {"failed": 2, "of": 3},
            "consecutiveFailureLimit": 3,
            "consecutiveSuccessLimit": 3,
            "inconclusiveLimit": 5,
            "initialDelay": "1m",
        },
        GAUGE | {"worse": "lower"},
        {"name": "refusals", "bad": "bad_total", "total": "all_total", "limit": "5%"},
        DRIFT | {"against": "baseline", "of": "features", "statistic": "js", "drifted": "10%"},
        DRIFT | {"name": "age", "feature": "age"},
        QUALITY
        | BY_COUNTRY
        | {"labelDelay": "1h", "minLabelled": 500, "requireBeforePromotion": False},
    ],
    objectiveTemplates=[
        {
            "kind": "ClusterObjectiveTemplate",
            "name": "serving",
            "args": [{"name": "slowest", "value": "250ms"}],
        }
    ],
    rollout={
        "steps": [{"weight": 5, "minTime": "1m", "pause": {"duration": "5m"}}, {"weight": 50}],
        "advance": "evidence",
        "falseRollbackRate": "1%",
        "falsePromoteRate": "5%",
        "threshold": "simulated",
        "interval": "10s",
        "minTime": "30s",
        "maxDuration": "1h",
        "onInconclusive": "hold",
        "progressDeadline": "5m",
        "scaleDownDelay": "10s",
        "calibration": {
            "without": [{"from": "2026-11-29T10:00:00Z", "until": "2026-11-29T11:00:00Z"}]
        },
    },
    traffic={
        "gatewayAPI": {
            "parentRefs": [
                {"name": "public", "namespace": "gateways", "sectionName": "https", "port": 443}
            ],
            "hostnames": ["*.example.com"],
            "pathPrefix": "/fraud",
        }
    },
    trackSecrets=["token"],
    deletionPolicy="Orphan",
    revisionHistoryLimit=3,
    restartAt="2030-01-31T12:00:00Z",
    skipAnalysis=False,
    paused=False,
    dryRun=True,
)
"""A spec that says something about everything."""
