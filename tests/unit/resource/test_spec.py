"""The spec: defaults that need no thought, and faults that name their field, all at once."""

from typing import Any

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.spec import DeletionPolicy, parse_spec
from tests.unit.resource.manifests import spec


def faults(**changes: Any) -> list[str]:
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(spec(**changes))
    return list(invalid.value.faults)


def fields(**changes: Any) -> list[str]:
    return [fault.partition(":")[0] for fault in faults(**changes)]


def test_the_smallest_spec_is_complete() -> None:
    parsed = parse_spec(spec())
    assert [(o.title, o.limit_number, o.margin_number) for o in parsed.objectives] == [
        ("error-rate", 0.05, 0.01)
    ]
    assert [step.weight for step in parsed.rollout.steps] == [1, 5, 25, 50]
    assert (parsed.rollout.interval_seconds, parsed.rollout.max_duration) == (15.0, 7200.0)
    assert (parsed.replicas, parsed.deletion_policy) == (1, DeletionPolicy.DELETE)
    assert (parsed.paused, parsed.dry_run, parsed.skip_analysis) == (False, False, False)


def test_every_fault_is_told_at_once_with_the_path_of_its_field() -> None:
    assert fields(
        replicas=-1,
        traffic={},
        rollout={"steps": [{"weight": 5}, {"weight": 101}], "interval": "soon"},
        objectives=[{"preset": "accuracy", "limit": "1%"}],
        surplus=1,
    ) == [
        "spec.replicas",
        "spec.objectives[0].preset",
        "spec.rollout.steps[1].weight",
        "spec.rollout.interval",
        "spec.traffic.gatewayAPI",
        "spec.surplus",
    ]


def test_a_fault_of_the_template_is_told_by_its_place() -> None:
    template = {"spec": {"containers": [{"image": "i"}], "restartPolicy": "Never"}}
    (fault,) = faults(template=template)
    assert fault.startswith("spec.template: ")
    assert "spec.containers.0.name: " in fault
    assert "spec.restartPolicy: " in fault


@pytest.mark.parametrize(
    "name", ["../../kube-system/configmaps/x", "..", "a/b", "a%2Fb", "a?b", "", "a" * 254]
)
def test_a_config_map_is_named_and_not_a_way_to_somewhere_else(name: str) -> None:
    """Else whoever may write a model could have any namespace's copied into their own."""
    reference = {"configMapRef": {"name": name}}
    template = {"spec": {"containers": [{"name": "model", "envFrom": [reference]}]}}
    (fault,) = faults(template=template)
    assert fault.startswith("spec.template: spec.containers.0.envFrom.0.configMapRef.name: ")


@pytest.mark.parametrize("depth", [100, 240, 300, 9_999])
def test_what_is_nested_too_deeply_is_refused_and_no_bug(depth: int) -> None:
    """The API server takes it: what it knows nothing of may be ten thousand levels deep."""
    container: dict[str, Any] = {"name": "model"}
    template = {"spec": {"containers": [container]}}
    for _ in range(depth):
        container["more"] = container = {}
    (fault,) = faults(template=template)
    assert fault == "spec: it is nested too deeply, more than 100 levels"


def test_several_broken_rules_of_one_objective_are_all_told() -> None:
    (fault,) = faults(objectives=[{"name": "accuracy", "quantile": "0.9"}])
    assert fault == (
        "spec.objectives[0]: an objective is exactly one of: preset, total (with good or bad), "
        "value; an objective needs a limit, or worseThanStable, or both; "
        "quantile belongs to durations such as preset latency"
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("replicas", "3"),
        ("replicas", True),
        ("replicas", 1.5),
        ("paused", "true"),
        ("paused", 1),
        ("model", {"version": 7}),
        ("restartAt", 1893456000),
        ("rollout", {"interval": 15}),
        ("rollout", {"steps": [{"weight": "5"}]}),
        ("deletionPolicy", "delete"),
    ],
)
def test_nothing_is_coerced_since_the_api_server_coerces_nothing(field: str, value: Any) -> None:
    assert all(path.startswith(f"spec.{field}") for path in fields(**{field: value}))


@pytest.mark.parametrize(
    "moment", ["2030-01-31T12:00:00", "2030-01-31", "noon", "2030-13-01T00:00:00Z"]
)
def test_a_time_needs_its_zone(moment: str) -> None:
    assert fields(restartAt=moment) == ["spec.restartAt"]


def test_a_time_with_an_offset_is_the_same_moment() -> None:
    there, here = "2030-01-31T12:00:00+02:00", "2030-01-31T10:00:00.000Z"
    assert (
        parse_spec(spec(restartAt=there)).restart_at == parse_spec(spec(restartAt=here)).restart_at
    )


def test_the_template_is_kept_as_it_was_written() -> None:
    template = spec()["template"] | {"metadata": {"creationTimestamp": None, "labels": {"a": "b"}}}
    assert parse_spec(spec(template=template)).template == template


@pytest.mark.parametrize("text", ["0%", "0.0%", "50%", "0.01", "-1%", "1.50%", "1"])
def test_a_chance_of_a_wrong_verdict_is_a_percentage_above_zero_and_below_half(text: str) -> None:
    with pytest.raises(SpecInvalid, match="falseRollbackRate"):
        parse_spec(spec(rollout={"falseRollbackRate": text}))
    policy = parse_spec(spec(rollout={"falseRollbackRate": "0.1%"})).rollout
    assert (policy.alpha, policy.beta) == pytest.approx((0.001, 0.05))
