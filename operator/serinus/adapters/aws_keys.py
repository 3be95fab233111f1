"""Keys for AWS: from a mounted Secret, or for the identity that EKS gives a pod.

Of the ways an identity is given, the two of pods are known: a role for a service account (the
AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE that its webhook sets), and the Pod Identity agent
(AWS_CONTAINER_CREDENTIALS_FULL_URI and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE).
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET  # what it reads came from AWS, by TLS

import requests

from serinus.errors import OutsideUnavailable

RENEWED_BEFORE = timedelta(minutes=5)
LONGEST_WORDS = 300
NO_KEYS = (
    "no keys for AWS: name a Secret with accessKeyId and secretAccessKey (prometheus.auth), or "
    "give the operator's service account a role (IRSA or EKS Pod Identity)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsIdentity:
    """What EKS puts into a pod's environment, each "" where it does not."""

    role_arn: str = ""
    web_identity_token_file: str = ""
    sts_url: str = ""
    """AWS_ENDPOINT_URL_STS; the region's own by default."""
    container_credentials_url: str = ""
    container_token_file: str = ""


NO_IDENTITY = AwsIdentity()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What a request is signed with."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
    until: datetime | None = None
    """When they end; None: never, as far as is known."""


class AwsKeys:
    """The keys of this moment; those for an identity are kept until shortly before their end."""

    def __init__(
        self, folder: str, region: str, identity: AwsIdentity, timeout_seconds: float
    ) -> None:
        """Read nothing yet."""
        self._folder, self._region, self._identity = folder, region, identity
        self._timeout_seconds = timeout_seconds
        self._kept: Keys | None = None
        self._renewing = threading.Lock()
        self.shown = f"the keys in {folder}" if folder else f"the role {identity.role_arn}".strip()

    def current(self) -> Keys:
        """Return keys that are good for a while.

        Raises:
            OSError: a file can't be read, or nobody answers.
            OutsideUnavailable: AWS gives none, or there is no identity to give any to.
        """
        if self._folder:
            return _read_keys(Path(self._folder))
        with self._renewing:
            kept = self._kept
            if kept is None or (kept.until and kept.until - RENEWED_BEFORE <= datetime.now(UTC)):
                try:
                    self._kept = kept = self._fetched()
                except (KeyError, ValueError, SyntaxError) as failure:  # no JSON, no XML, no keys
                    raise OutsideUnavailable("the keys that AWS gave can't be read") from failure
            return kept

    def refused(self) -> None:
        """Take in that they were not accepted."""
        self._kept = None

    def _fetched(self) -> Keys:
        if self._identity.role_arn and self._identity.web_identity_token_file:
            return self._assumed()
        if self._identity.container_credentials_url:
            return self._of_the_agent()
        raise OutsideUnavailable(NO_KEYS)

    def _assumed(self) -> Keys:
        """AssumeRoleWithWebIdentity of STS, which is not signed: the token says who asks."""
        identity = self._identity
        china = ".cn" if self._region.startswith("cn-") else ""
        url = identity.sts_url or f"https://sts.{self._region}.amazonaws.com{china}"
        answer = requests.post(
            url,
            data={
                "Action": "AssumeRoleWithWebIdentity",
                "Version": "2011-06-15",
                "RoleArn": identity.role_arn,
                "RoleSessionName": "serinus",
                "WebIdentityToken": Path(identity.web_identity_token_file).read_text().strip(),
            },
            timeout=self._timeout_seconds,
        )
        _refuse_failure(answer, f"the role {identity.role_arn} from {url}")
        found = ET.fromstring(answer.text)  # noqa: S314

        def text(name: str) -> str:
            return found.findtext(f".//{{*}}{name}") or ""

        return Keys(
            access_key_id=text("AccessKeyId"),
            secret_access_key=text("SecretAccessKey"),
            session_token=text("SessionToken"),
            until=datetime.fromisoformat(text("Expiration")),
        )

    def _of_the_agent(self) -> Keys:
        identity, headers = self._identity, {}
        if identity.container_token_file:
            token = Path(identity.container_token_file).read_text().strip()
            headers["Authorization"] = token
        url = identity.container_credentials_url
        with requests.Session() as session:
            session.trust_env = False  # it is on the node: no proxy leads there
            answer = session.get(url, headers=headers, timeout=self._timeout_seconds)
        _refuse_failure(answer, f"keys from {url}")
        given = answer.json()
        return Keys(
            access_key_id=given["AccessKeyId"],
            secret_access_key=given["SecretAccessKey"],
            session_token=given["Token"],
            until=datetime.fromisoformat(given["Expiration"]),
        )


def _read_keys(folder: Path) -> Keys:
    token = folder / "sessionToken"
    return Keys(
        access_key_id=(folder / "accessKeyId").read_text().strip(),
        secret_access_key=(folder / "secretAccessKey").read_text().strip(),
        session_token=token.read_text().strip() if token.exists() else "",
    )


def _refuse_failure(answer: requests.Response, what: str) -> None:
    if answer.status_code != requests.codes.ok:
        words = " ".join(answer.text.split())[:LONGEST_WORDS]
        raise OutsideUnavailable(f"AWS does not give {what}: {answer.status_code}: {words}")
