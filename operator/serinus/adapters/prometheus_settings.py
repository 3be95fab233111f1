"""Where a Prometheus is, how one logs in, and what its labels are called, as installers write it.

Whatever is secret is in a mounted file and read anew for each request: here are paths only.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from serinus.resource.quantities import Duration
from serinus.resource.schema import Rule, Schema
from serinus.resource.traffic import PrometheusName, Tenant
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]+$", max_length=64)]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$")]
NamespaceName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)
]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
Url = Annotated[str, StringConstraints(pattern=r"^(https?://[^\s@]+)?$")]
SecureUrl = Annotated[str, StringConstraints(pattern=r"^https://[^\s@]+$")]


class OAuth2(Schema):
    """Client credentials (RFC 6749, 4.4): an identity provider gives out tokens for a secret."""

    token_url: SecureUrl
    client_id_file: str
    client_secret_file: str
    scopes: tuple[str, ...] = ()
    parameters: dict[str, str] = Field(default_factory=dict)
    """What the provider wants besides, such as `audience`."""


class SigV4(Schema):
    """Requests signed as AWS asks for, with keys from files or for the pod's own identity."""

    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    service: str = "aps"
    keys_folder: str = ""
    """Holds `accessKeyId`, `secretAccessKey` and, if there is one, `sessionToken`.

    Without it the keys are had for the identity that EKS gives the pod.
    """


def _ways_to_log_in(settings: PrometheusSettings) -> int:
    ways = (settings.token_file, settings.username_file, settings.oauth2, settings.sigv4)
    return sum(bool(way) for way in ways)


class PrometheusSettings(Schema):
    """One Prometheus, or anything that answers its query API."""

    rules: ClassVar = (
        Rule(
            "",
            "a bearer token, a user, oauth2 and sigv4 exclude each other",
            lambda settings: _ways_to_log_in(settings) <= 1,
        ),
        Rule(
            "",
            "usernameFile and passwordFile go together",
            lambda settings: bool(settings.username_file) == bool(settings.password_file),
        ),
        Rule(
            "",
            "certificateFile and keyFile go together",
            lambda settings: bool(settings.certificate_file) == bool(settings.key_file),
        ),
    )

    url: Url = ""
    """Base URL; a path prefix is part of it."""
    timeout: Duration = 10.0
    """For one attempt; of three attempts at most."""
    scrape_interval: Duration | None = None
    """How often it scrapes the models, where that is not what the operator is told for all."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    header_files: dict[HeaderName, str] = Field(default_factory=dict)
    """Headers whose values are secret."""
    tenant_header: HeaderName = "X-Scope-OrgID"
    tenants: tuple[Tenant, ...] = ()
    """The tenants that models may name."""
    namespaces: tuple[NamespaceName, ...] = ()
    """The namespaces whose models may be told of by it; none means all."""
    namespace_label: LabelName = KUBERNETES_LABELS.namespace
    pod_label: LabelName = KUBERNETES_LABELS.pod
    token_file: str = ""
    username_file: str = ""
    password_file: str = ""
    oauth2: OAuth2 | None = Field(None, alias="oauth2")
    sigv4: SigV4 | None = Field(None, alias="sigv4")
    ca_file: str = ""
    """PEM file with the authority of Prometheus' certificate; the system's by default."""
    certificate_file: str = ""
    """PEM file with a certificate of our own (mTLS), and below its key."""
    key_file: str = ""

    def is_for(self, namespace: str) -> bool:
        """Whether models of a namespace may be told of by it."""
        return not self.namespaces or namespace in self.namespaces

    @property
    def labels(self) -> ScrapeLabels:
        """What says whose a series is, once the site's relabelling is done with it."""
        return ScrapeLabels(namespace=self.namespace_label, pod=self.pod_label)


Others = dict[PrometheusName, PrometheusSettings]
"""Prometheuses that a model may name instead of the operator's own."""
