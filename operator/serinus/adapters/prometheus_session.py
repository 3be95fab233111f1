"""The HTTP session with Prometheus: headers, TLS, retries, and what counts as an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from serinus.adapters.prometheus_login import Login
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.errors import OutsideUnavailable

LONGEST_WORDS = 300
LOCKED_OUT = (401, 403)
_NO_TENANT = re.compile(r"\bno org id\b")
"""How Mimir and Cortex say that X-Scope-OrgID is missing."""


class Refused(Exception):
    """Prometheus can't evaluate the query; the message is its words."""


class _Session(requests.Session):
    """Takes nothing secret along to another host that it is sent on to."""

    secret_headers: tuple[str, ...] = ()

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        before, after = str(response.request.url), str(prepared_request.url)
        if self.should_strip_auth(before, after):  # type: ignore[no-untyped-call] # so its stubs
            for name in (*self.secret_headers, "X-Amz-Security-Token"):
                prepared_request.headers.pop(name, None)


def open_session(settings: PrometheusSettings, tenant: str, login: Login) -> requests.Session:
    """Return a session whose answers are whole ones.

    It raises Refused or OutsideUnavailable for all others. Certificates are read anew for each
    connection, so that renewed ones are taken up.
    """
    session = _Session()
    session.secret_headers = tuple(settings.header_files)
    session.verify = settings.ca_file or True
    if settings.certificate_file:
        session.cert = (settings.certificate_file, settings.key_file)
    session.headers.update(settings.headers)
    if tenant:
        session.headers[settings.tenant_header] = tenant
    session.hooks["response"].append(partial(_check, login))
    return session


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


def _check(login: Login, response: requests.Response, *_args: Any, **_kwargs: Any) -> None:
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
    if response.status_code in LOCKED_OUT:
        login.refused()
        words = f"{words} ({_lacking(words, login)})"
    raise OutsideUnavailable(
        f"Prometheus answered {response.status_code}: {words}",
        retry_after_seconds=_retry_after(response.headers),
    )


def _lacking(words: str, login: Login) -> str:
    """What whoever is on call should look at."""
    if _NO_TENANT.search(words):
        return "no tenant is named: prometheus.headers, or spec.metrics.prometheus.tenant"
    return login.shown


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
