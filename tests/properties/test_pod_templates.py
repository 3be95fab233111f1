"""Pod templates: whatever is let in can be followed, and what is not is told by its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from serinus.errors import ReferenceMissing, SpecInvalid
from serinus.render.freeze import freeze
from serinus.render.services import ports_of
from serinus.resource.references import config_references
from serinus.resource.revision import identify
from serinus.resource.spec import Spec, parse_spec
from tests.unit.resource.manifests import spec

REFERENCE = {"name": "settings", "optional": True}
CONTAINER = {
    "name": "model",
    "image": "example.com/fraud:7",
    "command": ["serve"],
    "args": ["--port", "8080"],
    "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
    "env": [{"name": "A", "value": "1", "valueFrom": {"configMapKeyRef": REFERENCE}}],
    "envFrom": [{"configMapRef": REFERENCE}],
    "volumeMounts": [{"name": "data", "mountPath": "/data"}],
    "lifecycle": {"preStop": {"sleep": {"seconds": 1}}},
    "readinessProbe": {"httpGet": {"path": "/", "port": 8080}},
}
FULL: dict[str, Any] = {
    "metadata": {"labels": {"team": "risk"}, "annotations": {"a": "b"}},
    "spec": {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "containers": [CONTAINER],
        "initContainers": [
            CONTAINER | {"name": "model-initializer"},
            CONTAINER | {"name": "model-warmup"},
        ],
        "volumes": [
            {"name": "data", "configMap": REFERENCE},
            {"name": "more", "projected": {"sources": [{"configMap": REFERENCE}]}},
        ],
    },
}
MODELS: tuple[dict[str, Any], ...] = (
    {"version": "7"},
    {"version": "7", "server": "vllm", "image": "example.com/vllm:1", "name": "fraud"},
    {
        "version": "7",
        "server": "mlserver",
        "uri": "s3://models/fraud",
        "warmup": {"requests": [{"path": "/p"}]},
    },
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 70_000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "..", "../../kube-system/configmaps/x", "8080", "é\n"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if at:
        yield at
    children = node if isinstance(node, dict) else dict(enumerate(node))
    for key, child in children.items():
        if isinstance(child, dict | list):
            yield from places(child, (*at, key))
        else:
            yield (*at, key)


PLACES = list(places(FULL))


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    """A template with everything in it, and something else in a place or two."""
    made = deepcopy(FULL)
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=2)):
        value, holder = draw(VALUES), made
        with suppress(LookupError, TypeError):  # the place before may have been above this one
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = value
    return made


@given(template=templates(), model=st.sampled_from(MODELS))
def test_what_is_let_in_can_be_followed(template: dict[str, Any], model: dict[str, Any]) -> None:
    raw = spec(template=template, model=model)
    parsed, faults = parsed_or_refused(raw)
    event("let in" if parsed else "refused")
    assert all(fault.startswith("spec.template") for fault in faults)
    if parsed:
        follow(raw, parsed)


def parsed_or_refused(raw: dict[str, Any]) -> tuple[Spec | None, tuple[str, ...]]:
    try:
        return parse_spec(raw), ()
    except SpecInvalid as invalid:
        return None, invalid.faults


def follow(raw: dict[str, Any], parsed: Spec) -> None:
    """Every part of a look that takes a template apart."""
    names = {reference.name for reference in config_references(parsed.template)}
    assert not any("/" in name for name in names)
    try:
        wanted = identify(raw, {name: {"data": {"k": "v"}} for name in names})
    except ReferenceMissing:
        return
    revision = freeze("fraud", parsed, wanted)
    assert ports_of(parsed, revision)
