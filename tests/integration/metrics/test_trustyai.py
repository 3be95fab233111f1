"""TrustyAI's metrics, as the example's query reads them: by Prometheus' own rule tester."""

from pathlib import Path

import pytest
import yaml

from serinus.resource.objective import Objective
from serinus.resource.objective_template import TemplateKind
from serinus.resource.objectives import Templates, resolve
from serinus.resource.spec import parse_spec
from serinus.servers.preset import ingredients_of
from serinus.signals.compile import Expression, Gauged, Tracks
from serinus.signals.signal import signal_of
from tests.presets.rules import objections

ROOT = Path(__file__).parents[3]
TRACKS = Tracks(namespace="prod", model="credit", stable="aaa", canary="bbb", versions=("3", "4"))


def objective() -> Objective:
    """The template's objective, with the arguments of the example's model."""
    text = (ROOT / "manifests" / "examples" / "trustyai.yaml").read_text()
    template, model = yaml.safe_load_all(text)
    named = (TemplateKind.CLUSTER, template["metadata"]["name"])
    found = resolve(parse_spec(model["spec"]), Templates(specs={named: template["spec"]}), None)
    assert found.trouble is None
    return found.objectives[-1]


def queries() -> Expression:
    signal = signal_of(objective(), ingredients_of("mlserver"), TRACKS)
    assert isinstance(signal, Gauged)
    return signal.value


def test_a_falling_p_value_is_the_worse_one() -> None:
    assert (objective().lower_is_worse, objective().limit_number) == (True, 0.001)


@pytest.mark.parametrize("label", ["model", "modelId"], ids=["in Java", "in Python"])
def test_each_version_has_the_least_p_value_of_its_own_columns(
    label: str, promtool: Path, tmp_path: Path
) -> None:
    shown = {"3": {"age": 0.4, "income": 0.2}, "4": {"age": 0.0002, "income": 0.6}}
    series = [
        {
            "series": f'trustyai_meanshift{{{label}="credit-{version}",subcategory="{column}",'
            f'metricName="MEANSHIFT",batch_size="5000",namespace="prod"}}',
            "values": f"{value}x20",
        }
        for version, columns in shown.items()
        for column, value in columns.items()
    ]
    other = {
        "series": f'trustyai_meanshift{{{label}="churn-4",subcategory="age"}}',
        "values": "0x20",
    }
    asked = queries()
    expected = ((asked.canary, 0.0002), (asked.stable, 0.2))
    content = {
        "evaluation_interval": "15s",
        "tests": [
            {
                "interval": "15s",
                "input_series": [*series, other],
                "promql_expr_test": [
                    {
                        "expr": query,
                        "eval_time": "4m",
                        "exp_samples": [{"labels": "{}", "value": v}],
                    }
                    for query, v in expected
                ],
            }
        ],
    }
    assert objections(promtool, content, tmp_path / "trustyai.json") == ""
