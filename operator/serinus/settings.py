"""The operator's own settings, read from the environment once, in the composition root."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from serinus.adapters.aws_keys import NO_IDENTITY, AwsIdentity
from serinus.adapters.prometheus_settings import Others, PrometheusSettings
from serinus.resource.defaults import read_policy
from serinus.resource.faults import told
from serinus.resource.objective import Objective
from serinus.resource.objectives import read_objectives
from serinus.resource.quantities import parse_duration
from serinus.resource.storage import (
    IMAGES,
    INITIALIZER_IMAGE,
    WARMUP_IMAGE,
    Rereads,
    StorageImages,
)

T = TypeVar("T")


class SettingsInvalid(ValueError):
    """Whoever installed the operator must mend a variable; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set; defaults suit a pod of the chart."""

    own_namespace: str = "default"
    """SERINUS_OWN_NAMESPACE: where the operator runs, and keeps its Lease and its digests' key."""
    instance: str = ""
    """SERINUS_INSTANCE: name of the pod; no other process may have it, only this one's next life.

    Without it, a name is made up.
    """
    lease: str = "serinus"
    """SERINUS_LEASE: name of the Lease; those that share it take turns."""
    lease_duration_seconds: float = 15.0
    """SERINUS_LEASE_DURATION: how long nobody writes after the holder is gone without a word."""
    namespaces: tuple[str, ...] = ()
    """SERINUS_NAMESPACES: the only namespaces to watch, separated by commas; none means all.

    Each takes eleven watches of its own; with more than a few, watching all is cheaper.
    """
    track_secrets: bool = False
    """SERINUS_TRACK_SECRETS: whether `trackSecrets` is granted; reading Secrets is opt-in."""
    prometheus_url: str = ""
    """SERINUS_PROMETHEUS_URL: base URL, a path prefix included; without it nothing is measured."""
    prometheus_timeout_seconds: float = 10.0
    """SERINUS_PROMETHEUS_TIMEOUT: for one attempt; a look waits for up to three."""
    prometheus_access: PrometheusSettings = field(default_factory=PrometheusSettings)
    """SERINUS_PROMETHEUS_ACCESS: JSON, how one logs in there, and what its labels are called."""
    prometheus_others: Mapping[str, PrometheusSettings] = field(default_factory=dict)
    """SERINUS_PROMETHEUS_OTHERS: JSON, by name, Prometheuses that models may name instead."""
    aws_identity: AwsIdentity = NO_IDENTITY
    """AWS_...: as EKS sets it; used where `sigv4` is asked for without keys."""
    scrape_interval_seconds: float = 15.0
    """SERINUS_SCRAPE_INTERVAL: how often Prometheus scrapes the models; counts rest on it."""
    calibrate: bool = True
    """SERINUS_CALIBRATE: whether policies are replayed on each model's own past, once a night.

    A process of its own does it, one model after the other; it takes some 150 MB for seconds.
    """
    default_objectives: tuple[Objective, ...] | None = None
    """SERINUS_DEFAULT_OBJECTIVES: JSON, as in `spec.objectives`; for models that name nothing."""
    default_policy: Mapping[str, Any] = field(default_factory=dict)
    """SERINUS_DEFAULT_ROLLOUT: JSON, as in `spec.rollout`; for what models leave out there."""
    storage_images: StorageImages = IMAGES
    """SERINUS_INITIALIZER_IMAGE, _CONTENT_IMAGE, _WARMUP_IMAGE: run before a model serves.

    SERINUS_REREAD_CLAIMS: `hourly`, `daily` or `never`.
    """
    metrics_port: int = 9464
    """SERINUS_METRICS_PORT: where /metrics is."""
    probes_port: int = 8080
    """SERINUS_PROBES_PORT: where /healthz and /readyz are."""
    log_format: str = "json"
    """SERINUS_LOG_FORMAT: `json` for machines, `text` for people."""
    log_level: str = "info"
    """SERINUS_LOG_LEVEL: debug, info, warning or error."""

    @property
    def prometheuses(self) -> Mapping[str, PrometheusSettings]:
        """Every Prometheus there is by name, the operator's own under ""."""
        named = {"url": self.prometheus_url, "timeout": self.prometheus_timeout_seconds}
        return {"": self.prometheus_access.model_copy(update=named), **self.prometheus_others}


LOG_FORMATS = ("json", "text")
LOG_LEVELS = ("debug", "info", "warning", "error")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings; an empty variable is as good as none.

    Raises:
        SettingsInvalid: a variable has no meaning; the message names it.
    """
    read = _Reader(environment)
    return Settings(
        own_namespace=read.text("SERINUS_OWN_NAMESPACE", "default"),
        instance=read.text("SERINUS_INSTANCE", ""),
        lease=read.text("SERINUS_LEASE", "serinus"),
        lease_duration_seconds=read.seconds("SERINUS_LEASE_DURATION", "15s", at_least=3),
        namespaces=read.names("SERINUS_NAMESPACES"),
        track_secrets=read.choice("SERINUS_TRACK_SECRETS", "false", ("true", "false")) == "true",
        prometheus_url=read.text("SERINUS_PROMETHEUS_URL", ""),
        prometheus_timeout_seconds=read.seconds("SERINUS_PROMETHEUS_TIMEOUT", "10s"),
        prometheus_access=read.json("SERINUS_PROMETHEUS_ACCESS", TypeAdapter(PrometheusSettings)),
        prometheus_others=read.json("SERINUS_PROMETHEUS_OTHERS", TypeAdapter(Others)),
        aws_identity=_read_identity(read),
        scrape_interval_seconds=read.seconds("SERINUS_SCRAPE_INTERVAL", "15s"),
        calibrate=read.choice("SERINUS_CALIBRATE", "true", ("true", "false")) == "true",
        default_objectives=read.objectives("SERINUS_DEFAULT_OBJECTIVES"),
        default_policy=read.policy("SERINUS_DEFAULT_ROLLOUT"),
        storage_images=_read_images(read),
        metrics_port=read.port("SERINUS_METRICS_PORT", "9464"),
        probes_port=read.port("SERINUS_PROBES_PORT", "8080"),
        log_format=read.choice("SERINUS_LOG_FORMAT", "json", LOG_FORMATS),
        log_level=read.choice("SERINUS_LOG_LEVEL", "info", LOG_LEVELS),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    environment: Mapping[str, str]

    def text(self, name: str, default: str) -> str:
        return self.environment.get(name, "").strip() or default

    def names(self, name: str) -> tuple[str, ...]:
        parts = (part.strip() for part in self.text(name, "").split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def seconds(self, name: str, default: str, *, at_least: float = 0.0) -> float:
        text = self.text(name, default)
        try:
            seconds = parse_duration(text)
        except ValueError as error:
            raise SettingsInvalid(f"{name}: {error}") from error
        if seconds <= 0:
            raise SettingsInvalid(f"{name}: {text!r} is no time at all")
        if seconds < at_least:
            raise SettingsInvalid(f"{name}: {text!r} is less than {at_least:g}s")
        return seconds

    def objectives(self, name: str) -> tuple[Objective, ...] | None:
        text = self.text(name, "[]")
        try:
            return read_objectives(json.loads(text)) or None
        except ValueError as error:
            raise SettingsInvalid(f"{name}: {error}") from error

    def json(self, name: str, kind: TypeAdapter[T]) -> T:
        try:
            return kind.validate_json(self.text(name, "{}"), strict=True)
        except ValidationError as invalid:
            faults = "; ".join(told(invalid))
            raise SettingsInvalid(f"{name}: {faults}") from invalid

    def policy(self, name: str) -> Mapping[str, Any]:
        text = self.text(name, "{}")
        try:
            return read_policy(json.loads(text))
        except ValueError as error:
            raise SettingsInvalid(f"{name}: {error}") from error

    def port(self, name: str, default: str) -> int:
        text = self.text(name, default)
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise SettingsInvalid(f"{name}: {text!r} is no port")
        return int(text)

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        text = self.text(name, default).lower()
        if text not in choices:
            raise SettingsInvalid(f"{name}: {text!r} is none of {', '.join(choices)}")
        return text


def _read_identity(read: _Reader) -> AwsIdentity:
    return AwsIdentity(
        role_arn=read.text("AWS_ROLE_ARN", ""),
        web_identity_token_file=read.text("AWS_WEB_IDENTITY_TOKEN_FILE", ""),
        sts_url=read.text("AWS_ENDPOINT_URL_STS", ""),
        container_credentials_url=read.text("AWS_CONTAINER_CREDENTIALS_FULL_URI", ""),
        container_token_file=read.text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", ""),
    )


def _read_images(read: _Reader) -> StorageImages:
    return StorageImages(
        initializer=read.text("SERINUS_INITIALIZER_IMAGE", INITIALIZER_IMAGE),
        content=read.text("SERINUS_CONTENT_IMAGE", ""),
        warmup=read.text("SERINUS_WARMUP_IMAGE", WARMUP_IMAGE),
        rereads=Rereads(read.choice("SERINUS_REREAD_CLAIMS", "hourly", tuple(Rereads))),
    )
