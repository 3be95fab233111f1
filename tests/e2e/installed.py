"""The operator as its Helm release runs it: its pages, its log, its death, what it was refused."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from urllib.error import URLError

from prometheus_client.parser import text_string_to_metric_families

from cluster.kubectl import Kubectl
from demo.apiserver import ApiServer
from demo.killing import is_ready
from demo.names import OPERATOR_LABELS, OPERATOR_NAMESPACE
from tests.e2e.proxied import Json, page

METRICS_PORT = 9464
PROBES_PORT = 8080
REFUSAL = re.compile(r"forbidden: User|APIForbiddenError|Not enough permissions")
"""How RBAC says no, and how kopf tells of it; admission refuses in other words."""
START_SECONDS = 90.0


@dataclass
class Operator:
    """One operator after the other; what a dying one was refused is asked for first."""

    kubectl: Kubectl
    server: ApiServer
    refusals: list[str] = field(default_factory=list)
    known: dict[str, float] = field(default_factory=dict)
    """What was counted already before the tests began, or when it was noted last."""

    def pod(self) -> Json:
        """The pod that is ready, waited for."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            pods = self.server.pods(OPERATOR_NAMESPACE, OPERATOR_LABELS)
            ready = [pod for pod in pods if is_ready(pod)]
            if ready:
                return dict(ready[0])
            assert time.monotonic() < deadline, "no operator became ready"
            time.sleep(0.25)

    def page(self, port: int, path: str) -> str:
        name = self.pod()["metadata"]["name"]
        pods = f"{self.server.url}/api/v1/namespaces/{OPERATOR_NAMESPACE}/pods"
        return page(f"{pods}/{name}:{port}/proxy/{path}")

    def requests(self) -> dict[tuple[str, str, str], float]:
        """Requests to the API server so far, by verb, resource and code."""
        families = text_string_to_metric_families(self.page(METRICS_PORT, "metrics"))
        return {
            (sample.labels["verb"], sample.labels["resource"], sample.labels["code"]): sample.value
            for family in families
            for sample in family.samples
            if sample.name == "serinus_kubernetes_requests_total"
        }

    def log(self) -> str:
        name = self.pod()["metadata"]["name"]
        return self.kubectl.run("logs", name, f"--namespace={OPERATOR_NAMESPACE}", "--tail=-1")

    def forget_older_counts(self) -> None:
        """Writes into a namespace on its way out, before the tests began, are no fault."""
        self.known |= self._counts()

    def note_refusals(self) -> None:
        """What the API server denied this operator, as it counted and as it logged."""
        counts = self._counts()
        self.refusals += [key for key, count in counts.items() if count > self.known.get(key, 0)]
        self.known |= counts
        self.refusals += [line for line in self.log().splitlines() if REFUSAL.search(line)]

    def _counts(self) -> dict[str, float]:
        name = self.pod()["metadata"]["name"]
        return {
            f"{name}: {verb} {resource}: 403": count
            for (verb, resource, code), count in self.requests().items()
            if code == "403"
        }

    def kill(self) -> str:
        """Without grace, and without waiting for the next one; the name of the dead pod."""
        name: str = self.pod()["metadata"]["name"]
        self.note_refusals()
        self.kubectl.run(
            "delete",
            "pod",
            name,
            f"--namespace={OPERATOR_NAMESPACE}",
            "--grace-period=0",
            "--force",
            "--wait=false",
        )
        return name

    def restart(self) -> None:
        """Kill it and wait for the next one."""
        dead = self.kill()
        assert self.pod()["metadata"]["name"] != dead
        self._answers()

    def _answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                assert self.page(PROBES_PORT, "readyz") == "ok"
            except URLError:
                assert time.monotonic() < deadline, "the next operator does not answer"
                time.sleep(0.25)
            else:
                return
