"""Templates at the front door: what is accepted, what is refused and why, for both kinds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from kubernetes import client
from pydantic import ValidationError

from serinus.resource.names import (
    API_VERSION,
    CLUSTER_TEMPLATE_PLURAL,
    GROUP,
    TEMPLATE_PLURAL,
    VERSION,
)
from serinus.resource.objective_template import ObjectiveTemplateSpec, TemplateKind
from tests.integration.definition.conftest import Kubectl
from tests.integration.definition.front_door import NAMESPACE, FrontDoor

Spec = dict[str, Any]
Ask = Callable[[Spec], str]

SHARE = {"preset": "error-rate", "limit": "$(args.limit)"}
LATENCY = {"preset": "latency", "limit": "250ms"}
COUNTS = {"name": "a-$(args.a)", "good": "g$(args.a)", "total": "t", "limit": "5%"}
GAUGE = {"name": "drift", "value": "v", "limit": "0.2"}


def template(*objectives: Spec, **fields: Any) -> Spec:
    return {"objectives": list(objectives), **fields}


def margin(source: Spec, by: str) -> Spec:
    return template(
        {k: v for k, v in source.items() if k != "limit"} | {"worseThanStable": {"by": by}}
    )


ACCEPTED: dict[str, Spec] = {
    "a few": template(SHARE, LATENCY | {"quantile": "$(args.q)"}, COUNTS, GAUGE),
    "margins": margin(SHARE, "$(args.by)%"),
    "a written limit": template(SHARE | {"limit": "1%"}),
    "limits to pass": template(
        SHARE
        | {"passLimit": "$(args.pass)", "worseThanStable": {"by": "1%", "passBy": "$(args.p)"}}
    ),
    "most": template(
        *(
            {"name": f"o{n}-$(args.a)", "value": "v" * 2048, "limit": "1$(args.a)" + "1" * 100}
            for n in range(20)
        ),
        description="d" * 512,
        args=[
            {"name": letter * 40, "value": "v" * 512, "description": "d" * 512}
            for letter in "abcdefghijklmnop"
        ],
    ),
    "an argument without a default": template(SHARE, args=[{"name": "limit"}]),
    "an empty default": template(SHARE, args=[{"name": "limit", "value": ""}]),
}

REFUSED: dict[str, tuple[Spec, str]] = {
    "none": (template(), "spec.objectives"),
    "too many": (template(*(GAUGE | {"name": f"o{n}"} for n in range(21))), "spec.objectives"),
    "a field nobody knows": (template(SHARE, metrics=[]), "metrics"),
    "no limit": (template({"preset": "error-rate"}), "an objective needs a limit"),
    "two sources": (template(SHARE | {"value": "v"}), "exactly one of"),
    "no name": (template({"value": "v", "limit": "1"}), "needs a name"),
    "a name that is none": (template(SHARE | {"name": "E"}), "name"),
    "good without total": (template(SHARE | {"good": "g"}), "neither goes without total"),
    "a quantile of a share": (template(SHARE | {"quantile": "0.9"}), "quantile belongs to"),
    "a share that gets lower": (template(SHARE | {"worse": "lower"}), "worse belongs to value"),
    "a share in time": (template(SHARE | {"limit": "1s"}), "the limit of a share"),
    "a latency in percent": (template(LATENCY | {"limit": "1%"}), "a latency limit is"),
    "a gauge in percent": (template(GAUGE | {"limit": "1%"}), "the limit of a gauge"),
    "a share to pass in time": (
        template(SHARE | {"limit": "1%", "passLimit": "1s"}),
        "the limit of a share",
    ),
    "a margin to pass in time": (
        template(SHARE | {"worseThanStable": {"by": "1%", "passBy": "1s"}}),
        "a share may be worse",
    ),
    "a margin of a share": (margin(SHARE, "1s"), "a share may be worse"),
    "a margin of latency": (margin(LATENCY, "1"), "latency may be worse"),
    "a margin of a gauge": (margin(GAUGE, "1s"), "a gauge may be worse"),
    "a name twice": (template(SHARE, SHARE), "two objectives have the same name"),
    "an argument twice": (
        template(SHARE, args=[{"name": "a"}, {"name": "a"}]),
        "two arguments have the same name",
    ),
    "more bad windows than windows": (
        template(SHARE | {"failureLimit": {"failed": 6, "of": 5}}),
        "failed can't be more",
    ),
}


@pytest.fixture(params=list(TemplateKind))
def ask(front_door: FrontDoor, request: pytest.FixtureRequest) -> Ask:
    """Asks what would become of a template, and returns why it is refused, "" if it is not."""
    kind: TemplateKind = request.param
    objects = client.CustomObjectsApi(front_door._objects.api_client)

    def asking(spec: Spec) -> str:
        body = {
            "apiVersion": API_VERSION,
            "kind": str(kind),
            "metadata": {"name": "t"},
            "spec": spec,
        }
        options = {"body": body, "dry_run": "All", "field_validation": "Strict"}
        try:
            if kind is TemplateKind.CLUSTER:
                objects.create_cluster_custom_object(
                    GROUP, VERSION, CLUSTER_TEMPLATE_PLURAL, **options
                )
            else:
                objects.create_namespaced_custom_object(
                    GROUP, VERSION, NAMESPACE, TEMPLATE_PLURAL, **options
                )
        except client.ApiException as refusal:
            return str(json.loads(refusal.body)["message"])
        return ""

    return asking


@pytest.mark.parametrize("spec", ACCEPTED.values(), ids=ACCEPTED)
def test_what_the_operator_reads_is_accepted(ask: Ask, spec: Spec) -> None:
    assert ask(spec) == ""
    read = ObjectiveTemplateSpec.model_validate_json(json.dumps(spec), strict=True)
    assert len(read.objectives) == len(spec["objectives"])


@pytest.mark.parametrize(("spec", "words"), REFUSED.values(), ids=REFUSED)
def test_what_it_would_stumble_over_is_refused(ask: Ask, spec: Spec, words: str) -> None:
    assert words in ask(spec)
    with pytest.raises(ValidationError):
        ObjectiveTemplateSpec.model_validate_json(json.dumps(spec), strict=True)


def test_kubectl_lists_templates_with_what_they_are_for(
    front_door: FrontDoor, kubectl: Kubectl
) -> None:
    body = {
        "apiVersion": API_VERSION,
        "kind": "ObjectiveTemplate",
        "metadata": {"name": "columns"},
        "spec": template(SHARE, description="what all must hold"),
    }
    kubectl("apply", "-n", NAMESPACE, "-f", "-", stdin=json.dumps(body))
    header, row = kubectl("get", "ot", "columns", "-n", NAMESPACE).splitlines()
    assert header.split() == ["NAME", "DESCRIPTION", "AGE"]
    assert row.startswith("columns   what all must hold")
    assert "objectivetemplate.serinus.dev/columns" in kubectl("get", "serinus", "-n", NAMESPACE)
