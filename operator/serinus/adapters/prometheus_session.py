"""The HTTP session with Prometheus: credentials, TLS, retries, and what counts as an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from serinus.errors import OutsideUnavailable
from serinus.settings import Settings

LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusSettings:
    """Where Prometheus is and how it is asked."""

    url: str
    """Base URL; a path prefix is part of it."""
    timeout_seconds: float = 10.0
    """For one attempt; of three attempts at most."""
    ca_file: str = ""
    """PEM file with the CA of Prometheus' certificate; the system's CAs by default."""
    bearer_token: str = field(default="", repr=False)
    bearer_token_file: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    password_file: str = ""


def prometheus_settings(
    settings: Settings, timeout_seconds: float | None = None
) -> PrometheusSettings:
    """Return them as whoever installed the operator has set them; the time-out may be longer."""
    username_file = settings.prometheus_username_file
    return PrometheusSettings(
        url=settings.prometheus_url,
        timeout_seconds=timeout_seconds or settings.prometheus_timeout_seconds,
        ca_file=settings.prometheus_ca_file,
        bearer_token_file=settings.prometheus_token_file,
        username=Path(username_file).read_text().strip() if username_file else "",
        password_file=settings.prometheus_password_file,
    )


class Refused(Exception):
    """Prometheus can't evaluate the query; the message is its words."""


class _Credentials(AuthBase):
    """Read anew for every request, since a mounted Secret changes under a running process."""

    def __init__(self, settings: PrometheusSettings) -> None:
        self._settings = settings

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        settings = self._settings
        if settings.username:
            password = _read(settings.password_file) or settings.password
            HTTPBasicAuth(settings.username.encode(), password.encode())(request)
            return request
        token = _read(settings.bearer_token_file) or settings.bearer_token
        if token:
            request.headers["Authorization"] = f"Bearer {token}"
        return request


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip() if path else ""


def open_session(settings: PrometheusSettings) -> requests.Session:
    """Return a session whose answers are whole ones.

    It raises Refused or OutsideUnavailable for all others.
    """
    session = requests.Session()
    session.verify = settings.ca_file or True
    session.hooks["response"].append(_check)
    return session


def credentials(settings: PrometheusSettings) -> AuthBase:
    """Return what signs each request, with the credentials of that moment."""
    return _Credentials(settings)


def retries() -> Retry:
    """Return when to try again: three attempts in all, a random moment apart.

    Waiting is bounded: how long Prometheus wants to be left alone is told to the caller instead.
    """
    return Retry(
        total=2,
        read=1,
        redirect=False,
        status_forcelist=(429, 502, 503, 504),
        allowed_methods=("GET",),
        backoff_factor=0.2,
        backoff_jitter=0.3,
        raise_on_status=False,
        respect_retry_after_header=False,
    )


_HAS_WARNINGS = re.compile(rb'"warnings"\s*:\s*\[\s*"((?:[^"\\]|\\.)*)')
"""In JSON an unescaped quote ends a text, so this is a key and never part of a label."""


def _check(response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
    if response.is_redirect:
        return
    if response.status_code == requests.codes.ok:
        warned = _HAS_WARNINGS.search(response.content)
        if warned:
            words = warned[1].decode(errors="replace")[:LONGEST_WORDS]
            raise OutsideUnavailable(f"Prometheus gave a partial answer: {words}")
        return
    kind, words = _error_of(response)
    if kind in {"bad_data", "execution"}:
        raise Refused(words)
    raise OutsideUnavailable(
        f"Prometheus answered {response.status_code}: {words}",
        retry_after_seconds=_retry_after(response.headers),
    )


def _error_of(response: requests.Response) -> tuple[str, str]:
    """Prometheus' own kind of error and its words; what stands between us has others."""
    try:
        body = response.json()
        return str(body["errorType"]), str(body["error"])[:LONGEST_WORDS]
    except (ValueError, KeyError, TypeError):
        words = " ".join(response.text.split()) or response.reason or "no reason given"
        return "", words[:LONGEST_WORDS]


def reason_of(failure: Exception) -> str:
    """Return why there was no answer at all, without the layers that passed it on."""
    inner = failure.args[0] if failure.args else None
    cause = getattr(inner, "reason", None) or failure
    if isinstance(failure, requests.Timeout) or isinstance(cause, ReadTimeoutError):
        return "Prometheus did not answer in time"
    return f"Prometheus is out of reach: {str(cause)[:LONGEST_WORDS]}"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("Retry-After", "")
    return float(text) if text.isdecimal() else None
