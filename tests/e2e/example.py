"""A resource of manifests/examples, applied as it lies there, with the images that it names."""

from __future__ import annotations

import urllib.request
from dataclasses import dataclass
from http.client import HTTPException

import yaml

from cluster.providers import chosen
from cluster.recipes import Recipe
from demo.clients import ANSWERS_IN_A_ROW
from demo.load.rows import Protocol
from demo.sights import Sight
from tests.architecture.sources import ROOT
from tests.e2e.clients import Clients, clients_come
from tests.e2e.model import Model
from tests.e2e.proxied import Json

EXAMPLES = ROOT / "manifests" / "examples"
IMAGES = EXAMPLES / "servers"
START_SECONDS = 180.0
"""A real server imports a lot before it says a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How one model server is asked."""

    path: str
    protocol: Protocol
    ready_path: str
    counter: str
    """Of its own metrics, with a matcher for what counts."""


SERVERS = {
    "mlserver": Server(
        path="/v2/models/tumour/infer",
        protocol=Protocol.V2,
        ready_path="/v2/models/tumour/ready",
        counter='model_infer_request_success_total{model="tumour"}',
    ),
    "bentoml": Server(
        path="/predict",
        protocol=Protocol.FEATURES,
        ready_path="/readyz",
        counter='bentoml_service_request_total{endpoint="/predict"}',
    ),
}


@dataclass
class Example(Model):
    """The model of the example for a server, `tumour-<server>`.

    Called as its server, it would break it: Kubernetes tells pods of the Service `bentoml` by
    BENTOML_PORT, which BentoML reads as its own port.
    """

    example: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.name = f"tumour-{self.example}"

    @property
    def server(self) -> Server:
        return SERVERS[self.example]

    @property
    def host(self) -> str:
        hosts: list[str] = self.manifest("1")["spec"]["traffic"]["gatewayAPI"]["hostnames"]
        return hosts[0]

    def manifest(self, version: str) -> Json:
        """As it lies there; another version is what its user would change: two words of a line."""
        text = (EXAMPLES / f"{self.example}.yaml").read_text()
        manifest: Json = yaml.safe_load(text)
        model = manifest["spec"]["model"]
        assert model["version"] == "1"
        model["image"] = model["image"].removesuffix(":1") + f":{version}"
        model["version"] = version
        return manifest

    def apply_version(self, version: str) -> None:
        """Build its image under the name that the resource says, and apply the resource."""
        manifest = self.manifest(version)
        image = manifest["spec"]["model"]["image"]
        containerfile = IMAGES / f"{self.example}.Containerfile"
        built = chosen().build(Recipe(containerfile, IMAGES, image, {"VERSION": version}))
        # With a registry of one's own it has another name; elsewhere it is what is written.
        if not built.endswith(f"/{image}"):
            manifest["spec"]["model"]["image"] = built
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump(manifest))

    def callers(self) -> Clients:
        """Through the gateway, once all of its workers know the way."""
        url, in_a_row = f"{self.node.addresses.gateway}{self.server.ready_path}", 0

        def answers(_: Sight) -> bool:
            nonlocal in_a_row
            in_a_row = in_a_row + 1 if is_answered(url, self.host) else 0
            return in_a_row >= ANSWERS_IN_A_ROW

        self.until(answers, f"the gateway answers for {self.host}", 60)
        return clients_come(
            self.node,
            self.namespace,
            f"{self.node.addresses.gateway_in_cluster}{self.server.path}",
            host=self.host,
            protocol=self.server.protocol,
        )

    def counted_by_the_server(self) -> dict[str, float]:
        """Requests by revision, as the node's Prometheus scraped them off the server itself."""
        name, matcher = self.server.counter.removesuffix("}").split("{")
        query = f'sum by (pod) ({name}{{{matcher},namespace="{self.namespace}"}})'
        counts: dict[str, float] = {}
        for series in self.node.prometheus(query):
            revision = series["metric"]["pod"].removeprefix(f"{self.name}-").split("-")[0]
            counts[revision] = counts.get(revision, 0) + float(series["value"][1])
        return counts


def is_answered(url: str, host: str) -> bool:
    request = urllib.request.Request(url, headers={"Host": host})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2.0) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False
