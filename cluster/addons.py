"""What is installed into a cluster as a user would: DNS, Envoy Gateway, Prometheus."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cluster import charts, versions
from cluster.commands import run
from cluster.errors import ClusterError
from cluster.kubectl import Kubectl
from cluster.programs import path_of
from cluster.steps import step
from cluster.waiting import until

MANIFESTS = Path(__file__).resolve().parent / "manifests"
GATEWAY_NAMESPACE = "serinus-gateway"
MONITORING_NAMESPACE = "serinus-monitoring"
GATEWAY_NODE_PORT = 30080
PROMETHEUS_NODE_PORT = 30090
READY_TIMEOUT_SECONDS = 180.0
DEPLOYMENTS = {
    "prometheus": MONITORING_NAMESPACE,
    "envoy-gateway": GATEWAY_NAMESPACE,
}


@dataclass(frozen=True)
class Addons:
    """The add-ons of one cluster; images not named are the ones upstream releases."""

    kubectl: Kubectl
    prometheus_image: str = versions.PROMETHEUS_IMAGE
    envoy_image: str = versions.ENVOY_IMAGE
    envoy_gateway_image: str = ""  # the chart knows upstream's
    coredns: Mapping[str, str] | None = None  # what its manifest wants to know, if it is ours

    def install(self) -> None:
        """Apply everything, in an order in which nothing waits for what comes later."""
        with ThreadPoolExecutor() as pool, step("add-ons applied"):
            jobs = [pool.submit(self._envoy_gateway), pool.submit(self._prometheus)]
            if self.coredns is not None:
                jobs.append(pool.submit(self._apply, "coredns", self.coredns))
            for job in jobs:
                job.result()

    def wait(self) -> None:
        """Until all of them serve."""
        wanted = dict(DEPLOYMENTS)
        if self.coredns is not None:
            wanted["coredns"] = "kube-system"
        try:
            with step("add-ons ready", quiet_below_seconds=1.0):
                for name, namespace in wanted.items():
                    until(
                        partial(self.available, name, namespace),
                        f"deployment {namespace}/{name} is available",
                        READY_TIMEOUT_SECONDS,
                    )
                until(
                    self.gateway_programmed,
                    "Gateway serinus-gateway/public is programmed",
                    READY_TIMEOUT_SECONDS,
                )
        except ClusterError as late:
            pods = self.kubectl.run("get", "pods", "--all-namespaces")
            raise ClusterError(f"{late}. The pods are:\n{pods}") from late

    def available(self, name: str, namespace: str) -> bool:
        """Whether a deployment has all the replicas it wants."""
        return _condition(self.kubectl.get("deployment", name, "-n", namespace), "Available")

    def gateway_programmed(self) -> bool:
        """Whether the proxies of the public Gateway serve."""
        gateway = self.kubectl.get(
            "gateway.gateway.networking.k8s.io", "public", "-n", GATEWAY_NAMESPACE
        )
        return _condition(gateway, "Programmed")

    def _prometheus(self) -> None:
        self._apply(
            "prometheus",
            {
                "PROMETHEUS_IMAGE": self.prometheus_image,
                "PROMETHEUS_NODE_PORT": str(PROMETHEUS_NODE_PORT),
            },
        )

    def _envoy_gateway(self) -> None:
        images = {"envoyProxy": {"image": self.envoy_image}}  # for Gateways of other people
        if self.envoy_gateway_image:
            images["envoyGateway"] = {"image": self.envoy_gateway_image}
        run(
            [
                path_of("helm"),
                "upgrade",
                "--install",
                "envoy-gateway",
                charts.envoy_gateway(),
                "--kubeconfig",
                self.kubectl.kubeconfig,
                *(["--kube-context", self.kubectl.context] if self.kubectl.context else []),
                "--namespace",
                GATEWAY_NAMESPACE,
                "--create-namespace",
                "--values",
                MANIFESTS / "envoy-gateway-values.yaml",
                "--set-json",
                f"global.images={json.dumps(images)}",
            ]
        )
        self._apply(
            "gateway",
            {"ENVOY_IMAGE": self.envoy_image, "GATEWAY_NODE_PORT": str(GATEWAY_NODE_PORT)},
        )

    def _apply(self, name: str, blanks: Mapping[str, str]) -> None:
        manifest = (MANIFESTS / f"{name}.yaml").read_text()
        for blank, value in blanks.items():
            manifest = manifest.replace(f"@{blank}@", value)
        if left := [word for word in manifest.split() if word.strip('"').startswith("@")]:
            raise ClusterError(f"{name}.yaml has blanks that nothing fills in: {left}")
        self.kubectl.apply(manifest)


def _condition(found: Mapping[str, object], wanted: str) -> bool:
    status = found.get("status")
    conditions = status.get("conditions", []) if isinstance(status, dict) else []
    return any(each["type"] == wanted and each["status"] == "True" for each in conditions)
