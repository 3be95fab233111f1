"""Whom we are to the API server: the pod's service account, else the user's kubeconfig."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kubernetes.aio import config
from kubernetes.aio.client import Configuration

TOKEN_RENEWAL_SECONDS = 60.0
"""How often a kubeconfig's plugin is asked whether its token is still good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The client's configuration, and the loader that keeps its token fresh, if there is one."""

    configuration: Configuration
    loader: config.kube_config.KubeConfigLoader | None = None

    async def credentials(self) -> dict[str, Any]:
        """Return the same as kopf.ConnectionInfo takes it, with the token of this moment."""
        known = self.configuration
        key = await known.get_api_key_with_prefix("BearerToken", "authorization") or ""
        scheme, _, token = key.partition(" ")
        return {
            "server": known.host,
            "ca_path": known.ssl_ca_cert,
            "insecure": not known.verify_ssl,
            "scheme": scheme.capitalize() or None,
            "token": token or None,
            "certificate_path": known.cert_file,
            "private_key_path": known.key_file,
            "proxy_url": known.proxy,
        }

    async def keep_fresh(self) -> None:
        """Renew the token of a kubeconfig's plugin for ever; return where there is none."""
        if self.loader is None:
            return
        # A user without credentials, or a plugin that gives certificates: nothing to renew.
        with suppress(AttributeError, TypeError):
            await config.refresh_token(self.loader, self.configuration, TOKEN_RENEWAL_SECONDS)


async def log_in(kubeconfig: str | None = None) -> Login:
    """Read the credentials: of the file if one is named, of the pod, else of the user.

    Raises:
        kubernetes.aio.config.ConfigException: there are none.
    """
    configuration = Configuration()
    if kubeconfig is None and os.environ.get("KUBERNETES_SERVICE_HOST"):
        config.load_incluster_config(configuration)
        return Login(configuration=configuration)
    loader = await config.load_kube_config(
        config_file=kubeconfig, client_configuration=configuration
    )
    return Login(configuration=configuration, loader=loader)
