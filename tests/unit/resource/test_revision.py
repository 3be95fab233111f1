"""Revisions: one digest for one meaning, and the same after every upgrade."""

import json
import re
from copy import deepcopy
from hashlib import sha256
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.errors import ReferenceMissing
from serinus.resource.revision import identify
from tests.unit.resource.manifests import spec

CONFIGURED = spec(
    model={"version": "8-umlaut", "server": "standard"},
    template={
        "metadata": {"labels": {"team": "risk"}, "annotations": {"note": "für alle"}},
        "spec": {
            "volumes": [{"name": "settings", "configMap": {"name": "settings"}}],
            "containers": [
                {
                    "name": "model",
                    "image": "example.com/fraud:8",
                    "ports": [{"containerPort": 8080}],
                    "resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": 0.5}},
                    "env": [{"name": "EMPTY", "value": ""}, {"name": "NULL", "value": None}],
                }
            ],
        },
    },
)
CONFIG = {"settings": {"data": {"threshold": "0.5"}, "binaryData": {"table": "AAEC"}}}
SECRETS = {"token": "5e884898da28047151d0e56f8dc62927"}


@pytest.mark.parametrize(
    ("raw", "config", "secrets", "digest"),
    [
        pytest.param(spec(), {}, None, "3708098d06", id="smallest"),
        pytest.param(CONFIGURED, CONFIG, None, "73cd677129", id="with a ConfigMap"),
        pytest.param(CONFIGURED, CONFIG, SECRETS, "8df1597123", id="with a Secret"),
    ],
)
def test_an_upgrade_changes_no_digest(
    raw: dict[str, Any], config: dict[str, Any], secrets: dict[str, str] | None, digest: str
) -> None:
    """A digest that changes rolls every model in the world out again: never edit these."""
    assert identify(raw, config, secrets).digest == digest


def test_a_digest_can_be_computed_by_anybody() -> None:
    """From the JSON of what the user wrote: keys sorted, no spaces."""
    written = (
        '{"model":{"version":"7"},'
        '"template":{"spec":{"containers":[{"image":"example.com/fraud:7","name":"model"}]}}}'
    )
    assert identify(spec(), {}).digest == sha256(written.encode()).hexdigest()[:10]


@pytest.mark.parametrize(
    "changes",
    [
        {"replicas": 9},
        {"objectives": [{"preset": "latency", "limit": "1s"}]},
        {"rollout": {"steps": [{"weight": 50}]}},
        {"traffic": {"gatewayAPI": {"parentRefs": [{"name": "other"}]}}},
        {"paused": True, "dryRun": True, "skipAnalysis": True},
        {"restartAt": "2030-01-31T12:00:00Z"},
        {"deletionPolicy": "Orphan", "revisionHistoryLimit": 9},
        {"ports": [{"name": "http", "port": 80}], "metrics": {"port": 9000}},
    ],
)
def test_how_it_is_let_in_is_no_new_revision(changes: dict[str, Any]) -> None:
    assert identify(spec(**changes), {}).digest == identify(spec(), {}).digest


@pytest.mark.parametrize(
    "path",
    [
        ("model", "version"),
        ("template", "spec", "containers", 0, "image"),
        ("template", "spec", "volumes", 0, "name"),
        ("template", "metadata", "annotations", "note"),
    ],
)
def test_what_runs_is_a_new_revision_once_it_changes(path: tuple[Any, ...]) -> None:
    changed = deepcopy(CONFIGURED)
    *above, last = path
    holder: Any = changed
    for key in above:
        holder = holder[key]
    holder[last] = "changed"
    assert identify(changed, CONFIG).digest != identify(CONFIGURED, CONFIG).digest


@pytest.mark.parametrize(
    "config",
    [
        {"settings": {"data": {"threshold": "0.6"}, "binaryData": {"table": "AAEC"}}},
        {"settings": {"data": {"threshold": "0.5"}, "binaryData": {"table": "AAED"}}},
        {"settings": {"data": {"threshold": "0.5"}}},
        {"settings": {}},
    ],
)
def test_changed_config_content_is_a_new_revision(config: dict[str, Any]) -> None:
    assert identify(CONFIGURED, config).digest != identify(CONFIGURED, CONFIG).digest


def test_metadata_of_a_config_map_is_no_content() -> None:
    touched = {
        "settings": CONFIG["settings"] | {"metadata": {"resourceVersion": "9"}, "kind": "x"}
    }
    assert identify(CONFIGURED, touched).digest == identify(CONFIGURED, CONFIG).digest


def test_a_changed_secret_is_a_new_revision_and_is_told_by_digest_only() -> None:
    one, other = (identify(CONFIGURED, CONFIG, {"token": each}) for each in ("a" * 32, "b" * 32))
    assert one.digest != other.digest
    assert "a" * 32 not in repr(one)


def shuffled(value: Any, random: Any) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        random.shuffle(keys)
        return {key: shuffled(value[key], random) for key in keys}
    return [shuffled(item, random) for item in value] if isinstance(value, list) else value


@given(st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_order_of_keys_does_not_matter(random: Any) -> None:
    digest = identify(shuffled(CONFIGURED, random), shuffled(CONFIG, random)).digest
    assert digest == identify(CONFIGURED, CONFIG).digest


def test_yaml_and_json_of_the_same_spec_are_the_same_revision() -> None:
    block = yaml.safe_load(yaml.safe_dump(CONFIGURED, default_flow_style=False, sort_keys=False))
    flow = yaml.safe_load(yaml.safe_dump(CONFIGURED, default_flow_style=True, allow_unicode=True))
    as_json = json.loads(json.dumps(CONFIGURED))
    digests = {identify(each, CONFIG).digest for each in (block, flow, as_json, CONFIGURED)}
    assert len(digests) == 1


def test_the_order_of_containers_does_matter() -> None:
    containers = [{"name": name, "image": "i"} for name in "ab"]
    one, other = (
        spec(template={"spec": {"containers": order}}) for order in (containers, containers[::-1])
    )
    assert identify(one, {}).digest != identify(other, {}).digest


def test_a_missing_config_map_is_named_with_the_field_that_needs_it() -> None:
    with pytest.raises(ReferenceMissing) as missing:
        identify(CONFIGURED, {})
    assert str(missing.value) == (
        "spec.template.spec.volumes[0].configMap: ConfigMap 'settings' does not exist"
    )


def test_an_optional_config_map_may_be_missing_and_makes_a_new_revision_when_it_comes() -> None:
    optional = {"name": "extra", "optional": True}
    raw = spec(
        template={
            "spec": {
                "volumes": [{"name": "v", "configMap": optional}],
                "containers": [{"name": "model", "image": "i"}],
            }
        }
    )
    without, with_it = identify(raw, {}), identify(raw, {"extra": {"data": {"a": "b"}}})
    assert without.digest != with_it.digest


def test_a_revision_carries_what_it_was_made_of() -> None:
    wanted = identify(CONFIGURED, CONFIG)
    assert (wanted.version, wanted.template, wanted.config) == (
        "8-umlaut",
        CONFIGURED["template"],
        CONFIG,
    )


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(json_values)
@settings(max_examples=50)
def test_any_template_has_a_digest_that_names_objects(value: Any) -> None:
    template = spec()["template"] | {"metadata": {"annotations": value}}
    digest = identify(spec(template=template), {}).digest
    assert re.fullmatch("[0-9a-f]{10}", digest)
