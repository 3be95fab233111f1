"""The adapter does all it can do under the chart's own roles: nothing is refused or left over."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from serinus.adapters.kubernetes import Cluster
from serinus.adapters.kubernetes_api import ApiServer
from serinus.adapters.kubernetes_lease import Lease
from serinus.adapters.kubernetes_login import log_in
from serinus.decide.decision import Happening
from tests.chart.rendering import NAMESPACE, Manifest, of_kind, render
from tests.chart.test_permissions import OWN, USED, operator_roles
from tests.integration.admin import Admin
from tests.integration.control_plane import ControlPlane
from tests.integration.manifests import (
    config_map,
    controller_revision,
    cron_job,
    deployment,
    http_route,
    model_deployment,
    service,
)
from tests.integration.within import until, within

OPERATOR, OPERATOR_OF_ALL = "user-4", "user-3"
SECRET = "features"

NOT_CALLED_BY_NAME = {
    # kopf's: finalizers and annotations.
    ("patch", "mlmodeldeployments.serinus.dev"),
    # An apply that finds nothing is authorized as a creation as well.
    ("create", "deployments.apps"),
    ("create", "services"),
    ("create", "controllerrevisions.apps"),
    ("create", "cronjobs.batch"),
    ("create", "configmaps"),
    ("create", "httproutes.gateway.networking.k8s.io"),
}
DIGEST_KEY = {("get", "secrets"), ("create", "secrets")}
TRACKING = {("list", "secrets"), ("watch", "secrets")}


@dataclass
class Asked:
    """What the operator asked for, and what of it was refused."""

    all: set[tuple[str, str]] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)

    def count(self, verb: str, resource: str, code: str) -> None:
        self.all.add((verb, resource))
        if code == "403":
            self.refused.add((verb, resource))


def granted_by_the_chart(namespace: str) -> list[Manifest]:
    """Its roles for one namespace, bound to a user who has no other right."""
    values = {
        "watchNamespaces": [namespace],
        "trackSecrets": {"enabled": True, "names": [SECRET]},
    }
    found = [each for each in render(values) if each["kind"] in {"Role", "RoleBinding"}]
    for each in found:
        metadata = each["metadata"]
        metadata["namespace"] = metadata["namespace"].replace(NAMESPACE, namespace)
        if each["kind"] == "RoleBinding":
            group = "rbac.authorization.k8s.io"
            each["subjects"] = [{"kind": "User", "name": OPERATOR, "apiGroup": group}]
    return found


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
async def operator(
    control_plane: ControlPlane, admin: Admin, namespace: str, asked: Asked
) -> AsyncIterator[Cluster]:
    """The adapter as the operator, and not as somebody with every right, has it."""
    for manifest in granted_by_the_chart(namespace):
        await admin.create(manifest)
    login = await log_in(str(control_plane.kubeconfig(OPERATOR)))
    api = ApiServer(login.configuration, count=asked.count)
    async with Cluster(api, namespaces=[namespace], own_namespace=namespace) as cluster:
        yield cluster


async def write_and_delete_everything(operator: Cluster, namespace: str) -> None:
    owned = [
        deployment(namespace),
        service(namespace, "fraud"),
        controller_revision(namespace, template={}, config_names=[]),
        config_map(namespace, "fraud-copy", model="fraud"),
        http_route(namespace, stable=100, canary=0),
        cron_job(namespace),
    ]
    for manifest in owned:
        await operator.writer.apply(manifest, is_ours=False)
    for manifest in owned:  # it exists by now: is it ours?
        await operator.writer.apply(manifest, is_ours=False)
    for manifest in owned:
        await operator.writer.delete(manifest["kind"], namespace, manifest["metadata"]["name"])


async def test_the_operator_asks_for_what_the_chart_grants_no_less_and_no_more(
    operator: Cluster, admin: Admin, namespace: str, asked: Asked
) -> None:
    made = await admin.create(model_deployment(namespace))
    await admin.create(config_map(namespace, "thresholds"))
    secret = {"apiVersion": "v1", "kind": "Secret", "stringData": {"key": "value"}}
    await admin.create({**secret, "metadata": {"namespace": namespace, "name": SECRET}})

    await within(60, operator.filled())
    lease = Lease(operator.api, namespace=namespace, name="serinus", identity="a")
    await lease.acquire()
    await lease.release()
    await write_and_delete_everything(operator, namespace)
    await operator.refresh(namespace, "fraud")
    uid, version = made["metadata"]["uid"], made["metadata"]["resourceVersion"]
    await operator.writer.write_status(namespace, "fraud", version, {"phase": "Healthy"})
    told = Happening(reason="Told", message="so")
    event = operator.writer.event(namespace, "fraud", uid, told)
    assert event is not None
    await operator.writer.post(event)
    assert await operator.config_maps.read(namespace, ["thresholds"], "fraud")
    assert await operator.secrets.digests(namespace, [SECRET], "fraud")
    watched = {resource for _, resource in asked.all if ("list", resource) in asked.all}
    await until(lambda: all(("watch", resource) in asked.all for resource in watched))

    assert (asked.refused, operator.troubles()) == (set(), ())
    granted = {
        (verb, _as_the_adapter_says(group, resource))
        for (group, resource), verbs in (USED | OWN).items()
        for verb in verbs
    }
    assert asked.all - TRACKING - DIGEST_KEY == granted - NOT_CALLED_BY_NAME
    assert asked.all >= TRACKING | DIGEST_KEY


async def test_watching_everything_it_is_refused_nothing_of_the_cluster_s(
    control_plane: ControlPlane, admin: Admin, namespace: str, asked: Asked
) -> None:
    for manifest in granted_on_the_cluster():
        await admin.create(manifest)
    login = await log_in(str(control_plane.kubeconfig(OPERATOR_OF_ALL)))
    api = ApiServer(login.configuration, count=asked.count)
    async with Cluster(api, own_namespace=namespace, tracks_secrets=False) as cluster:
        await within(60, cluster.filled())
        watched = {("watch", watch.collected.kind.resource) for watch in cluster.watches}
        await until(lambda: watched <= asked.all)
        assert (asked.refused, cluster.troubles()) == (set(), ())
    assert ("watch", "clusterobjectivetemplates.serinus.dev") in watched


def granted_on_the_cluster() -> list[Manifest]:
    """The chart's role for everything, bound to a user who has no other right."""
    (role,) = [each for each in operator_roles(render()) if each["kind"] == "ClusterRole"]
    (binding,) = of_kind(render(), "ClusterRoleBinding")
    user = {"kind": "User", "name": OPERATOR_OF_ALL, "apiGroup": "rbac.authorization.k8s.io"}
    return [role, binding | {"subjects": [user]}]


def _as_the_adapter_says(group: str, resource: str) -> str:
    plural, slash, part = resource.partition("/")
    return (f"{plural}.{group}" if group else plural) + slash + part
