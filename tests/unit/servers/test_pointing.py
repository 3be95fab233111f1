"""With model.uri a server is told where its model's files are, unless its user has told it."""

from typing import Any

import pytest

from serinus.servers.filling import filled
from serinus.servers.preset import preset_of, server_names
from tests.architecture.sources import ROOT

PAGE = ROOT / "docs" / "model-uri.md"
HISTOGRAM = "--metrics-config=histogram_latencies=true"
MONITORING = "--monitoring_config_file=/etc/serinus/server.config"
FLAGS = {
    "triton": HISTOGRAM,
    "tensorflow-serving": MONITORING,
    "openvino": "--metrics_enable",
}


def made(server: str, name: str | None = "fraud", **written: Any) -> dict[str, Any]:
    """The model's container, with its files mounted."""
    template = {"spec": {"containers": [{"name": "model", **written}]}}
    whole = filled(template, server, image=None, served_name=name, has_files=True)
    found: dict[str, Any] = whole["spec"]["containers"][0]
    return found


@pytest.mark.parametrize(
    ("server", "args"),
    [
        ("vllm", ["--model=/mnt/models", "--served-model-name=fraud"]),
        ("kserve", ["--model_dir=/mnt/models", "--model_name=fraud"]),
    ],
)
def test_a_stock_image_is_started_on_the_models_files(server: str, args: list[str]) -> None:
    assert made(server)["args"] == args


def test_flags_that_metrics_need_are_part_of_that() -> None:
    assert made("sglang")["args"] == [
        *("python3", "-m", "sglang.launch_server", "--host=0.0.0.0"),
        *("--model-path=/mnt/models", "--served-model-name=fraud", "--enable-metrics"),
    ]
    assert made("openvino", name=None)["args"] == [
        *("--model_path=/mnt/models", "--model_name=model"),
        *("--rest_port=8000", "--port=9000", "--metrics_enable"),
    ]
    assert made("triton")["args"] == ["tritonserver", "--model-repository=/mnt/models", HISTOGRAM]
    assert made("tensorflow-serving")["args"] == [
        *("--model_base_path=/mnt/models", "--model_name=fraud", MONITORING),
    ]


def test_some_servers_are_told_by_variables() -> None:
    assert made("tgi")["env"] == [{"name": "MODEL_ID", "value": "/mnt/models"}]
    assert made("mlserver")["env"] == [
        {"name": "MLSERVER_MODELS_DIR", "value": "/mnt/models"},
        {"name": "MLSERVER_MODEL_NAME", "value": "fraud"},
    ]
    own = [{"name": "MODEL_ID", "value": "/mnt/models/adapter"}]
    assert made("tgi", env=own)["env"] == own


def test_a_model_without_a_name_gets_none_where_the_server_has_one_of_its_own() -> None:
    assert made("vllm", name=None)["args"] == ["--model=/mnt/models"]
    assert [each["name"] for each in made("mlserver", name=None)["env"]] == ["MLSERVER_MODELS_DIR"]


def test_without_files_nothing_is_told() -> None:
    for server in server_names():
        template = {"spec": {"containers": [{"name": "model"}]}}
        whole = filled(template, server, image=None, served_name="fraud")
        container = whole["spec"]["containers"][0]
        assert "image" not in container
        assert "args" not in container
        assert "/mnt/models" not in str(container)


@pytest.mark.parametrize(
    ("server", "written", "added"),
    [
        ("vllm", {"args": ["--max-model-len", "4096"]}, ["--model=/mnt/models"]),
        ("vllm", {"args": ["--served-model-name=x"]}, ["--model=/mnt/models"]),
        ("vllm", {"command": ["vllm", "serve"]}, ["--model=/mnt/models"]),
        (
            "vllm",
            {"command": ["vllm"], "args": ["serve", "--dtype=half"]},
            ["--model=/mnt/models"],
        ),
        ("triton", {"args": ["tritonserver", "--log-info=1"]}, ["--model-repository=/mnt/models"]),
        ("triton", {"command": ["/opt/bin/tritonserver"]}, ["--model-repository=/mnt/models"]),
        ("triton", {"args": ["tritonserver", "--model-store", "/models"]}, []),
        ("tensorflow-serving", {"args": ["--model_config_file=/etc/models.config"]}, []),
        ("openvino", {"args": ["--config_path=/etc/c.json", "--rest_port", "9001"]}, []),
        # It does not start with metrics and without that port.
        ("openvino", {"args": ["--config_path=/etc/c.json"]}, ["--rest_port=8000"]),
    ],
)
def test_flags_of_ones_own_are_kept_and_the_place_is_added(
    server: str, written: dict[str, Any], added: list[str]
) -> None:
    flags = [FLAGS[server]] if server in FLAGS else []
    assert made(server, None, **written)["args"] == [*written.get("args", []), *added, *flags]


@pytest.mark.parametrize(
    ("server", "written"),
    [
        ("vllm", {"args": ["/mnt/models/7", "--max-model-len=4096"]}),
        ("vllm", {"args": ["organisation/model"]}),
        ("vllm", {"args": ["--model=organisation/model"]}),
        ("vllm", {"command": ["vllm", "serve", "organisation/model"]}),
        ("vllm", {"command": ["vllm"], "args": ["serve", "organisation/model", "--dtype=half"]}),
        ("triton", {"command": ["python", "pytriton_server.py"]}),
        ("sglang", {"args": ["python", "start.py"]}),
        ("kserve", {"command": ["python", "model.py"]}),
        ("kserve", {"command": ["sh", "-c", "python -m sklearnserver"]}),
        ("triton", {"args": []}),
        ("mlflow", {"args": ["mlflow", "models", "serve", "-m", "models:/fraud/7"]}),
    ],
)
def test_a_command_line_that_says_otherwise_is_left_alone(
    server: str, written: dict[str, Any]
) -> None:
    container = made(server, **written)
    assert container.get("args") == written.get("args")
    assert container.get("command") == written.get("command")


def test_a_stock_image_is_used_where_none_is_written() -> None:
    assert made("triton")["image"] == preset_of("triton").pod.image
    assert made("triton", image="mine:1")["image"] == "mine:1"


@pytest.mark.parametrize("server", server_names())
def test_a_stock_image_has_a_version_and_knows_where_the_files_are(server: str) -> None:
    """Or the same revision would run something else another day, or not the model."""
    pod = preset_of(server).pod
    if pod.image is None:
        return
    repository, _, tag = pod.image.rpartition(":")
    assert "." in repository.partition("/")[0], "a registry is named"
    assert any(character.isdigit() for character in tag)
    assert pod.files.args or pod.files.env
    assert f"`{pod.image.removeprefix('docker.io/')}`" in PAGE.read_text()
