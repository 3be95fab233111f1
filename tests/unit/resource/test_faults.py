"""What can't be read is told as it was written, with what is expected there and an example."""

from __future__ import annotations

from typing import Any

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.defaults import read_policy
from serinus.resource.objective_template import TemplateKind
from serinus.resource.objectives import Templates, read_objectives, resolve
from serinus.resource.spec import parse_spec
from tests.unit.resource.manifests import spec

A_QUANTITY = "a share, a duration or a number such as 1%, 250ms or 0.2"
A_QUANTILE = "a quantile between 0 and 1 such as 0.5, 0.99 or 0.999"
A_RATE = "a percentage below 50% such as 1% or 0.5%"

ERRORS = {"preset": "error-rate", "limit": "1%"}
LATENCY = {"preset": "latency", "limit": "250ms"}


def objective(base: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {"objectives": [base | changes]}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        (
            {"rollout": {"interval": "15 minutes"}},
            "spec.rollout.interval: '15 minutes' is no duration such as 15s, 5m or 1h30m",
        ),
        (
            {"rollout": {"interval": 15}},
            'spec.rollout.interval: 15 is no duration; write "15s" if seconds are meant',
        ),
        (
            objective(ERRORS, patience="soon"),
            "spec.objectives[0].patience: 'soon' is no duration such as 15s, 5m or 1h30m",
        ),
        (
            {"restartAt": "noon"},
            "spec.restartAt: 'noon' is no time such as 2030-01-31T12:00:00Z",
        ),
        (objective(ERRORS, limit="0,5%"), f"spec.objectives[0].limit: '0,5%' is not {A_QUANTITY}"),
        (
            objective(ERRORS, worseThanStable={"by": "half"}),
            f"spec.objectives[0].worseThanStable.by: 'half' is not {A_QUANTITY}",
        ),
        (
            objective(LATENCY, quantile="p99"),
            f"spec.objectives[0].quantile: 'p99' is not {A_QUANTILE}",
        ),
        (
            {"rollout": {"falseRollbackRate": "60%"}},
            f"spec.rollout.falseRollbackRate: '60%' is not {A_RATE}",
        ),
    ],
)
def test_in_a_model(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(spec(**changes))
    assert invalid.value.faults == (fault,)


def test_in_the_defaults_of_the_cluster() -> None:
    with pytest.raises(ValueError, match=r"^\.interval: 'soon' is no duration such as 15s") as one:
        read_policy({"interval": "soon"})
    assert "pattern" not in str(one.value)
    with pytest.raises(ValueError, match=r"^\[0\]\.limit: ") as other:
        read_objectives([ERRORS | {"limit": "little"}])
    assert str(other.value) == f"[0].limit: 'little' is not {A_QUANTITY}"


@pytest.mark.parametrize("written", ["little", "$(args.limit)"])
def test_in_a_template_or_in_what_a_model_fills_in(written: str) -> None:
    """Whether its own text can't be read, or what an argument makes of it."""
    template = {"args": [{"name": "limit"}], "objectives": [ERRORS | {"limit": written}]}
    reference = {"name": "serving", "args": [{"name": "limit", "value": "little"}]}
    model = parse_spec(spec(objectiveTemplates=[reference]))
    templates = Templates(specs={(TemplateKind.NAMESPACED, "serving"): template})
    trouble = resolve(model, templates, None).trouble
    assert trouble is not None
    assert trouble.message.endswith(f"spec.objectives[0].limit: 'little' is not {A_QUANTITY}")


def test_the_one_bad_item_of_a_list_does_not_make_it_an_empty_one() -> None:
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(spec(rollout={"steps": [{"weight": 5, "minTime": "soon"}]}))
    assert invalid.value.faults == (
        "spec.rollout.steps[0].minTime: 'soon' is no duration such as 15s, 5m or 1h30m",
    )
    with pytest.raises(SpecInvalid) as empty:
        parse_spec(spec(rollout={"steps": []}))
    assert [fault.partition(":")[0] for fault in empty.value.faults] == ["spec.rollout.steps"]
