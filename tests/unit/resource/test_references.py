"""ConfigMaps of a pod template: every place that may name one is found and can be rewritten."""

from copy import deepcopy
from typing import Any

import pytest

from serinus.resource.references import config_references, rewrite_config_references

VOLUME = {"volumes": [{"name": "v", "configMap": {"name": "cfg"}}]}
PROJECTED = {
    "volumes": [
        {"name": "u", "emptyDir": {}},
        {
            "name": "v",
            "projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "cfg"}}]},
        },
    ]
}
ENV_FROM = [{"secretRef": {"name": "s"}}, {"configMapRef": {"name": "cfg"}}]
ENV = [
    {"name": "A", "value": "1"},
    {"name": "B", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
    {"name": "C", "valueFrom": {"configMapKeyRef": {"name": "cfg", "key": "k"}}},
]
PLACES: dict[str, dict[str, Any]] = {
    "spec.volumes[0].configMap": {"spec": VOLUME},
    "spec.volumes[1].projected.sources[1].configMap": {"spec": PROJECTED},
    "spec.containers[0].envFrom[1].configMapRef": {
        "spec": {"containers": [{"envFrom": ENV_FROM}]}
    },
    "spec.containers[0].env[2].valueFrom.configMapKeyRef": {
        "spec": {"containers": [{"env": ENV}]}
    },
    "spec.initContainers[0].envFrom[1].configMapRef": {
        "spec": {"initContainers": [{"envFrom": ENV_FROM}]}
    },
    "spec.initContainers[0].env[2].valueFrom.configMapKeyRef": {
        "spec": {"initContainers": [{"env": ENV}]}
    },
}


@pytest.mark.parametrize("place", PLACES)
def test_a_config_map_is_found_wherever_it_may_be_named(place: str) -> None:
    (reference,) = config_references(PLACES[place])
    assert (reference.name, reference.optional, reference.field) == ("cfg", False, place)


@pytest.mark.parametrize("place", PLACES)
def test_a_rewritten_template_names_the_copy_and_changes_nothing_else(place: str) -> None:
    template = PLACES[place]
    before = deepcopy(template)
    rewritten = rewrite_config_references(template, lambda name: f"fraud-1-{name}")
    assert [reference.name for reference in config_references(rewritten)] == ["fraud-1-cfg"]
    assert rewrite_config_references(rewritten, lambda name: name[8:]) == before
    assert template == before


def test_each_config_map_is_told_once_in_order_of_appearance() -> None:
    container = {"envFrom": [{"configMapRef": {"name": "b"}}, {"configMapRef": {"name": "cfg"}}]}
    template = {"spec": {**VOLUME, "containers": [container]}}
    assert [reference.name for reference in config_references(template)] == ["cfg", "b"]


@pytest.mark.parametrize("optional_first", [True, False])
def test_a_config_map_needed_anywhere_is_needed(optional_first: bool) -> None:
    refs = [{"configMapRef": {"name": "cfg", "optional": flag}} for flag in (True, False)]
    template = {"spec": {"containers": [{"envFrom": refs if optional_first else refs[::-1]}]}}
    assert [reference.optional for reference in config_references(template)] == [False]


def test_an_optional_config_map_is_told_as_such() -> None:
    template = {"spec": {"volumes": [{"name": "v", "configMap": {"name": "c", "optional": True}}]}}
    assert [reference.optional for reference in config_references(template)] == [True]


@pytest.mark.parametrize(
    "template",
    [
        {},
        {"spec": None},
        {"spec": {"volumes": None, "containers": [{"env": None, "envFrom": None}]}},
        {"spec": {"volumes": [{"name": "v", "secret": {"secretName": "cfg"}}]}},
        {"spec": {"volumes": [{"name": "v", "configMap": {}}]}},
        {"spec": {"volumes": [{"name": "v", "projected": None}]}},
    ],
)
def test_a_template_without_config_maps_has_none(template: dict[str, Any]) -> None:
    assert config_references(template) == ()
    assert rewrite_config_references(template, str.upper) == template
