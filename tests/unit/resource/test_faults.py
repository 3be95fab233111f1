"""Faults are told once, with the path of the field."""

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.spec import parse_spec
from tests.unit.resource.manifests import spec


def test_the_one_bad_item_of_a_list_does_not_make_it_an_empty_one() -> None:
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(spec(rollout={"steps": [{"weight": 5, "minTime": "soon"}]}))
    assert invalid.value.faults == (
        "spec.rollout.steps[0].minTime: 'soon' is no duration such as 15s, 5m or 1h30m",
    )
    with pytest.raises(SpecInvalid) as empty:
        parse_spec(spec(rollout={"steps": []}))
    assert [fault.partition(":")[0] for fault in empty.value.faults] == ["spec.rollout.steps"]
