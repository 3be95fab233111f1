"""What is shown of each preset, by Prometheus' own rule tester."""

from pathlib import Path

import pytest

from tests.presets.counted import CANARY
from tests.presets.rules import judge, objections, queries, rule_test
from tests.presets.shows import names


@pytest.mark.parametrize("name", names())
def test_rates_and_quantiles_say_what_happened(name: str, promtool: Path, tmp_path: Path) -> None:
    assert judge(promtool, name, tmp_path) == ""


def test_the_rule_tester_notices_a_wrong_number(promtool: Path, tmp_path: Path) -> None:
    """A file that it would pass in any case proves nothing."""
    content = rule_test("mlserver")
    wrong = next(
        each
        for each in content["tests"][0]["promql_expr_test"]
        if queries("mlserver", CANARY)["error-rate"] in each["expr"]
    )
    assert wrong["exp_samples"] == [{"labels": "{}", "value": 0.05}]
    wrong["exp_samples"][0]["value"] = 0.06
    assert "exp: {} 6E-02" in objections(promtool, content, tmp_path / "wrong.json")
