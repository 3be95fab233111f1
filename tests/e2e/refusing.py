"""Makes the API server refuse one kind of write for a while, to stop the operator midway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from cluster.waiting import until
from tests.e2e.model import Model

IN_FORCE_SECONDS = 30.0


@contextmanager
def selector_changes_refused(model: Model) -> Iterator[None]:
    """As long as this lasts, nobody moves the model's entry Service to other pods."""
    objects = json.dumps({"apiVersion": "v1", "kind": "List", "items": _policy(model)})
    model.node.kubectl.run("apply", "-f", "-", stdin=objects)
    try:
        until(lambda: not _may_be_moved(model), "the policy is in force", IN_FORCE_SECONDS)
        yield
    finally:
        model.node.kubectl.run("delete", "-f", "-", stdin=objects)


def _may_be_moved(model: Model) -> bool:
    where = f"--namespace={model.namespace}"
    moved = '--patch={"spec":{"selector":{"moved":"away"}}}'
    return model.node.kubectl.succeeds(
        "patch", "service", model.name, where, "--dry-run=server", moved
    )


def _policy(model: Model) -> list[dict[str, object]]:
    api_version = "admissionregistration.k8s.io/v1"
    name = {"name": model.namespace}
    here = {"matchLabels": {"kubernetes.io/metadata.name": model.namespace}}
    rule = {
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "operations": ["UPDATE"],
        "resources": ["services"],
        "resourceNames": [model.name],
    }
    unmoved = "object.spec.selector == oldObject.spec.selector"
    return [
        {
            "apiVersion": api_version,
            "kind": "ValidatingAdmissionPolicy",
            "metadata": name,
            "spec": {
                "matchConstraints": {"namespaceSelector": here, "resourceRules": [rule]},
                "validations": [{"expression": unmoved, "message": "not now"}],
            },
        },
        {
            "apiVersion": api_version,
            "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": name,
            "spec": {
                "policyName": model.namespace,
                "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": here},
            },
        },
    ]
