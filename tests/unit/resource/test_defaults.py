"""Whose word counts for a rollout: the model's, the cluster's, ours."""

from typing import Any

import pytest

from serinus.resource.defaults import policy_in_force, read_policy, with_defaults
from serinus.resource.revision import identify
from serinus.resource.spec import parse_spec
from tests.fakes.world import spec_of

CLUSTER = {"interval": "1m", "maxDuration": "6h"}


def asked(**rollout: Any) -> dict[str, Any]:
    return spec_of() | {"rollout": rollout}


def test_the_model_s_word_counts_before_the_cluster_s_and_that_before_ours() -> None:
    policy = parse_spec(asked(interval="10s"), CLUSTER).rollout
    assert policy.interval_seconds == 10
    assert policy.max_duration == 6 * 3600
    assert policy.min_time == 60


@pytest.mark.parametrize("nothing", [{}, {"rollout": None}, {"rollout": {"interval": None}}])
def test_what_is_null_is_not_said(nothing: dict[str, Any]) -> None:
    spec = spec_of()
    del spec["rollout"]
    assert parse_spec(spec | nothing, CLUSTER).rollout.interval_seconds == 60


def test_each_field_is_told_with_its_source() -> None:
    spec = asked(interval="10s")
    told = policy_in_force(parse_spec(spec, CLUSTER).rollout, spec)
    sources = {each.name: each.source for each in told}
    assert sources["interval"] == "spec.rollout"
    assert sources["maxDuration"] == "cluster default"
    assert set(sources.values()) == {"spec.rollout", "cluster default", "built in"}


def test_defaults_are_no_part_of_a_revision() -> None:
    spec = asked(interval="10s")
    assert identify(with_defaults(spec, CLUSTER), {}, {}) == identify(spec, {}, {})


def test_the_spec_itself_is_left_as_it_was_written() -> None:
    spec = asked(interval="10s")
    with_defaults(spec, CLUSTER)
    assert spec["rollout"] == {"interval": "10s"}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"speed": 5}, ".speed"),
        ({"falseRollbackRate": "70%"}, ".falseRollbackRate"),
        ({"interval": "10m", "maxDuration": "5m"}, "maxDuration can't be shorter than interval"),
    ],
)
def test_defaults_that_no_model_could_say_are_refused(raw: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_policy(raw)
