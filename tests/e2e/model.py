"""One model in a namespace of its own: asked for, looked at, waited for, and cleared away."""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from demo.clients import ANSWERS_IN_A_ROW, is_answered_by_a_model
from demo.manifests.templates import fill
from demo.sights import Sight, Told, read_events
from demo.watching import Condition, Watcher, never
from serinus.resource.names import API_VERSION, KIND, MODEL_LABEL, PLURAL, REVISION_LABEL
from serinus.resource.status import Fate, Phase, Status
from serinus.traffic import gateway_api
from tests.e2e.clients import Clients, clients_come
from tests.e2e.manifest import written
from tests.e2e.node import Node
from tests.e2e.proxied import Json

NAME = "scorer"
PART_OF = "app.kubernetes.io/part-of=serinus-e2e"
START_SECONDS = 120.0
ROLLOUT_SECONDS = 150.0


@dataclass
class Model:
    """A model and what was last seen of it."""

    node: Node
    namespace: str
    name: str = NAME
    replicas: int = 1
    clients: Clients | None = None
    history: list[str] = field(default_factory=list)
    """Phases and weights in the order in which they were seen."""
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.watch = Watcher(self, self._note)

    # What is asked for

    def new_version(self) -> str:
        return str(next(self._versions))

    def apply(self, version: str, faults: Mapping[str, str] | None = None, **changes: Any) -> None:
        """As `kubectl apply` does it; `changes` are fields of the spec, the rollout's merged."""
        manifest = written(self, version, faults or {}, changes)
        self.kubectl(
            "apply", "--server-side", "--field-manager=e2e", "-f", "-", stdin=json.dumps(manifest)
        )

    def patch(self, **changes: Any) -> None:
        """Change fields of the spec and leave the others."""
        self.kubectl(
            "patch", PLURAL, self.name, "--type=merge", f"--patch={json.dumps({'spec': changes})}"
        )

    def annotate(self, command: str, text: str) -> None:
        self.kubectl("annotate", PLURAL, self.name, "--overwrite", f"serinus.dev/{command}={text}")

    def serinus(self, verb: str) -> str:
        done = self.node.serinus(verb, self.name, f"--namespace={self.namespace}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    def kubectl(self, *words: str, stdin: str | None = None) -> str:
        return self.node.kubectl.run(f"--namespace={self.namespace}", *words, stdin=stdin)

    # What is seen

    @property
    def host(self) -> str:
        return f"{self.namespace}.example"

    @property
    def status(self) -> Status:
        return self.watch.look().status

    @property
    def stable(self) -> str:
        stable = self.status.stable
        assert stable is not None, "nothing is stable yet"
        return stable.revision

    def exit_code(self) -> int:
        """What `kubectl serinus status` tells a script."""
        return self.node.serinus("status", self.name, f"--namespace={self.namespace}").returncode

    def resource(self) -> Json | None:
        path = f"/apis/{API_VERSION}/namespaces/{self.namespace}/{PLURAL}/{self.name}"
        found = self.node.server.get(path)
        return dict(found) if found else None

    def load_summary(self) -> None:
        """Clients are asked by name: a model may have more than one pod of them."""

    def events(self) -> list[Told]:
        about = quote(f"involvedObject.kind={KIND},involvedObject.name={self.name}")
        path = f"/api/v1/namespaces/{self.namespace}/events?fieldSelector={about}"
        return read_events(self.node.server.get(path) or {})

    def reasons(self, about: str = "") -> list[str]:
        """Reasons of the events whose message names something, the oldest first."""
        return [told.reason for told in self.events() if about in told.message]

    def pods(self, revision: str = "") -> list[Json]:
        """Those that are not on their way out."""
        labels = f"{MODEL_LABEL}={self.name}"
        labels += f",{REVISION_LABEL}={revision}" if revision else ""
        pods = self.node.server.pods(self.namespace, labels)
        return [dict(pod) for pod in pods if "deletionTimestamp" not in pod["metadata"]]

    def uids(self, revision: str) -> set[str]:
        return {pod["metadata"]["uid"] for pod in self.pods(revision)}

    def revisions(self) -> set[str]:
        """Those that have pods."""
        return {pod["metadata"]["labels"][REVISION_LABEL] for pod in self.pods()}

    def route(self) -> dict[str, int]:
        """Weights by revision, as the HTTPRoute has them."""
        path = (
            f"/apis/{gateway_api.API_VERSION}/namespaces/{self.namespace}/httproutes/{self.name}"
        )
        weights = gateway_api.read(self.node.server.get(path) or {})
        return {service.removeprefix(f"{self.name}-"): part for service, part in weights.items()}

    def owned(self) -> list[str]:
        kinds = "deployments,replicasets,pods,services,httproutes,configmaps"
        kinds += ",controllerrevisions,cronjobs"
        found = self.kubectl(
            "get", kinds, f"--selector={MODEL_LABEL}={self.name}", "--output=name"
        )
        return found.split()

    def _note(self, sight: Sight) -> None:
        status = sight.status
        line = f"{status.phase} {status.canary_version or ''} {status.weight} %: {status.message}"
        if not self.history or self.history[-1] != line:
            self.history.append(line)

    # What is waited for

    def until(
        self,
        done: Condition,
        what: str,
        within_seconds: float = ROLLOUT_SECONDS,
        hopeless: Condition = never,
    ) -> Status:
        return self.watch.until(done, what, within_seconds, hopeless).status

    def serves(self, version: str, within_seconds: float = START_SECONDS) -> Status:
        """Wait until a version is stable, everything of others gone."""

        def is_settled(sight: Sight) -> bool:
            status = sight.status
            is_stable = status.stable_version == version and status.phase is Phase.HEALTHY
            return sight.is_up_to_date and is_stable and not status.draining

        def was_refused(sight: Sight) -> bool:
            return sight.is_up_to_date and sight.fate_of(version) is Fate.ROLLED_BACK

        return self.until(is_settled, f"version {version} serves", within_seconds, was_refused)

    def is_answered(self, url_path: str = "/readyz") -> None:
        """Wait until the gateway leads here, by all of its workers."""
        url, in_a_row = f"{self.node.addresses.gateway}{url_path}", 0

        def answers(_: Sight) -> bool:
            nonlocal in_a_row
            in_a_row = in_a_row + 1 if is_answered_by_a_model(url, self.host) else 0
            return in_a_row >= ANSWERS_IN_A_ROW

        self.until(answers, f"the gateway answers for {self.host}", 60)

    def is_paused_at(self, version: str, weight: int) -> Status:
        """Wait until a canary stands on a step that waits for a person, its weight in force."""

        def stands(sight: Sight) -> bool:
            status = sight.status
            is_there = status.canary_version == version and status.weight == weight
            return is_there and status.phase is Phase.PAUSED

        return self.until(stands, f"version {version} pauses at {weight} %")

    def has_ended(
        self, version: str, fate: Fate, within_seconds: float = ROLLOUT_SECONDS
    ) -> Status:
        """Wait until a rollout is over, the decision carried out, and see how it ended."""

        def is_over(sight: Sight) -> bool:
            rollout = sight.status.rollout
            is_under_way = rollout is not None and rollout.version == version
            return sight.fate_of(version) is not None and not is_under_way

        status = self.until(is_over, f"the rollout of version {version} is over", within_seconds)
        record = next(each for each in status.history if each.version == version)
        assert record.fate is fate, record.message
        return status

    # Who calls it

    def outside_callers(self, rate_per_second: int = 60) -> Clients:
        """Through the gateway."""
        self.is_answered()
        return clients_come(
            self.node,
            self.namespace,
            f"{self.node.addresses.gateway_in_cluster}/predict",
            host=self.host,
            rate_per_second=rate_per_second,
        )

    def inside_callers(self, rate_per_second: int = 20) -> Clients:
        """By the entry Service, past the gateway."""
        url = f"http://{self.name}.{self.namespace}:8080/predict"
        return clients_come(
            self.node, self.namespace, url, pod="inside", rate_per_second=rate_per_second
        )


def model_in_a_namespace(node: Node, title: str, replicas: int = 1) -> Model:
    return Model(node=node, namespace=new_namespace(node, title), replicas=replicas)


def new_namespace(node: Node, title: str, *labels: str) -> str:
    namespace = f"e2e-{title}-{secrets.token_hex(2)}"
    manifest = fill("namespace", namespace=namespace)
    node.kubectl.run("apply", "-f", "-", stdin=manifest)
    node.kubectl.run("label", "namespace", namespace, "--overwrite", PART_OF, *labels)
    return namespace


def clear(node: Node, namespace: str) -> None:
    """The models first, as the operator is refused every write in a namespace that is going."""
    where = f"--namespace={namespace}"
    node.kubectl.run("delete", PLURAL, "--all", where, "--timeout=60s")
    node.kubectl.run("delete", "namespace", namespace, "--wait=false")


def clear_what_earlier_runs_left(node: Node) -> None:
    listed = node.kubectl.get("namespaces", f"--selector={PART_OF}").get("items", [])
    for namespace in listed:
        if namespace["status"]["phase"] == "Active":
            clear(node, namespace["metadata"]["name"])
