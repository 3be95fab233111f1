"""What a preset fills into a pod template: only where nothing is written."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.servers.filling import filled, first_port, metrics_place
from serinus.servers.preset import server_names

IMAGE = "registry.example.com/fraud:7"


def made(server: str, served_name: str | None = None, **written: Any) -> dict[str, Any]:
    """The only container of a template with these fields, as it is filled in."""
    template = {"spec": {"containers": [{"name": "main", **written}]}}
    (container,) = filled(template, server, image=IMAGE, served_name=served_name)["spec"][
        "containers"
    ]
    found: dict[str, Any] = container
    return found


def test_without_a_template_there_is_one_container_with_the_image() -> None:
    (container,) = filled({}, "mlserver", image=IMAGE, served_name=None)["spec"]["containers"]
    assert (container["name"], container["image"]) == ("model", IMAGE)
    assert container["ports"] == [
        {"name": "http", "containerPort": 8080},
        {"name": "grpc", "containerPort": 8081},
        {"name": "metrics", "containerPort": 8082},
    ]
    assert container["readinessProbe"]["httpGet"] == {"path": "/v2/health/ready", "port": 8080}
    assert container["livenessProbe"]["httpGet"] == {"path": "/v2/health/live", "port": 8080}


def test_readiness_is_that_of_the_model_where_it_has_a_name() -> None:
    probe = made("mlserver", served_name="fraud")["readinessProbe"]
    assert probe["httpGet"]["path"] == "/v2/models/fraud/ready"
    assert made("bentoml", served_name="fraud")["readinessProbe"]["httpGet"]["path"] == "/readyz"


def test_a_server_whose_probes_would_be_counted_is_probed_by_its_port() -> None:
    assert made("tensorflow-serving")["readinessProbe"]["tcpSocket"] == {"port": 8501}


def test_a_server_that_loads_slowly_is_not_killed_as_dead() -> None:
    startup = made("vllm")["startupProbe"]
    assert startup["periodSeconds"] * startup["failureThreshold"] >= 3600
    own = made("vllm", livenessProbe={"tcpSocket": {"port": 1}})
    assert "startupProbe" not in own


def test_a_server_that_answers_probes_slowly_is_waited_for() -> None:
    assert made("sglang")["readinessProbe"]["timeoutSeconds"] == 25


def test_what_is_written_wins() -> None:
    written: dict[str, Any] = {
        "image": "mine:1",
        "ports": [{"containerPort": 9000}],
        "readinessProbe": {"exec": {"command": ["true"]}},
        "livenessProbe": {"exec": {"command": ["true"]}},
        "env": [{"name": "TS_METRICS_MODE", "value": "log"}],
    }
    container = made("torchserve", **written)
    assert container["image"] == "mine:1"
    assert container["readinessProbe"] == container["livenessProbe"] == written["readinessProbe"]
    assert container["env"] == [
        {"name": "TS_METRICS_MODE", "value": "log"},
        {"name": "TS_METRICS_ADDRESS", "value": "http://0.0.0.0:8082"},
    ]


def test_another_port_that_is_written_is_the_one_that_is_probed() -> None:
    container = made("bentoml", ports=[{"name": "web", "containerPort": 9000}])
    assert container["ports"] == [{"name": "web", "containerPort": 9000}]
    assert container["readinessProbe"]["httpGet"]["port"] == 9000


def test_the_port_of_the_metrics_is_named_even_where_others_are_written() -> None:
    container = made("mlserver", ports=[{"name": "web", "containerPort": 8080}])
    assert {"name": "metrics", "containerPort": 8082} in container["ports"]


def test_a_sidecar_keeps_its_ports_and_gets_nothing() -> None:
    sidecar = {"name": "log", "image": "log:1", "ports": [{"name": "grpc", "containerPort": 1}]}
    template = {"spec": {"containers": [sidecar, {"name": "model"}]}}
    log, model = filled(template, "mlserver", image=IMAGE, served_name=None)["spec"]["containers"]
    assert log == sidecar
    assert [port["name"] for port in model["ports"]] == ["http", "metrics"]


@pytest.mark.parametrize(
    ("written", "args"),
    [
        ({}, None),
        ({"args": ["--model-path", "m"]}, ["--model-path", "m", "--enable-metrics"]),
        ({"args": ["--enable-metrics"]}, ["--enable-metrics"]),
        ({"command": ["python", "-m", "sglang.launch_server"]}, ["--enable-metrics"]),
        ({"command": ["/bin/sh", "-c", "sglang"]}, None),
    ],
    ids=["the image's own", "written", "mentioned", "a command", "a shell's"],
)
def test_a_flag_is_added_to_a_command_line_that_is_known(
    written: dict[str, Any], args: list[str] | None
) -> None:
    assert made("sglang", **written).get("args") == args


@pytest.mark.parametrize(
    "args",
    [
        ["tritonserver", "--metrics-config", "histogram_latencies=false"],
        ["tritonserver", "--metrics-config=histogram_latencies=false"],
    ],
)
def test_a_setting_that_is_written_otherwise_is_left_at_that(args: list[str]) -> None:
    assert made("triton", args=args)["args"] == args


def test_other_settings_of_the_same_flag_are_kept_beside_it() -> None:
    args = ["tritonserver", "--metrics-config", "summary_latencies=true"]
    added = "--metrics-config=histogram_latencies=true"
    assert made("triton", args=args)["args"] == [*args, added]


def test_a_file_that_metrics_need_is_an_annotation_that_the_pod_sees_as_a_file() -> None:
    mounted = {"name": "models", "mountPath": "/models"}
    container = {"name": "model", "args": ["--rest_api_port=8501"], "volumeMounts": [mounted]}
    template = {
        "metadata": {"annotations": {"team": "risk"}},
        "spec": {"containers": [{"name": "log"}, container], "volumes": [{"name": "models"}]},
    }
    whole = filled(template, "tensorflow-serving", image=IMAGE, served_name=None)
    model = whole["spec"]["containers"][1]
    assert model["args"][-1] == "--monitoring_config_file=/etc/serinus/server.config"
    volume = {"name": "serinus-server-config", "mountPath": "/etc/serinus", "readOnly": True}
    assert model["volumeMounts"] == [mounted, volume]
    source = {"fieldPath": "metadata.annotations['serinus.dev/server-config']"}
    assert whole["spec"]["volumes"] == [
        {"name": "models"},
        {
            "name": "serinus-server-config",
            "downwardAPI": {"items": [{"path": "server.config", "fieldRef": source}]},
        },
    ]
    said = 'prometheus_config { enable: true, path: "/monitoring/prometheus/metrics" }'
    assert whole["metadata"]["annotations"] == {
        "team": "risk",
        "serinus.dev/server-config": said,
    }
    assert "volumeMounts" not in whole["spec"]["containers"][0]


@pytest.mark.parametrize(
    "written",
    [
        {},
        {"command": ["/bin/sh", "-c", "tensorflow_model_server"]},
        {"args": ["--monitoring_config_file", "/etc/mine"]},
    ],
    ids=["the image's own", "a shell's", "a file of one's own"],
)
def test_there_is_no_such_file_where_nothing_would_read_it(written: dict[str, Any]) -> None:
    template = {"spec": {"containers": [{"name": "model", **written}]}}
    whole = filled(template, "tensorflow-serving", image=IMAGE, served_name=None)
    assert "volumes" not in whole["spec"]
    assert "metadata" not in whole


@pytest.mark.parametrize(
    ("server", "source", "place"),
    [
        ("mlserver", None, (8082, "/metrics")),
        ("mlserver", "istio", (8082, "/metrics")),
        ("tensorflow-serving", None, (8501, "/monitoring/prometheus/metrics")),
        ("litserve", "standard", (8000, "/metrics")),
        ("standard", None, (8080, "/metrics")),
    ],
)
def test_where_the_metrics_are(server: str, source: str | None, place: tuple[int, str]) -> None:
    template = filled({}, server, image=IMAGE, served_name=None)
    assert metrics_place(template, server, source) == place


def test_the_standard_server_gets_nothing() -> None:
    template = {"spec": {"containers": [{"name": "model", "image": "i"}]}}
    assert filled(template, "standard", image=None, served_name=None) == template
    assert first_port(template) == 8080


fields = st.fixed_dictionaries(
    {},
    optional={
        "image": st.just("mine:1"),
        "ports": st.just([{"name": "web", "containerPort": 9000}]),
        "readinessProbe": st.just({"exec": {"command": ["true"]}}),
        "livenessProbe": st.just({"exec": {"command": ["true"]}}),
        "startupProbe": st.just({"exec": {"command": ["true"]}}),
        "env": st.just([{"name": "A", "value": "b"}]),
        "args": st.just(["--flag"]),
        "resources": st.just({"limits": {"memory": "1Gi"}}),
    },
)


@given(st.sampled_from(server_names()), fields)
def test_nothing_that_is_written_is_lost_and_filling_twice_is_filling_once(
    server: str, written: dict[str, Any]
) -> None:
    template = {"spec": {"containers": [{"name": "model", **deepcopy(written)}]}}
    before = deepcopy(template)
    once = filled(template, server, image=IMAGE, served_name="fraud")
    assert template == before
    assert filled(once, server, image=IMAGE, served_name="fraud") == once
    container = once["spec"]["containers"][0]
    for name, value in written.items():
        found = container[name]
        assert found[: len(value)] == value if isinstance(value, list) else found == value
