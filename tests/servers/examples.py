"""The SDK's examples, started as their users would, with two workers, and what they count."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.architecture.sources import ROOT
from tests.integration.control_plane import free_ports
from tests.servers.recipes import MODELS
from tests.servers.running import Running, environment, status_of
from tests.unit.sdk.shown import Shown

FOLDER = ROOT / "sdk" / "examples"
RESULTS = Path(__file__).parent / "examples.json"
GOOD, BAD = 60, 20
FEATURES = ("age", "income")
STARTS_WITHIN_SECONDS = 300.0
SHOWN_WITHIN_SECONDS = 15.0
MODEL = ("scikit-learn", "joblib", "prometheus-client", "-e", str(ROOT / "sdk"))

TRAIN = """
import joblib
from sklearn.linear_model import LogisticRegression
from serinus_sdk import Baseline

X = [[20.0 + n % 60, float(n % 7)] for n in range(600)]
y = [row[0] > 50 for row in X]
model = LogisticRegression().fit(X, y)
joblib.dump(model, "model.joblib")
names = ["age", "income"]
Baseline.fit(X, model.predict(X), truth=y, names=names, version="7").save("baseline.json")
"""


TRITON_CONFIG = """
backend: "python"
input [{ name: "features", data_type: TYPE_FP64, dims: [-1, -1] }]
output [{ name: "scores", data_type: TYPE_BOOL, dims: [-1] }]
instance_group [{ count: 2, kind: KIND_CPU }]
parameters { key: "metrics_port", value: { string_value: "$METRICS_PORT" } }
"""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One example of sdk/examples, and a row that its model can't take."""

    packages: tuple[str, ...]
    """With versions; the first is the server's own."""
    command: Callable[[Path, int], list[str]]
    """From the environment's folder of programs and a port."""
    path: str
    body: Callable[[list[float]], Any]
    bad: Any
    refused_with: int = 500
    ready: str = ""
    """A path that answers once it serves; none where it has none."""
    has_metrics_port: bool = False
    """Whether metrics are on a port of their own."""
    hears_truths: bool = False
    """Whether it is told what turned out to be true, at /feedback, by the id of the request."""
    shares_by_itself: bool = False
    """Whether it sees to it that its workers share what they counted."""
    files: Mapping[str, str] = field(default_factory=dict)
    """What it needs beside itself, its model and its baseline."""


def _named(row: list[float]) -> dict[str, Any]:
    return {"id": str(row[0]), "features": dict(zip(FEATURES, row, strict=True))}


def _tensor(data: list[Any], name: str = "x") -> dict[str, Any]:
    tensor = {"name": name, "datatype": "FP64", "shape": [1, len(data)], "data": data}
    return {"inputs": [tensor]}


def _uvicorn(app: str) -> Callable[[Path, int], list[str]]:
    return lambda bin_, port: [
        *(str(bin_ / "uvicorn"), app, "--workers", "2"),
        *("--host", "127.0.0.1", "--port", str(port)),
        # A busy machine takes long to import a library.
        *("--timeout-worker-healthcheck", "120"),
    ]


EXAMPLES: dict[str, Example] = {
    "fastapi_sklearn": Example(
        packages=("fastapi", "uvicorn", *MODEL),
        command=_uvicorn("fastapi_sklearn:app"),
        path="/predict",
        body=_named,
        bad={"id": "x", "features": {"age": None, "income": 1.0}},
        ready="/docs",
        hears_truths=True,
    ),
    "v2_server": Example(
        packages=("fastapi", "uvicorn", *MODEL),
        command=_uvicorn("v2_server:app"),
        path="/v2/models/model/infer",
        body=_tensor,
        bad=_tensor(["no number", 1.0]),
        refused_with=400,
        ready="/v2/models/model/ready",
    ),
    "litserve_server": Example(
        packages=("litserve==0.2.19", *MODEL),
        command=lambda bin_, _port: [str(bin_ / "python"), "litserve_server.py"],
        path="/predict",
        body=lambda row: {"features": row},
        bad={"features": [1.0]},
        ready="/health",
        has_metrics_port=True,
    ),
    "bentoml_service": Example(
        packages=("bentoml==1.4.39", *MODEL),
        command=lambda bin_, port: [
            *(str(bin_ / "bentoml"), "serve", "bentoml_service:Model"),
            *("--host", "127.0.0.1", "--port", str(port)),
        ],
        path="/predict",
        body=lambda row: {"rows": [row]},
        bad={"rows": [[1.0]]},
        ready="/readyz",
        shares_by_itself=True,
    ),
    "triton_model": Example(
        packages=("nvidia-pytriton==0.7.0", *MODEL),
        command=lambda bin_, port: [
            *(str(bin_ / "python"), "triton_server.py", str(port), "8002", "8001"),
            *("--allow-metrics=false", "--allow-grpc=false"),
        ],
        path="/v2/models/fraud/infer",
        body=lambda row: _tensor(row, "features"),
        bad=_tensor([1.0], "features"),
        ready="/v2/models/fraud/ready",
        has_metrics_port=True,
        files={
            "triton_server.py": (MODELS / "triton_server.py").read_text(),
            "config.pbtxt": TRITON_CONFIG,
        },
    ),
}


def run(name: str, folder: Path) -> Shown:
    """Start an example, send requests, and return what it shows then.

    Raises:
        RuntimeError: it does not start, or answers otherwise than it should.
    """
    example, ports = EXAMPLES[name], free_ports(2)
    bin_ = environment(example.packages)
    for file, text in {f"{name}.py": (FOLDER / f"{name}.py").read_text(), **example.files}.items():
        (folder / file).write_text(text)
    subprocess.run([str(bin_ / "python"), "-c", TRAIN], check=True, cwd=folder)
    shared = folder / "shared"
    shared.mkdir()
    own = {} if example.shares_by_itself else {"PROMETHEUS_MULTIPROC_DIR": str(shared)}
    server = Running(
        example.command(bin_, ports[0]),
        folder,
        variables={"PORT": str(ports[0]), "METRICS_PORT": str(ports[1]), **own},
    )
    shows_at = ports[1] if example.has_metrics_port else ports[0]
    server.start()
    try:
        _wait_until_ready(example, ports[0], server)
        _send(example, ports[0])
        return _settled(f"http://127.0.0.1:{shows_at}/metrics")
    finally:
        server.stop()


def faults(name: str, told: Shown) -> list[str]:
    """Return what an example shows otherwise than it happened; nothing if all is well."""
    refused = str(EXAMPLES[name].refused_with)
    counted = {
        "good requests": (told.sum("model_requests_total", code="200"), GOOD),
        "bad requests": (told.sum("model_requests_total", code=refused), BAD),
        "durations": (told.sum("model_request_duration_seconds_count"), GOOD + BAD),
        "predictions": (told.sum("model_predictions_total"), GOOD),
        "values of a feature": (told.sum("model_feature_values_total", feature="age"), GOOD),
        "outcomes": (told.sum("model_outcomes_total"), GOOD * EXAMPLES[name].hears_truths),
        "training rows": (told.sum("model_baseline_feature_values", feature="age"), 600),
    }
    return [f"{what}: {is_} for {was}" for what, (is_, was) in counted.items() if is_ != was]


def digest(name: str) -> str:
    """Return what changes with an example."""
    return sha256((FOLDER / f"{name}.py").read_bytes()).hexdigest()[:12]


def keep(name: str) -> None:
    """Write down that an example has been run, as it is now."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[name] = {"package": EXAMPLES[name].packages[0], "of": digest(name)}
    RESULTS.write_text(json.dumps(dict(sorted(results.items())), indent=2) + "\n")


def _wait_until_ready(example: Example, port: int, server: Running) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while status_of(f"http://127.0.0.1:{port}{example.ready}") != 200:
        if time.monotonic() > deadline or server.has_ended():
            raise RuntimeError(f"it does not start: {server.last_words()}")
        time.sleep(0.3)


def _send(example: Example, port: int) -> None:
    url = f"http://127.0.0.1:{port}{example.path}"
    rows = [[20.0 + number, float(number % 7)] for number in range(GOOD)]
    outcomes = [status_of(url, example.body(row)) for row in rows]
    outcomes += [status_of(url, example.bad) for _ in range(BAD)]
    if outcomes != [200] * GOOD + [example.refused_with] * BAD:
        raise RuntimeError(f"it answers otherwise than it should: {outcomes}")
    if example.hears_truths:
        _tell(rows, f"http://127.0.0.1:{port}/feedback")


def _tell(rows: list[list[float]], url: str) -> None:
    """Whichever worker hears a truth, the one that predicted may be the other."""
    heard = [status_of(url, {"id": _named(row)["id"], "truth": row[0] > 50}) for row in rows]
    if heard != [200] * GOOD:
        raise RuntimeError(f"it knows its own predictions no more: {heard}")


def _settled(url: str) -> Shown:
    """Return what is shown once all workers have written down what they counted."""
    deadline, told = time.monotonic() + SHOWN_WITHIN_SECONDS, Shown()
    while told.sum("model_predictions_total") < GOOD and time.monotonic() < deadline:
        time.sleep(0.5)
        with urllib.request.urlopen(url, timeout=30) as answer:
            told = Shown.of(answer.read())
    return told
