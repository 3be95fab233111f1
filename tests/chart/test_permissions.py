"""The operator may do what it does and nothing else; a person may do what their role says."""

from typing import Any

import pytest

from serinus.adapters.kubernetes_secrets import KEY_SECRET
from tests.chart.cases import CASES
from tests.chart.rendering import NAMESPACE, Manifest, of_kind, render, the

WRITTEN = frozenset({"get", "list", "watch", "create", "patch", "delete"})
SEEN = frozenset({"list", "watch"})

USED: dict[tuple[str, str], frozenset[str]] = {
    ("serinus.dev", "mlmodeldeployments"): frozenset({"get", "list", "watch", "patch"}),
    ("serinus.dev", "mlmodeldeployments/status"): frozenset({"update"}),
    ("serinus.dev", "objectivetemplates"): SEEN,
    ("apps", "deployments"): WRITTEN,
    ("apps", "controllerrevisions"): WRITTEN,
    ("batch", "cronjobs"): WRITTEN,
    ("", "services"): WRITTEN,
    ("", "configmaps"): WRITTEN,
    ("gateway.networking.k8s.io", "httproutes"): WRITTEN,
    ("", "pods"): SEEN,
    ("discovery.k8s.io", "endpointslices"): SEEN,
    ("", "events"): frozenset({"create"}),
}
"""What the operator asks of the API server, in one place; the end-to-end tests run under it."""

OWN: dict[tuple[str, str], frozenset[str]] = {
    ("coordination.k8s.io", "leases"): frozenset({"get", "create", "update"})
}
"""The same in the operator's own namespace alone."""

USED_ON_THE_CLUSTER = {("serinus.dev", "clusterobjectivetemplates"): SEEN}
"""And what it asks besides where it watches every namespace."""

PEOPLE = "rbac.authorization.k8s.io/aggregate-to-"


def granted(role: Manifest) -> dict[tuple[str, str], frozenset[str]]:
    verbs: dict[tuple[str, str], frozenset[str]] = {}
    for rule in role["rules"]:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                verbs[group, resource] = verbs.get((group, resource), frozenset()) | set(
                    rule["verbs"]
                )
    return verbs


def is_for_people(role: Manifest) -> bool:
    return any(label.startswith(PEOPLE) for label in role["metadata"]["labels"])


def operator_roles(manifests: list[Manifest]) -> list[Manifest]:
    roles = of_kind(manifests, "ClusterRole") + of_kind(manifests, "Role")
    return [role for role in roles if not is_for_people(role)]


def by_place(manifests: list[Manifest]) -> dict[tuple[str, str], Any]:
    roles = operator_roles(manifests)
    return {(r["metadata"].get("namespace", ""), r["metadata"]["name"]): granted(r) for r in roles}


def test_the_operator_may_do_exactly_what_it_does() -> None:
    assert by_place(render()) == {
        ("", "serinus"): USED | USED_ON_THE_CLUSTER,
        (NAMESPACE, "serinus-lease"): OWN,
    }


def test_in_listed_namespaces_it_may_do_the_same_and_nothing_elsewhere() -> None:
    manifests = render({"watchNamespaces": ["fraud", "search"]})
    assert by_place(manifests) == {
        ("fraud", "serinus"): USED,
        ("search", "serinus"): USED,
        (NAMESPACE, "serinus-lease"): OWN,
    }
    assert of_kind(manifests, "ClusterRoleBinding") == []


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_nothing_is_granted_by_wildcard(values: dict[str, Any]) -> None:
    roles = [each for each in render(values) if each["kind"] in {"Role", "ClusterRole"}]
    words = [
        word
        for role in roles
        for rule in role["rules"]
        for key in ("apiGroups", "resources", "verbs")
        for word in rule[key]
        if "*" in word
    ]
    assert words == []


def test_no_lease_but_its_own_is_read_or_changed() -> None:
    """Two releases may share a namespace, and then each has a Lease."""
    for release, name in (("serinus", "serinus"), ("b", "b-serinus")):
        manifests = render(release=release)
        (role,) = of_kind(manifests, "Role")
        (named, unnamed) = role["rules"]
        assert (named["resourceNames"], unnamed["verbs"]) == ([name], ["create"])
        env = the(manifests, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]
        assert {"name": "SERINUS_LEASE", "value": name} in env


def test_the_lease_and_nothing_else_goes_first_at_a_busy_api_server() -> None:
    for values in ({}, {"fullnameOverride": "m", "serviceAccount": {"name": "canaries"}}):
        manifests = render(values)
        account = the(manifests, "ServiceAccount")["metadata"]
        spec = the(manifests, "FlowSchema")["spec"]
        (rule,) = spec["rules"]
        whose = {"name": account["name"], "namespace": account["namespace"]}
        assert spec["priorityLevelConfiguration"] == {"name": "leader-election"}
        assert rule["subjects"] == [{"kind": "ServiceAccount", "serviceAccount": whose}]
        (what,) = rule["resourceRules"]
        ((key, verbs),) = OWN.items()
        assert (*what["apiGroups"], *what["resources"]) == key
        assert set(what["verbs"]) == verbs
        assert what["namespaces"] == [NAMESPACE]


def test_who_may_make_nothing_on_the_cluster_can_do_without() -> None:
    without = {
        "watchNamespaces": ["fraud"],
        "userRoles": {"create": False},
        "lease": {"flowSchema": {"create": False}},
    }
    assert {each["metadata"].get("namespace", "") for each in render(without)} == {
        "fraud",
        NAMESPACE,
    }


def secret_rules(manifests: list[Manifest]) -> list[dict[str, Any]]:
    rules = [rule for role in operator_roles(manifests) for rule in role["rules"]]
    return [rule for rule in rules if "secrets" in rule["resources"]]


def test_no_secret_may_be_read_by_default() -> None:
    assert secret_rules(render()) == []


@pytest.mark.parametrize("namespaces", [[], ["fraud"]], ids=["everywhere", "in one namespace"])
def test_tracked_secrets_are_watched_by_name_and_one_key_is_kept(namespaces: list[str]) -> None:
    values = {
        "trackSecrets": {"enabled": True, "names": ["a", "b"]},
        "watchNamespaces": namespaces,
    }
    everywhere = [
        (rule["verbs"], rule.get("resourceNames")) for rule in secret_rules(render(values))
    ]
    assert everywhere == [
        (["list", "watch"], ["a", "b"]),
        (["get"], [KEY_SECRET]),
        (["create"], None),
    ]
    own = [
        role for role in of_kind(render(values), "Role") if "digest" in role["metadata"]["name"]
    ]
    assert [role["metadata"]["namespace"] for role in own] == [NAMESPACE]


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_every_binding_ties_a_role_that_exists_to_the_operators_account(
    values: dict[str, Any],
) -> None:
    manifests = render(values)
    account = the(manifests, "ServiceAccount")["metadata"]
    pod = the(manifests, "Deployment")["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == account["name"]
    names = {(each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
             for each in manifests}  # fmt: skip
    for kind in ("RoleBinding", "ClusterRoleBinding"):
        for binding in of_kind(manifests, kind):
            namespace = binding["metadata"].get("namespace")
            role = binding["roleRef"]
            assert (role["kind"], namespace, role["name"]) in names
            assert binding["subjects"] == [
                {
                    "kind": "ServiceAccount",
                    "name": account["name"],
                    "namespace": account["namespace"],
                }
            ]


def test_people_who_may_view_change_nothing() -> None:
    (view,) = [each for each in people_roles() if f"{PEOPLE}view" in each["metadata"]["labels"]]
    assert set().union(*granted(view).values()) == {"get", "list", "watch"}


def test_people_who_may_edit_models_may_not_edit_what_is_judged_everywhere() -> None:
    verbs = {
        name: frozenset().union(*(granted(each).get(("serinus.dev", name), ()) for each in roles))
        for name in ("objectivetemplates", "clusterobjectivetemplates")
        if (roles := people_roles())
    }
    assert {"create", "update", "delete"} <= verbs["objectivetemplates"]
    assert verbs["clusterobjectivetemplates"] == SEEN | {"get"}


def test_nobody_but_the_operator_writes_status() -> None:
    for role in people_roles():
        verbs = granted(role).get(("serinus.dev", "mlmodeldeployments/status"), frozenset())
        assert verbs <= {"get"}


def people_roles() -> list[Manifest]:
    return [each for each in of_kind(render(), "ClusterRole") if is_for_people(each)]
