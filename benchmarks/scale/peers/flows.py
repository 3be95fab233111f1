"""One user's requests to the API server by verb, as kube-apiserver counts them by FlowSchema."""

import re
import ssl
from collections import Counter
from typing import Any

import aiohttp

from tests.integration.admin import Admin
from tests.integration.control_plane import ADMIN, ControlPlane

VERBS = ("get", "create", "update", "patch", "delete")
"""All but streams, and what opens them."""
DISPATCHED = re.compile(
    r'^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="peer-(\w+)".*\} (\S+)$',
    re.MULTILINE,
)


async def count_apart(admin: Admin, user: str) -> None:
    """Give each verb of a user a FlowSchema, at the level where the user's requests are anyway."""
    for verb in VERBS:
        await admin.create(_schema(user, verb))


async def requests_by_verb(plane: ControlPlane) -> Counter[str]:
    """Ask kube-apiserver how many it let through."""
    headers = {"Authorization": f"Bearer {plane.tokens[ADMIN]}"}
    trust = ssl.create_default_context(cafile=str(plane.certificate_authority))
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{plane.url}/metrics", ssl=trust) as answer,
    ):
        return read(await answer.text())


def read(metrics: str) -> Counter[str]:
    """Return requests by verb out of kube-apiserver's metrics."""
    return Counter({verb: int(float(count)) for verb, count in DISPATCHED.findall(metrics)})


def _schema(user: str, verb: str) -> dict[str, Any]:
    everything = {
        "apiGroups": ["*"],
        "resources": ["*"],
        "verbs": [verb],
        "namespaces": ["*"],
        "clusterScope": True,
    }
    subject = {"kind": "User", "user": {"name": user}}
    return {
        "apiVersion": "flowcontrol.apiserver.k8s.io/v1",
        "kind": "FlowSchema",
        "metadata": {"name": f"peer-{verb}"},
        "spec": {
            "matchingPrecedence": 500,
            "priorityLevelConfiguration": {"name": "global-default"},
            "distinguisherMethod": {"type": "ByUser"},
            "rules": [{"subjects": [subject], "resourceRules": [everything]}],
        },
    }
