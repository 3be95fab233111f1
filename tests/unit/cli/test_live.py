"""The time to a verdict by live traffic, as a Prometheus tells it now."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from serinus.cli.app import app
from serinus.cli.exits import Ended
from serinus.cli.live import live
from serinus.resource.body import read_resource
from serinus.resource.objective_template import TemplateKind
from serinus.resource.status import parse_status
from tests.unit.adapters.stub_prometheus import Reply, serving, success
from tests.unit.cli.situations import OneResource, body, healthy
from tests.unit.resource.manifests import spec

BUSY_MINUTES = 90


def busy_of_late() -> Reply:
    """Return four hours of two pods with ten times the traffic for 90 minutes."""
    now = int(datetime.now(UTC).timestamp() // 60) * 60
    series = []
    for pod in ("fraud-aaaaaaaaaa-x-1", "fraud-aaaaaaaaaa-x-2"):
        served, values = 0, []
        for back in range(4 * 60, -1, -1):
            served += 600 if back < BUSY_MINUTES else 60
            values.append([now - 60 * back, str(served)])
        labels = {"__name__": "model_requests_total", "namespace": "ml", "pod": pod}
        series.append({"metric": labels | {"code": "200"}, "values": values})
    return success(*series)


TEMPLATES = {
    (TemplateKind.CLUSTER, "serving"): {
        "args": [{"name": "margin", "value": "1%"}],
        "objectives": [
            {
                "name": "faults",
                "preset": "error-rate",
                "worseThanStable": {"by": "$(args.margin)"},
            }
        ],
    }
}
SERVING = {"kind": "ClusterObjectiveTemplate", "name": "serving"}


def told(status: dict[str, Any], **fields: Any) -> str:
    resource = body(status) | {"spec": spec(**fields)}
    cluster = OneResource(resource, templates=TEMPLATES)
    with serving(busy_of_late()) as prometheus:
        return live(
            read_resource(resource), parse_status(status), prometheus.url, cluster.template
        )


def percents(text: str) -> list[str]:
    return re.findall(r"at (\d+) %", text)


def test_it_is_told_by_the_traffic_of_the_last_hour() -> None:
    text = told(healthy(), rollout={"steps": [{"weight": 10}, {"weight": 50}]})

    assert text.startswith("error-rate: at 20 requests/s a 1-point regression shows in about")
    assert percents(text) == ["10", "50"]


def test_steps_are_those_in_force_the_cluster_s_included() -> None:
    policy = [
        {"name": "steps", "value": "20 %, 40 %", "source": "cluster default"},
        {"name": "falseRollbackRate", "value": "0.1%", "source": "cluster default"},
    ]

    by_the_cluster = told(healthy() | {"policy": policy})
    own = told(healthy(), rollout={"steps": [{"weight": 20}, {"weight": 40}]})

    assert percents(by_the_cluster) == ["20", "40"]
    assert by_the_cluster != own


def test_explain_tells_it_where_a_prometheus_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = OneResource(body(healthy()) | {"spec": spec()})
    monkeypatch.setattr("serinus.cli.app.connect", lambda *_: cluster)

    with serving(busy_of_late()) as prometheus:
        asked = CliRunner().invoke(app, ["explain", "fraud", "--prometheus", prometheus.url])

    assert asked.exit_code == 0, asked.output
    assert "error-rate: at 20 requests/s a 1-point regression shows" in asked.output
    assert "by the traffic of the last hour" in asked.output


def test_objectives_of_templates_are_told_with_the_model_s_own_arguments() -> None:
    objective = {"name": "faults", "limit": "1%", "source": "ClusterObjectiveTemplate/serving"}
    status = healthy() | {"objectives": [objective]}
    lax = SERVING | {"args": [{"name": "margin", "value": "2%"}]}

    by_default = told(status, objectiveTemplates=[SERVING])
    laxer = told(status, objectiveTemplates=[lax])
    beside_its_own = told(
        status,
        objectiveTemplates=[SERVING],
        objectives=[{"name": "own", "preset": "error-rate", "worseThanStable": {"by": "3%"}}],
    )

    assert by_default.startswith("faults: at 20 requests/s a 1-point regression shows")
    assert laxer.startswith("faults: at 20 requests/s a 2-point regression shows")
    assert "own: at 20 requests/s a 3-point regression shows" in beside_its_own
    assert "faults: at 20 requests/s a 1-point regression shows" in beside_its_own


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (
            {"name": "gone"},
            r"spec.objectiveTemplates\[0\]: ObjectiveTemplate 'gone' does not exist",
        ),
        (SERVING | {"args": [{"name": "x", "value": "1"}]}, r"\[0\].args: .* no argument 'x'"),
    ],
)
def test_a_template_that_can_not_be_filled_in_is_told_by_its_field(
    reference: dict[str, Any], words: str
) -> None:
    with pytest.raises(Ended, match=words):
        told(healthy(), objectiveTemplates=[reference])


def test_objectives_that_the_operator_alone_knows_are_not_guessed() -> None:
    objective = {"name": "slow", "limit": "1%", "source": "cluster default"}

    with pytest.raises(Ended, match="the cluster's default objectives"):
        told(healthy() | {"objectives": [objective]})
