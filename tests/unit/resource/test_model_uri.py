"""Where a model's files may be, and which names say what they hold."""

import re
from typing import Any

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.model_uri import EXAMPLES, PATTERNS, locate
from serinus.resource.revision import identify
from serinus.resource.spec import parse_spec
from tests.unit.resource.manifests import spec

SHA = "0123456789abcdef" * 4
GOOD = [
    "oci://registry.example.com:5000/models/fraud:7",
    f"oci://registry.example.com/models/fraud@sha256:{SHA}",
    "oci://models/fraud",
    "s3://models/fraud/7",
    "s3://models",
    "gs://models/fraud/7/model.tar.gz",
    "azure://account/container/fraud/7",
    "hf://mistralai/Mistral-7B-v0.1",
    "hf://mistralai/Mistral-7B-v0.1:main",
    "pvc://models",
    "pvc://models/fraud/7",
    "https://example.com/models/fraud.zip",
]
BAD = {
    "http://example.com/fraud.zip": "begins with oci://",
    "file:///etc/shadow": "begins with oci://",
    "models/fraud": "begins with oci://",
    "oci://Registry/fraud": "oci://REGISTRY/IMAGE",
    "oci://fraud@sha256:abc": "oci://REGISTRY/IMAGE",
    "s3://models/fraud?versionId=3": "versionId is not supported: pin by model.digest",
    "gs://models/fraud#1700000000": "generation is not supported: pin by model.digest",
    "azure://account/container": "azure://ACCOUNT/CONTAINER/PATH",
    "hf://model": "hf://ORGANISATION/MODEL",
    "hf://a/b/c": "hf://ORGANISATION/MODEL",
    "pvc://Models": "pvc://CLAIM/PATH",
    "pvc://models/../other": "no .. in its path",
    "https://example.com/fraud.zip?X-Amz-Signature=abc": "without a query",
    "https://ada:secret@example.com/fraud.zip": "https://HOST/PATH",
    "s3://models/$(TOKEN)": "s3://BUCKET/PATH",
    "s3://models/a\n": "s3://BUCKET/PATH",
}


def of(**model: Any) -> dict[str, Any]:
    return spec(model={"version": "7", **model})


@pytest.mark.parametrize("uri", GOOD)
def test_a_uri_of_a_known_scheme_is_taken(uri: str) -> None:
    assert parse_spec(of(uri=uri)).model.uri == uri


@pytest.mark.parametrize(("uri", "words"), BAD.items())
def test_what_is_none_is_refused_with_what_it_should_look_like(uri: str, words: str) -> None:
    with pytest.raises(SpecInvalid, match=re.escape(words)):
        parse_spec(of(uri=uri))


def test_every_scheme_has_an_example() -> None:
    assert set(EXAMPLES) == set(PATTERNS) == {locate(uri).scheme for uri in GOOD}


def test_a_digest_is_one_of_files_or_none_is_wanted() -> None:
    for digest in (f"sha256:{SHA}", "unchecked"):
        assert parse_spec(of(uri="s3://models/1", digest=digest)).model.digest == digest
    with pytest.raises(SpecInvalid, match=r"spec.model.digest"):
        parse_spec(of(uri="s3://models/1", digest="sha256:abc"))
    with pytest.raises(SpecInvalid, match=r"there is no model.uri"):
        parse_spec(of(digest="unchecked"))


@pytest.mark.parametrize(
    ("uri", "is_fixed"),
    [
        (f"oci://r/m:7@sha256:{SHA}", True),
        ("oci://r/m:7", False),
        ("hf://a/b:" + "0" * 40, True),
        ("hf://a/b:main", False),
        ("hf://a/b", False),
        ("s3://models/" + "0" * 40, False),
    ],
)
def test_some_names_say_what_they_hold(uri: str, is_fixed: bool) -> None:
    assert locate(uri).is_fixed is is_fixed


def test_another_uri_or_digest_is_another_revision() -> None:
    raws = (
        of(),
        of(uri="s3://models/1"),
        of(uri="s3://models/2"),
        of(uri="s3://models/2", digest="unchecked"),
    )
    assert len({identify(raw, {}).digest for raw in raws}) == len(raws)
