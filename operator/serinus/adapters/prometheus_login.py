"""Ways to log in at a Prometheus; each reads its files anew, since mounted Secrets change."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from serinus.adapters.aws_keys import AwsIdentity, AwsKeys
from serinus.adapters.prometheus_settings import OAuth2, PrometheusSettings, SigV4
from serinus.errors import OutsideUnavailable

RENEWED_BEFORE_SECONDS = 60.0
"""A token that ends while a request is under way is one that ended."""
LONGEST_WORDS = 200


class Login(AuthBase):
    """Nobody in particular; the others below add what tells who is asking."""

    shown = "no credentials are set (prometheus.auth)"
    """What was sent, for whom Prometheus' refusal concerns."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request that is about to leave."""
        return request

    def refused(self) -> None:
        """Take in that it was not accepted."""


class _Bearer(Login):
    def __init__(self, file: str) -> None:
        self._file, self.shown = file, f"the bearer token in {file} was not accepted"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {read_secret(self._file)}"
        return request


class _Basic(Login):
    def __init__(self, username_file: str, password_file: str) -> None:
        self._files = username_file, password_file
        self.shown = f"the user in {username_file} or the password in {password_file} is wrong"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        username, password = (read_secret(file).encode() for file in self._files)
        HTTPBasicAuth(username, password)(request)
        return request


class _OAuth2(Login):
    """Keeps a token until shortly before its end; one that was refused is not kept."""

    def __init__(self, settings: OAuth2, timeout_seconds: float, ca_file: str) -> None:
        self._settings, self._timeout_seconds = settings, timeout_seconds
        self._verify = ca_file or True
        self._token, self._good_until = "", 0.0
        self._renewing = threading.Lock()
        self.shown = f"the token that {settings.token_url} gave was not accepted"

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        with self._renewing:
            if time.monotonic() >= self._good_until:
                self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def refused(self) -> None:
        self._good_until = 0.0

    def _renew(self) -> None:
        # 2 MiB that only who logs in this way pays for.
        from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error  # noqa: PLC0415
        from requests_oauthlib import OAuth2Session  # noqa: PLC0415

        settings = self._settings
        client = BackendApplicationClient(client_id=read_secret(settings.client_id_file))
        # In the body, not as the session's own scope: a provider may grant less than was asked.
        scope = {"scope": " ".join(settings.scopes)} if settings.scopes else {}
        try:
            with OAuth2Session(client=client) as session:
                token = session.fetch_token(
                    settings.token_url,
                    client_secret=read_secret(settings.client_secret_file),
                    body=urlencode(settings.parameters | scope),
                    timeout=self._timeout_seconds,
                    verify=self._verify,
                )
        except (OAuth2Error, requests.RequestException) as failure:
            words = str(failure)[:LONGEST_WORDS]
            raise OutsideUnavailable(
                f"no token for Prometheus from {settings.token_url} with the client in "
                f"{settings.client_id_file}: {words}"
            ) from failure
        self._token = str(token["access_token"])
        seconds = float(token.get("expires_in") or 0.0)
        self._good_until = time.monotonic() + max(0.0, seconds - RENEWED_BEFORE_SECONDS)


class _SigV4(Login):
    def __init__(self, settings: SigV4, keys: AwsKeys) -> None:
        self._settings, self._keys = settings, keys
        self.shown = (
            f"the signature for {settings.service} in {settings.region} with {keys.shown} "
            "was not accepted"
        )

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        from requests_aws4auth import AWS4Auth  # noqa: PLC0415 - for who signs only

        keys = self._keys.current()
        # AWS signs %20: a plus could be one.
        request.url = (request.url or "").replace("+", "%20")
        sign = AWS4Auth(
            keys.access_key_id,
            keys.secret_access_key,
            self._settings.region,
            self._settings.service,
            session_token=keys.session_token or None,
        )
        signed: requests.PreparedRequest = sign(request)
        return signed

    def refused(self) -> None:
        self._keys.refused()


class WithHeaders(Login):
    """A login, and headers whose values are secret."""

    def __init__(self, login: Login, files: Mapping[str, str]) -> None:
        """Read the files when a request is about to leave."""
        self._login, self._files, self.shown = login, files, login.shown

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the headers, then sign."""
        for name, file in self._files.items():
            request.headers[name] = read_secret(file)
        return self._login(request)

    def refused(self) -> None:
        """Pass it on."""
        self._login.refused()


def login_of(settings: PrometheusSettings, identity: AwsIdentity) -> Login:
    """Return what signs each request, with the credentials of that moment."""
    return WithHeaders(_login_of(settings, identity), settings.header_files)


def _login_of(settings: PrometheusSettings, identity: AwsIdentity) -> Login:
    if settings.token_file:
        return _Bearer(settings.token_file)
    if settings.username_file:
        return _Basic(settings.username_file, settings.password_file)
    if settings.oauth2:
        return _OAuth2(settings.oauth2, settings.timeout, settings.ca_file)
    if settings.sigv4:
        folder, region = settings.sigv4.keys_folder, settings.sigv4.region
        return _SigV4(settings.sigv4, AwsKeys(folder, region, identity, settings.timeout))
    return Login()


def read_secret(path: str) -> str:
    """Return the content of a mounted file.

    Raises:
        OSError: it can't be read.
    """
    return Path(path).read_text(encoding="utf-8").strip()
