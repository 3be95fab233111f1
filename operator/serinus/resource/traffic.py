"""Where a model's traffic comes in and who splits it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from serinus.resource.objective import Name
from serinus.resource.schema import Schema
from serinus.servers.preset import SourceName

ObjectName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", min_length=1, max_length=253),
]
Hostname = Annotated[
    str,
    StringConstraints(
        pattern=r"^(\*\.)?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$", min_length=1, max_length=253
    ),
]
AppProtocol = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([-.a-z0-9]*[a-z0-9])?/)?[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$",
        max_length=253,
    ),
]
PrometheusName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=40)
]
Tenant = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][-A-Za-z0-9!_.*'()|]*$", max_length=150)
]
PathPrefix = Annotated[str, StringConstraints(pattern=r"^/", min_length=1, max_length=1024)]


class ParentRef(Schema):
    """A Gateway that the owned HTTPRoute attaches to."""

    name: ObjectName = Field(description="Name of the Gateway.")
    namespace: ObjectName | None = Field(None, description="Its namespace; ours by default.")
    section_name: ObjectName | None = Field(None, description="One listener of the Gateway.")
    port: int | None = Field(None, ge=1, le=65535, description="One port of the Gateway.")


class GatewayAPI(Schema):
    """An HTTPRoute of our own with a weight for each track."""

    parent_refs: Annotated[tuple[ParentRef, ...], Field(min_length=1, max_length=8)] = Field(
        description="Gateways the route attaches to."
    )
    hostnames: Annotated[tuple[Hostname, ...], Field(max_length=16)] = Field(
        (), description="Host names the route answers to; every one of the Gateway by default."
    )
    path_prefix: PathPrefix = Field("/", description="Path prefix the route answers to.")


class Traffic(Schema):
    """The router that splits traffic between stable and canary."""

    gateway_api: GatewayAPI = Field(
        alias="gatewayAPI", description="Split by the weights of an owned Gateway API HTTPRoute."
    )


class Port(Schema):
    """A port of the model's Services."""

    name: Name = Field(description="Name of the port.")
    port: int = Field(ge=1, le=65535, description="Port of the Service.")
    target_port: int | None = Field(
        None, ge=1, le=65535, description="Port of the container; the same by default."
    )
    app_protocol: AppProtocol | None = Field(
        None, description='Protocol told to the router, such as "kubernetes.io/h2c" for gRPC.'
    )


class PrometheusRef(Schema):
    """Which Prometheus tells of the model: one that the operator's installer has listed."""

    name: PrometheusName | None = Field(
        None, description="Its name in the chart's prometheus.others; the operator's own default."
    )
    tenant: Tenant | None = Field(
        None, description="Whose metrics it is asked for; one of the tenants listed with it."
    )


class MetricsEndpoint(Schema):
    """Where the model server's own metrics are."""

    port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="Container port; the server's own by default, else the model's first.",
    )
    path: PathPrefix | None = Field(
        None, description="HTTP path of the metrics; the server's own by default."
    )
    source: SourceName | None = Field(
        None,
        description="Who is asked about requests instead of the server: standard where the model "
        "itself shows the standard metrics, else a mesh or gateway that sees them.",
    )
    prometheus: PrometheusRef | None = Field(
        None, description="Which Prometheus tells of them; the operator's own by default."
    )
