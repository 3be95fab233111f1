"""Weights on an HTTPRoute, and whether the Gateway has taken them over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.resource.traffic import GatewayAPI
from serinus.traffic.gateway_api import Backend, is_behind, read, trouble, write
from serinus.traffic.split import ALL_STABLE, Split, canary_at

STABLE = Backend(service="fraud-a", port=80)
CANARY = Backend(service="fraud-b", port=81)
PLAIN = GatewayAPI.model_validate({"parentRefs": [{"name": "public"}]})


def test_a_split_becomes_the_weights_of_a_route() -> None:
    assert write(PLAIN, canary_at(10), STABLE, CANARY) == {
        "parentRefs": [{"name": "public"}],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [
                    {"name": "fraud-a", "port": 80, "weight": 90},
                    {"name": "fraud-b", "port": 81, "weight": 10},
                ],
            }
        ],
    }


def test_hosts_path_and_listener_are_those_asked_for() -> None:
    parent = {"name": "public", "namespace": "edge", "sectionName": "https", "port": 443}
    asked = GatewayAPI.model_validate(
        {"parentRefs": [parent], "hostnames": ["fraud.example.com"], "pathPrefix": "/fraud"}
    )

    made = write(asked, ALL_STABLE, STABLE, None)

    assert made["parentRefs"] == [parent]
    assert made["hostnames"] == ["fraud.example.com"]
    assert made["rules"][0]["matches"][0]["path"]["value"] == "/fraud"


@given(st.integers(0, 100))
def test_what_is_read_is_what_was_written(weight: int) -> None:
    spec = write(PLAIN, canary_at(weight), STABLE, CANARY)
    expected = {"fraud-a": 100 - weight, "fraud-b": weight}
    assert read({"spec": spec}) == {name: part for name, part in expected.items() if part}


@given(st.integers(0, 100))
def test_only_a_split_that_has_a_canary_names_one(weight: int) -> None:
    """A router may check that every Service it is given exists."""
    without = write(PLAIN, canary_at(weight), STABLE, None)
    assert "fraud-b" not in read({"spec": without})
    with_both = write(PLAIN, canary_at(weight), STABLE, CANARY)
    assert all(backend["weight"] > 0 for backend in with_both["rules"][0]["backendRefs"])


@pytest.mark.parametrize(
    ("manifest", "weights"),
    [
        ({}, {}),
        ({"spec": {"rules": []}}, {}),
        ({"spec": {"rules": [{}]}}, {}),
        ({"spec": {"rules": [{"backendRefs": [{"name": "a"}]}]}}, {"a": 1}),
        (
            {"spec": {"rules": [{"backendRefs": [{"name": "a", "weight": 3}, {"name": "a"}]}]}},
            {"a": 4},
        ),
    ],
    ids=["no spec", "no rules", "no backends", "the API's default is 1", "named twice"],
)
def test_a_route_somebody_wrote_by_hand_is_read(
    manifest: dict[str, Any], weights: dict[str, int]
) -> None:
    assert read(manifest) == weights


@pytest.mark.parametrize(("stable", "canary"), [(90, 11), (101, -1), (-1, 101), (0, 0)])
def test_what_is_no_split_is_refused(stable: int, canary: int) -> None:
    with pytest.raises(ValueError, match=f"{stable} \\+ {canary} is no split of 100 %"):
        Split(stable=stable, canary=canary)


PUBLIC = {"name": "public"}


def condition(kind: str, **changes: Any) -> dict[str, Any]:
    return {"type": kind, "status": "True", "observedGeneration": 2} | changes


def report(parent: dict[str, Any] | None = None, *conditions: dict[str, Any]) -> dict[str, Any]:
    ok = (condition("Accepted"), condition("ResolvedRefs"))
    return {"parentRef": parent or PUBLIC, "conditions": list(conditions or ok)}


def route(*reports: dict[str, Any], parents: Any = (PUBLIC,)) -> dict[str, Any]:
    return {
        "metadata": {"namespace": "prod", "generation": 2},
        "spec": {"parentRefs": list(parents)},
        "status": {"parents": list(reports)},
    }


REFUSED = condition("ResolvedRefs", status="False", reason="BackendNotFound", message="no fraud-a")
OLD = "the Gateway has not taken the newest route yet"
UNSEEN = "no Gateway 'public' has taken the route yet"
EDGE = {"name": "public", "namespace": "edge"}

TROUBLES: dict[str, tuple[dict[str, Any], str | None]] = {
    "a route that every Gateway took is in force": (route(report()), None),
    "one that names no Gateway never is": (route(parents=()), "the route names no Gateway"),
    "one without a status is not yet": (
        {"metadata": {"namespace": "prod"}, "spec": {"parentRefs": [PUBLIC]}},
        UNSEEN,
    ),
    "one that nobody reports on neither": (route(), UNSEEN),
    "what is said of the route before does not count": (
        route(report(None, condition("Accepted", observedGeneration=1))),
        OLD,
    ),
    "nor what is said of no generation at all": (
        route({"parentRef": PUBLIC, "conditions": [{"type": "Accepted", "status": "True"}]}),
        OLD,
    ),
    "both conditions are needed": (route(report(None, condition("Accepted"))), OLD),
    "a report without conditions says nothing": (route({"parentRef": PUBLIC}), OLD),
    "a refusal is told in the Gateway's words": (
        route(report(None, condition("Accepted"), REFUSED)),
        "ResolvedRefs: BackendNotFound: no fraud-a",
    ),
    "every Gateway must have taken it": (
        route(report(), parents=(PUBLIC, EDGE)),
        UNSEEN,
    ),
    "a Gateway of the same name elsewhere is another one": (route(report(EDGE)), UNSEEN),
    "our own namespace may be named or not": (
        route(report({"name": "public", "namespace": "prod"})),
        None,
    ),
    "another listener is another parent": (
        route(report(PUBLIC | {"sectionName": "https"})),
        UNSEEN,
    ),
    "and so is another port": (route(report(PUBLIC | {"port": 443})), UNSEEN),
    "of two controllers the one that took it is enough": (
        route(report(None, condition("Accepted"), REFUSED), report()),
        None,
    ),
    "reports on Gateways the route names no more are the past": (
        route(report(), report(EDGE, condition("Accepted", status="False"))),
        None,
    ),
}


@pytest.mark.parametrize("sentence", TROUBLES)
def test_trouble(sentence: str) -> None:
    manifest, expected = TROUBLES[sentence]
    assert trouble(manifest) == expected


BEHIND: dict[str, tuple[dict[str, Any], bool]] = {
    "one that took the newest": (route(report()), False),
    "one that has yet to take it": (
        route(report(None, condition("Accepted", observedGeneration=1))),
        True,
    ),
    "one that never took any": (route(), False),
    "one that refuses the newest": (route(report(None, condition("Accepted"), REFUSED)), False),
    "one of two": (
        route(
            report(),
            report(EDGE, condition("Accepted", observedGeneration=1)),
            parents=(PUBLIC, EDGE),
        ),
        True,
    ),
    "one that the route names no more": (
        route(report(), report(EDGE, condition("Accepted", observedGeneration=1))),
        False,
    ),
    "a route of nobody's": ({"metadata": {}}, False),
}


@pytest.mark.parametrize("whose", BEHIND)
def test_a_gateway_that_is_behind_sends_where_an_older_route_led(whose: str) -> None:
    manifest, behind = BEHIND[whose]
    assert is_behind(manifest) is behind
