"""`serinus replay` on the files that ship with the docs."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from typer.testing import CliRunner, Result

from serinus.cli.app import app
from serinus.cli.exits import Ended, ExitCode
from tests.architecture.sources import ROOT
from tests.unit.adapters.stub_prometheus import serving, success

FILES = ROOT / "docs" / "replay"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["replay", *map(str, arguments)])


def test_a_logged_rollout_is_decided_as_it_was_and_otherwise_by_another_policy(
    tmp_path: Path,
) -> None:
    plot = tmp_path / "evidence.svg"
    log, stricter = FILES / "rollout.jsonl", FILES / "stricter.yaml"

    told = run("rollouts", log, "--scrape-interval", "5s", "--policy", stricter, "--plot", plot)

    assert told.exit_code == 0, told.output
    assert re.search(r"as it was: rolled back after \d+ min, as then", told.output)
    assert "stricter.yaml: would have been rolled back" in told.output
    picture = ET.fromstring(plot.read_text())
    words = " ".join("".join(each.itertext()) for each in picture.iter())
    assert "stricter.yaml: rolled back" in words
    assert len([each for each in picture.iter() if each.tag.endswith("polyline")]) == 2


def test_the_picture_in_the_docs_is_the_one_that_is_drawn(tmp_path: Path) -> None:
    plot = tmp_path / "evidence.svg"
    run(
        *("rollouts", FILES / "rollout.jsonl", "--scrape-interval", "5s"),
        *("--policy", FILES / "stricter.yaml", "--plot", plot),
    )

    assert plot.read_text() == (FILES / "rollout.svg").read_text()


def test_a_policy_is_replayed_on_stables_own_pods() -> None:
    told = run(
        *("aa", FILES / "fraud.yaml", "--recording", FILES / "day.jsonl", "--days", "1"),
        *("--worse-by", "2%", "-o", "json"),
    )

    assert told.exit_code == 0, told.output
    (found,) = json.loads(told.output)
    assert found["calibration"]["rollouts"] == 384
    assert found["calibration"]["rolledBack"] == 0
    assert found["objectives"] == [
        {
            "objective": "error-rate",
            "rollouts": 384,
            "rolled_back": 0,
            "uncalibrated_rolled_back": 3,
        }
    ]
    (regression,) = found["regressions"]
    assert regression["found_share"] > 0.9
    assert 1 <= regression["median_minutes"] <= regression["late_minutes"] <= 15


def test_the_output_and_the_picture_in_the_docs_are_those_of_today(tmp_path: Path) -> None:
    plot = tmp_path / "evidence.svg"
    told = run(
        *("aa", FILES / "fraud.yaml", "--recording", FILES / "day.jsonl", "--days", "1"),
        *("--worse-by", "2%", "--worse-by", "5%", "--plot", plot),
    )

    assert told.exit_code == 0, told.output
    shown = "".join(f"    {line}\n" for line in told.output.splitlines())
    assert shown in (ROOT / "docs" / "replay.md").read_text()
    assert plot.read_text() == (FILES / "aa.svg").read_text()
    picture = ET.fromstring(plot.read_text())
    words = [each.text for each in picture.iter() if each.tag.endswith("text")]
    assert "the worst of 384 good canaries: not rolled back" in words
    assert "error-rate worse by 2 points, the median one: rolled back after 5 min" in words
    assert words.count("rollback") == 1


def test_policies_are_told_and_drawn_beside_each_other_calibrated_or_not(tmp_path: Path) -> None:
    plot = tmp_path / "evidence.svg"
    told = run(
        *("aa", FILES / "fraud.yaml", "--recording", FILES / "day.jsonl", "--days", "1"),
        *("--policy", FILES / "stricter.yaml", "--plot", plot),
    )

    assert told.exit_code == 0, told.output
    rows = [line.split() for line in told.output.splitlines()]
    assert ["error-rate", "384", "0", "3"] in rows
    assert ["null-outputs", "96", "-", "0"] in rows
    assert ["all", "together", "96", "-", "1"] in rows
    words = " ".join(ET.fromstring(plot.read_text()).itertext())
    assert "fraud.yaml: the worst of 384 good canaries" in words
    assert "stricter.yaml: the worst of 96 good canaries" in words


def test_incidents_are_cut_out() -> None:
    told = run(
        *("aa", FILES / "fraud.yaml", "--recording", FILES / "day.jsonl", "--days", "1"),
        *("--without", "2026-01-05T06:00/2026-01-05T07:00", "-o", "json"),
    )

    assert told.exit_code == 0, told.output
    assert json.loads(told.output)[0]["calibration"]["rollouts"] == 4 * (96 - 4)


def test_incidents_of_the_resource_are_cut_out_for_every_policy(tmp_path: Path) -> None:
    resource = yaml.safe_load((FILES / "fraud.yaml").read_text())
    outage = {"from": "2026-01-05T06:00:00Z", "until": "2026-01-05T07:00:00Z"}
    resource["spec"]["rollout"]["calibration"] = {"without": [outage]}
    model = tmp_path / "fraud.yaml"
    model.write_text(yaml.safe_dump(resource))

    told = run(
        *("aa", model, "--recording", FILES / "day.jsonl", "--days", "1", "-o", "json"),
        *("--policy", FILES / "stricter.yaml"),
    )

    assert told.exit_code == 0, told.output
    for each in json.loads(told.output):
        assert each["calibration"]["cutOutSeconds"] == 3600


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rollouts", FILES / "fraud.yaml"), "tells of no rollout"),
        (("rollouts", FILES / "missing.jsonl"), "No such file"),
        (("aa", FILES / "fraud.yaml", "--until", "tea time"), "no time"),
        (
            ("aa", FILES / "fraud.yaml", "--recording", os.devnull, "--plot", os.devnull),
            "nothing to draw: not calibrated",
        ),
    ],
)
def test_what_can_not_be_replayed_says_why(arguments: tuple[str | Path, ...], says: str) -> None:
    told = run(*arguments)

    assert told.exit_code != 0
    assert says in str(told.exception) + told.output


def assert_refused(told: Result, *says: str) -> None:
    """By a sentence of ours, or of the command line; never by a traceback."""
    assert isinstance(told.exception, Ended | SystemExit)
    assert told.exit_code != 0
    words = " ".join((str(told.exception) + told.output).replace("│", " ").split())
    assert all(each in words for each in says), words


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        ("spec: {rolout: {steps: [{weight: 50}]}, rollout: {}}", "no field rolout"),
        ("spec: {replicas: 3}", "neither objectives nor rollout"),
        ("spec: {rollout: {steps: [{weight: 500}]}}", "spec.rollout.steps[0].weight"),
        ("spec: [rollout]", "holds no resource"),
        ("{{{", "is no YAML: while parsing"),
        (b"\xff\xfe", "is no text in UTF-8"),
    ],
)
def test_a_policy_that_would_change_nothing_or_can_not_be_read_is_refused_by_its_file(
    tmp_path: Path, policy: str | bytes, says: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_bytes(policy.encode() if isinstance(policy, str) else policy)
    told = run("rollouts", FILES / "rollout.jsonl", "--policy", file)
    assert_refused(told, f"{file}", says)
    assert isinstance(told.exception, Ended)
    assert told.exception.code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("aa", "typo.yaml"), "typo.yaml: spec.model.servr"),
        (("aa", "text.txt"), "text.txt holds no resource"),
        (("aa", FILES / "fraud.yaml", "--recording", "text.txt"), "text.txt: line 1"),
        (("aa", FILES / "fraud.yaml", "--days", "-1"), "--days"),
        (("aa", FILES / "fraud.yaml", "--worse-by", "much"), "'much' is no share"),
        (("rollouts", FILES / "rollout.jsonl", "--scrape-interval", "often"), "no duration"),
        (
            ("rollouts", FILES / "rollout.jsonl", "--plot", "none/plot.svg"),
            "none/plot.svg: No such",
        ),
    ],
)
def test_what_was_given_wrongly_is_told_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str | Path, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (FILES / "fraud.yaml").read_text()
    Path("typo.yaml").write_text(text.replace("model: {", "model: {servr: vllm, ", 1))
    Path("text.txt").write_text("a text")
    assert_refused(run(*arguments), says)


def test_the_prometheus_that_a_model_names_is_asked_by_its_own_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = yaml.safe_load((FILES / "fraud.yaml").read_text())
    resource["spec"]["metrics"] = {"prometheus": {"name": "team", "tenant": "fraud"}}
    model = tmp_path / "fraud.yaml"
    model.write_text(yaml.safe_dump(resource))
    token = tmp_path / "token"
    token.write_text("sesame")
    with serving(success()) as prometheus:
        team = {
            "url": prometheus.url,
            "tenants": ["fraud"],
            "namespaces": ["elsewhere"],
            "namespaceLabel": "kubernetes_namespace",
            "podLabel": "kubernetes_pod",
            "tokenFile": str(token),
        }
        monkeypatch.setenv("SERINUS_PROMETHEUS_OTHERS", json.dumps({"team": team}))

        told = run("aa", model)

    assert told.exit_code == 0, told.output
    assert all('kubernetes_namespace="default"' in each["query"] for each in prometheus.asked)
    assert all("kubernetes_pod=~" in each["query"] for each in prometheus.asked)
    assert set(prometheus.credentials) == {"Bearer sesame"}
    assert {each["x-scope-orgid"] for each in prometheus.headers} == {"fraud"}

    monkeypatch.delenv("SERINUS_PROMETHEUS_OTHERS")
    refused = run("aa", model)
    assert refused.exit_code != 0
    assert "spec.metrics.prometheus.name" in str(refused.exception) + refused.output
