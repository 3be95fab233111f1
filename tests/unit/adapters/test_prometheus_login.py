"""What arrives at a Prometheus behind a login, and what the person on call is told if it fails."""

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from serinus.adapters.aws_keys import AwsIdentity
from serinus.adapters.prometheus import Prometheus
from serinus.adapters.prometheus_login import login_of
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.errors import OutsideUnavailable
from tests.unit.adapters.aws_signature import is_signed
from tests.unit.adapters.certificates import Pair, certificate, server_tls
from tests.unit.adapters.stub_prometheus import Reply, Stub, serving, success

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
NOBODY = AwsIdentity()


@asynccontextmanager
async def asking(
    stub: Stub, identity: AwsIdentity = NOBODY, **settings: Any
) -> AsyncIterator[Prometheus]:
    prometheus = Prometheus(PrometheusSettings(url=stub.url, **settings), identity)
    try:
        yield prometheus
    finally:
        await prometheus.close()


async def ask(
    stub: Stub, *questions: str, identity: AwsIdentity = NOBODY, **settings: Any
) -> None:
    async with asking(stub, identity, **settings) as prometheus:
        for question in questions or ("r",):
            await prometheus.raw(question, 60, NOON)


def files(folder: Path, **contents: str) -> dict[str, str]:
    """Files as a mounted Secret has them, by name."""
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_text(f"{content}\n")
    return {name: str(folder / name) for name in contents}


# Tokens, users, headers.


async def test_a_token_that_was_replaced_is_taken_from_its_file(tmp_path: Path) -> None:
    token = tmp_path / "token"
    with serving(success()) as stub:
        async with asking(stub, token_file=str(token)) as prometheus:
            for content in ("old\n", "new\n"):
                token.write_text(content)
                await prometheus.raw(content.strip(), 60, NOON)
    assert stub.credentials == ["Bearer old", "Bearer new"]


async def test_a_token_file_that_is_not_there_is_told() -> None:
    with serving(success()) as stub, pytest.raises(OutsideUnavailable, match=r"gone/token"):
        await ask(stub, token_file="gone/token")
    assert stub.asked == []


async def test_a_user_and_a_password_are_sent_as_basic_authentication(tmp_path: Path) -> None:
    login = files(tmp_path, username="ada", password="grün")
    with serving(success()) as stub:
        async with asking(
            stub, username_file=login["username"], password_file=login["password"]
        ) as prometheus:
            await prometheus.raw("before", 60, NOON)
            files(tmp_path, username="eve")
            await prometheus.raw("after", 60, NOON)
    assert stub.credentials == ["Basic YWRhOmdyw7xu", "Basic ZXZlOmdyw7xu"]


async def test_headers_are_sent_and_secret_ones_are_read_anew(tmp_path: Path) -> None:
    key = files(tmp_path, key="k1")["key"]
    more: dict[str, Any] = {"headers": {"X-Scope-OrgID": "ml"}, "header_files": {"X-Api-Key": key}}
    with serving(success()) as stub:
        async with asking(stub, **more) as prometheus:
            await prometheus.raw("before", 60, NOON)
            files(tmp_path, key="k2")
            await prometheus.raw("after", 60, NOON)
    sent = [(each["x-scope-orgid"], each["x-api-key"]) for each in stub.headers]
    assert sent == [("ml", "k1"), ("ml", "k2")]


async def test_nothing_secret_goes_to_another_host_that_prometheus_points_to(
    tmp_path: Path,
) -> None:
    made = files(tmp_path, key="k1", token="t0ken")
    with serving(success()) as other, serving(Reply("", 302, {"Location": ""})) as stub:
        stub.replies[0].headers["Location"] = f"{other.url}/api/v1/query"
        await ask(stub, token_file=made["token"], header_files={"X-Api-Key": made["key"]})
    assert stub.headers[0]["x-api-key"] == "k1"
    assert not {"x-api-key", "authorization"} & set(other.headers[0])


async def test_each_tenant_has_an_answer_of_its_own() -> None:
    with serving(success()) as stub:
        async with asking(stub, headers={"X-Scope-OrgID": "ml"}) as prometheus:
            for tenant in ("", "team-a", "team-b", "team-a"):
                await prometheus.raw("r", 60, NOON, tenant)
    assert [each["x-scope-orgid"] for each in stub.headers] == ["ml", "team-a", "team-b"]


# What the person on call is told.


async def test_a_wrong_token_is_told_by_the_file_it_is_in(tmp_path: Path) -> None:
    token = files(tmp_path, token="t0ken")["token"]
    with (
        serving(Reply("invalid token", 401)) as stub,
        pytest.raises(
            OutsideUnavailable, match=r"answered 401: invalid token \(the bearer"
        ) as told,
    ):
        await ask(stub, token_file=token)
    assert f"token in {token} was not accepted" in str(told.value)
    assert "t0ken" not in str(told.value)


async def test_who_sends_no_credentials_is_told_so() -> None:
    with (
        serving(Reply("", 401)) as stub,
        pytest.raises(OutsideUnavailable, match=r"401: Unauthorized \(no credentials are set"),
    ):
        await ask(stub)


async def test_a_tenant_that_is_missing_is_told_as_such() -> None:
    with (
        serving(Reply("no org id", 401)) as stub,
        pytest.raises(
            OutsideUnavailable, match=r"no tenant is named: prometheus.headers, or spec"
        ),
    ):
        await ask(stub)


# Certificates.


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    return certificate(tmp_path_factory.mktemp("server"))


async def test_only_a_server_with_a_certificate_of_the_given_ca_is_trusted(server: Pair) -> None:
    with serving(success(), tls=server_tls(server)) as stub:
        await ask(stub, ca_file=str(server.public))
        with pytest.raises(OutsideUnavailable, match=r"CERTIFICATE_VERIFY_FAILED"):
            await ask(stub)
        with pytest.raises(OutsideUnavailable, match=r"gone/ca.pem"):
            await ask(stub, ca_file="gone/ca.pem")


async def test_a_renewed_certificate_of_our_own_is_taken_up(tmp_path: Path, server: Pair) -> None:
    wanted, other = certificate(tmp_path, "wanted"), certificate(tmp_path, "other")
    ours = Pair(tmp_path / "tls.crt", tmp_path / "tls.key")

    def renew(by: Pair) -> None:
        ours.public.write_bytes(by.public.read_bytes())
        ours.key.write_bytes(by.key.read_bytes())

    mounted: dict[str, Any] = {"certificate_file": str(ours.public), "key_file": str(ours.key)}
    with serving(success(), tls=server_tls(server, wanted)) as stub:
        renew(other)
        async with asking(stub, ca_file=str(server.public), **mounted) as prometheus:
            with pytest.raises(OutsideUnavailable, match=r"out of reach|answer"):
                await prometheus.raw("before", 60, NOON)
            renew(wanted)
            await prometheus.raw("after", 60, NOON)
    assert len(stub.asked) == 1


# OAuth 2.


def token(value: str, seconds: int = 3600) -> Reply:
    granted = {"expires_in": seconds, "scope": "less"}
    return Reply({"access_token": value, "token_type": "Bearer", **granted})


@pytest.fixture
def client(tmp_path: Path) -> dict[str, str]:
    made = files(tmp_path / "client", id="serinus", secret="s3cret")
    return {"client_id_file": made["id"], "client_secret_file": made["secret"]}


async def test_client_credentials_are_exchanged_for_a_token_once(
    server: Pair, client: dict[str, str]
) -> None:
    with (
        serving(token("t1"), tls=server_tls(server)) as provider,
        serving(success(), tls=server_tls(server)) as stub,
    ):
        oauth2 = {
            "token_url": f"{provider.url}/token",
            **client,
            "scopes": ("metrics.read", "x"),
            "parameters": {"audience": "prometheus"},
        }
        await ask(stub, "a", "b", oauth2=oauth2, ca_file=str(server.public))
    assert provider.credentials == ["Basic c2VyaW51czpzM2NyZXQ="]
    assert provider.forms == [
        {
            "grant_type": "client_credentials",
            "scope": "metrics.read x",
            "audience": "prometheus",
        }
    ]
    assert stub.credentials == ["Bearer t1", "Bearer t1"]


async def test_a_token_that_ends_soon_or_was_refused_is_renewed(
    server: Pair, client: dict[str, str]
) -> None:
    tokens = (token("short", 30), token("refused"), token("good"))
    with (
        serving(*tokens, tls=server_tls(server)) as provider,
        serving(success(), Reply("", 401), success()) as stub,
    ):
        oauth2 = {"token_url": f"{provider.url}/token", **client}
        async with asking(stub, oauth2=oauth2, ca_file=str(server.public)) as prometheus:
            await prometheus.raw("a", 60, NOON)
            with pytest.raises(OutsideUnavailable, match=r"token that https://.* gave was not"):
                await prometheus.raw("b", 60, NOON)
            await prometheus.raw("c", 60, NOON)
    assert stub.credentials == ["Bearer short", "Bearer refused", "Bearer good"]


async def test_a_provider_that_gives_no_token_is_quoted(
    server: Pair, client: dict[str, str]
) -> None:
    refusal = Reply({"error": "invalid_client", "error_description": "bad secret"}, 401)
    with (
        serving(refusal, tls=server_tls(server)) as provider,
        serving(success()) as stub,
    ):
        oauth2 = {"token_url": f"{provider.url}/token", **client}
        with pytest.raises(OutsideUnavailable, match=r"invalid_client\) bad secret") as told:
            await ask(stub, oauth2=oauth2, ca_file=str(server.public))
    assert client["client_id_file"] in str(told.value)
    assert "s3cret" not in str(told.value)
    assert stub.asked == []


# Signatures of AWS.

KEYS = {"accessKeyId": "AKIDEXAMPLE", "secretAccessKey": "wJalr/bPxRfiCY"}


@pytest.mark.parametrize(
    ("query", "signature"),
    [
        (
            "lifecycle=",
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "max-keys=2&prefix=J",
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
    ],
)
def test_the_examples_of_the_aws_documentation_are_signed_as_shown_there(
    tmp_path: Path, query: str, signature: str
) -> None:
    """Amazon S3 API Reference, "Signature Calculations for the Authorization Header"."""
    files(
        tmp_path,
        accessKeyId="AKIAIOSFODNN7EXAMPLE",
        secretAccessKey="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    settings = PrometheusSettings(
        sigv4={"region": "us-east-1", "service": "s3", "keys_folder": str(tmp_path)}
    )
    request = requests.Request(
        "GET",
        f"https://examplebucket.s3.amazonaws.com/?{query}",
        headers={"x-amz-date": "20130524T000000Z"},
    ).prepare()
    signed = login_of(settings, NOBODY)(request)
    assert signed.headers["Authorization"].rpartition("=")[2] == signature


async def test_a_query_is_signed_as_it_arrives_and_with_the_keys_of_that_moment(
    tmp_path: Path,
) -> None:
    files(tmp_path, **KEYS)
    sigv4 = {"region": "eu-west-1", "keys_folder": str(tmp_path)}
    expression = 'sum by (pod) (rate(x{pod=~"a+.*é",le="+Inf"}[5m])) / 2 > 1'
    with serving(success()) as stub:
        stub.url += "/workspaces/ws-1"
        async with asking(stub, sigv4=sigv4) as prometheus:
            await prometheus.evaluate(expression, NOON, NOON, 15)
            files(tmp_path, secretAccessKey="renewed", sessionToken="session")
            await prometheus.evaluate(expression, NOON, NOON, 30)
    assert [each["query"] for each in stub.asked] == [expression] * 2
    before, after = zip(stub.targets, stub.headers, strict=True)
    assert is_signed(*before, KEYS["secretAccessKey"])
    assert is_signed(*after, "renewed")
    assert not is_signed(*after, KEYS["secretAccessKey"])
    assert "eu-west-1/aps/aws4_request" in before[1]["authorization"]
    assert after[1]["x-amz-security-token"] == "session"
    assert "x-amz-security-token" in after[1]["authorization"]


ASSUMED = """<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials><SessionToken>st</SessionToken>
<SecretAccessKey>assumed</SecretAccessKey><Expiration>{until}</Expiration>
<AccessKeyId>ASIA</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>"""


@pytest.fixture
def prometheus_stub() -> Iterator[Stub]:
    with serving(success()) as stub:
        yield stub


async def test_a_role_of_the_service_account_is_assumed_once_while_its_keys_last(
    tmp_path: Path, prometheus_stub: Stub
) -> None:
    web_token = files(tmp_path, token="jwt")["token"]
    with serving(Reply(ASSUMED.format(until="2099-01-01T00:00:00Z"))) as sts:
        identity = AwsIdentity(
            role_arn="arn:aws:iam::1:role/r", web_identity_token_file=web_token, sts_url=sts.url
        )
        sigv4 = {"region": "eu-west-1"}
        await ask(prometheus_stub, "a", "b", identity=identity, sigv4=sigv4)
    (form,) = sts.forms
    assert (form["RoleArn"], form["WebIdentityToken"]) == ("arn:aws:iam::1:role/r", "jwt")
    assert all(
        is_signed(target, headers, "assumed") and headers["x-amz-security-token"] == "st"
        for target, headers in zip(prometheus_stub.targets, prometheus_stub.headers, strict=True)
    )


async def test_keys_that_have_ended_are_fetched_anew(
    tmp_path: Path, prometheus_stub: Stub
) -> None:
    auth = files(tmp_path, token="pod-token")["token"]
    keys = {"AccessKeyId": "ASIA", "SecretAccessKey": "s", "Token": "st"}
    with serving(
        Reply({**keys, "Expiration": "2020-01-01T00:00:00Z"}),
        Reply({**keys, "SecretAccessKey": "s2", "Expiration": "2099-01-01T00:00:00Z"}),
    ) as agent:
        identity = AwsIdentity(
            container_credentials_url=f"{agent.url}/v1/credentials", container_token_file=auth
        )
        sigv4 = {"region": "eu-west-1"}
        await ask(prometheus_stub, "a", "b", "c", identity=identity, sigv4=sigv4)
    assert agent.credentials == ["pod-token", "pod-token"]
    asked = zip(prometheus_stub.targets, prometheus_stub.headers, ("s", "s2", "s2"), strict=True)
    assert all(is_signed(*each) for each in asked)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply("<Error><Code>AccessDenied</Code></Error>", 403), r"does not give .*AccessDenied"),
        (Reply("<html>"), r"can't be read"),
    ],
)
async def test_a_role_that_is_not_given_is_told(
    tmp_path: Path, prometheus_stub: Stub, reply: Reply, words: str
) -> None:
    web_token = files(tmp_path, token="jwt")["token"]
    with serving(reply) as sts:
        identity = AwsIdentity(role_arn="r", web_identity_token_file=web_token, sts_url=sts.url)
        with pytest.raises(OutsideUnavailable, match=words):
            await ask(prometheus_stub, identity=identity, sigv4={"region": "eu-west-1"})
    assert prometheus_stub.asked == []


async def test_without_keys_and_without_a_role_both_ways_are_named(prometheus_stub: Stub) -> None:
    with pytest.raises(
        OutsideUnavailable, match=r"no keys for AWS: name a Secret .* or .* a role"
    ):
        await ask(prometheus_stub, sigv4={"region": "eu-west-1"})


async def test_a_signature_that_is_refused_names_region_and_keys(tmp_path: Path) -> None:
    files(tmp_path, **KEYS)
    refusal = Reply({"message": "The security token included in the request is invalid."}, 403)
    with serving(refusal) as stub, pytest.raises(OutsideUnavailable) as told:
        await ask(stub, sigv4={"region": "eu-west-1", "keys_folder": str(tmp_path)})
    assert "token included in the request is invalid" in str(told.value)
    assert f"for aps in eu-west-1 with the keys in {tmp_path}" in str(told.value)


# What is refused at the start.


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"token_file": "t", "sigv4": {"region": "r"}}, "exclude each other"),
        ({"username_file": "u"}, "go together"),
        ({"certificate_file": "c"}, "go together"),
        (
            {
                "oauth2": {
                    "token_url": "http://x",
                    "client_id_file": "a",
                    "client_secret_file": "b",
                }
            },
            "https",
        ),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"headers": {"X-Evil": "a\r\nX-More: b"}}, "headers"),
        ({"pod_label": 'pod"}'}, "pod"),
        ({"password": "p"}, "password"),
    ],
)
def test_what_makes_no_sense_is_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        PrometheusSettings(**settings)


def test_libraries_for_logins_are_imported_by_who_uses_them() -> None:
    program = (
        "import sys, serinus.adapters.prometheuses; "
        "print({'oauthlib', 'requests_oauthlib', 'requests_aws4auth'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"
