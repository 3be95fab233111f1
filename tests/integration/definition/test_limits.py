"""The schema's limits: what is just inside is accepted, what is just beyond is refused, twice."""

import re
from typing import Any

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.spec import parse_spec
from tests.integration.definition.cases import (
    COUNTS,
    FULL,
    GAUGE,
    LATENCY,
    SHARE,
    Spec,
    objectives,
    ports,
)
from tests.integration.definition.front_door import FrontDoor
from tests.integration.definition.schema_walk import SPEC, Excess, changed, excesses, fields
from tests.unit.resource.manifests import spec

CONTAINER = {"name": "model", "image": "i"}


def gateway(**changes: Any) -> Spec:
    return spec(traffic={"gatewayAPI": {"parentRefs": [{"name": "public"}]} | changes})


def steps(*listed: dict[str, Any]) -> Spec:
    return spec(rollout={"steps": list(listed)})


def template(labels: dict[str, str], *containers: dict[str, Any]) -> Spec:
    return spec(
        template={"metadata": {"labels": labels}, "spec": {"containers": list(containers)}}
    )


AT_THE_LIMIT: dict[str, Spec] = {
    "all fields": FULL,
    "smallest": spec(),
    "no replicas": spec(replicas=0),
    "most replicas": spec(replicas=1000),
    "longest version": spec(model={"version": "v" * 63}),
    "longest uri": spec(model={"version": "7", "uri": f"s3://models/{'k' * 1012}"}),
    "most ports": ports(*((f"port-{number}", number) for number in range(1, 9))),
    "highest port": ports(("a" * 40, 65535)),
    "most objectives": objectives(*(GAUGE | {"name": f"o{number}"} for number in range(20))),
    "most templates and arguments": spec(
        objectiveTemplates=[
            {
                "name": "t" * 253,
                "args": [
                    {"name": f"{letter}" * 40, "value": "v" * 512} for letter in "abcdefghijklmnop"
                ],
            }
        ]
        * 8
    ),
    "each preset": objectives(
        SHARE,
        LATENCY,
        {"preset": "null-outputs", "limit": "0%"},
        {"preset": "missing-inputs", "limit": "100%"},
        {"preset": "invalid-inputs", "limit": "1%"},
        {"preset": "out-of-range-inputs", "limit": "1%"},
        {"preset": "unseen-categories", "limit": "1%"},
        {"preset": "drift", "limit": "0.2"},
        {"preset": "quality", "limit": "10%"},
    ),
    "each way to get worse": objectives(
        GAUGE | {"worse": "higher"}, GAUGE | {"worse": "lower", "name": "other"}
    ),
    "longest query": objectives(COUNTS | {"total": "t" * 2048}),
    "limits and margins to pass of each kind": objectives(
        SHARE | {"passLimit": "0.5%", "worseThanStable": {"by": "1%", "passBy": "0%"}},
        LATENCY | {"passLimit": "200ms", "worseThanStable": {"by": "10%", "passBy": "5ms"}},
        GAUGE | {"passLimit": "0.1", "worseThanStable": {"by": "0.1", "passBy": "10%"}},
    ),
    "fewest samples and windows": objectives(
        SHARE | {"minSamples": 1, "failureLimit": {"failed": 1, "of": 1}}
    ),
    "most samples and windows": objectives(
        SHARE | {"minSamples": 1_000_000, "failureLimit": {"failed": 20, "of": 20}}
    ),
    "the other way to go on": spec(rollout={"advance": "time"}),
    "smallest error rates": spec(
        rollout={"falseRollbackRate": "0.0001%", "falsePromoteRate": "0.01%"}
    ),
    "largest error rates": spec(rollout={"falseRollbackRate": "49.9%", "falsePromoteRate": "49%"}),
    "finest quantile": objectives(LATENCY | {"quantile": "0.0001"}),
    "one step": steps({"weight": 0}),
    "most steps": steps(*({"weight": 100} for _ in range(30))),
    "longest duration": spec(rollout={"maxDuration": "999999h999999h"}),
    "each way out": spec(rollout={"onInconclusive": "promote"}),
    "the other way out": spec(rollout={"onInconclusive": "rollback"}),
    "most gateways and host names": gateway(
        parentRefs=[{"name": f"g{number}"} for number in range(8)],
        hostnames=[f"h{number}.example.com" for number in range(16)],
    ),
    "longest host name and path": gateway(hostnames=["h" * 253], pathPrefix="/" + "p" * 1023),
    "most secrets": spec(trackSecrets=[f"secret-{number}" for number in range(16)]),
    "least history": spec(revisionHistoryLimit=1),
    "most history": spec(revisionHistoryLimit=20),
    "most containers": template({}, *(CONTAINER | {"name": "c" * 63} for _ in range(32))),
    "most labels": template({f"l{number}": "v" * 63 for number in range(64)}, CONTAINER),
    "fields of a pod we know nothing of": template({}, CONTAINER | {"newIn": ["v9", None]}),
    "nulls": spec(replicas=None, rollout={"interval": None}, objectives=[SHARE | {"bad": None}]),
}


def test_the_full_spec_says_something_about_every_field() -> None:
    """Or the limits of what it leaves out would not be tested."""
    for path, _ in fields():
        _, place = changed(FULL, path, "x")
        assert place


@pytest.mark.parametrize("accepted", AT_THE_LIMIT)
def test_what_is_just_within_the_limits_is_accepted(front_door: FrontDoor, accepted: str) -> None:
    asked = AT_THE_LIMIT[accepted]
    answer = front_door.ask(asked)
    assert answer.message == ""
    assert parse_spec(asked) == parse_spec(answer.stored["spec"])


@pytest.mark.parametrize("excess", sorted(excesses(), key=str), ids=str)
def test_what_is_just_beyond_a_limit_is_refused(front_door: FrontDoor, excess: Excess) -> None:
    refused, place = changed(FULL, excess.path, excess.value)
    answer = front_door.ask(refused)
    assert not answer.is_accepted
    told = " ".join([answer.message, *(field for field, _ in answer.causes)])
    assert place in told
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(refused)
    wanted = "spec.template" if place.startswith("spec.template.") else place
    assert any(fault.startswith(wanted) for fault in invalid.value.faults)


def words(listed: str) -> list[str]:
    """Return the words, and what looks like the first of them to a careless reader."""
    first, *others = listed.split()
    return [first, *others, "", f"{first}\n", f" {first}", f"{first} ", f"١{first[1:]}"]


WORDS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "duration": (
        ("rollout", "minTime"),
        words("1h30m 1.5h 0s 1ms 0.001s 00001s 1h1h -1s 1d 1H 1 .5s 5.s 1us 0.0001s 1234567s"),
    ),
    "share": (
        ("objectives", "[]", "limit"),
        words("1% 0.5% 100% 00.5% 0 1 0.2 101% 100.0% 1.0 01 -1 1e-3 nan 5 250ms 0.1.2 .5 5. %"),
    ),
    "moment": (
        ("restartAt",),
        [
            "2030-01-31T12:00:00Z",
            "2030-01-31T12:00:00.123456Z",
            "2030-01-31T12:00:00-23:59",
            "2028-02-29T12:00:00Z",
            "2030-02-29T12:00:00Z",
            "2030-01-31T12:00:00.1234567Z",
            "2030-01-31T12:00:00+24:00",
            "2030-01-31T12:00:00",
            "2030-01-31 12:00:00Z",
            "2030-01-31T24:00:00Z",
            "2030-01-31T12:00:60Z",
            "2030-01-31",
            "noon",
        ],
    ),
    "version": (("model", "version"), ["7", "v1.2_3-x", "-7", "7-", "", "7\n", "é", "7/8", " 7"]),
    "protocol": (
        ("ports", "[]", "appProtocol"),
        ["http", "HTTP", "kubernetes.io/h2c", "kubernetes.io/", "/h2c", "a/b/c", "", "X/y"],
    ),
    "host name": (
        ("traffic", "gatewayAPI", "hostnames", "[]"),
        ["example.com", "*.example.com", "*", "*.", "Example.com", "", "-a", "a-", "*.*.a"],
    ),
    "path": (("metrics", "path"), ["/", "/x", "x", "", "/\n", "\n/"]),
    "quantile": (
        ("objectives", "[]", "quantile"),
        ["0.9", "0.9999", "0.0001", "0.99999", "0.0", "0.0000", "1", "0", "0.", "99"],
    ),
}


@pytest.mark.parametrize("kind", WORDS)
def test_api_server_and_operator_agree_on_every_word(front_door: FrontDoor, kind: str) -> None:
    path, texts = WORDS[kind]
    base = FULL | {"objectives": [SHARE if kind == "share" else LATENCY | {"quantile": "0.5"}]}
    specs = {text: changed(base, path, text)[0] for text in texts}
    by_api_server = {text: front_door.ask(asked).is_accepted for text, asked in specs.items()}
    assert {text: is_parsed(asked) for text, asked in specs.items()} == by_api_server
    assert set(by_api_server.values()) == {True, False}


def is_parsed(asked: Spec) -> bool:
    try:
        parse_spec(asked)
    except SpecInvalid:
        return False
    return True


def test_unknown_fields_are_dropped_where_validation_is_not_strict(front_door: FrontDoor) -> None:
    asked = spec(surplus=1, rollout={"surplus": {"deep": 1}})
    answer = front_door.create(asked, "fraud", dry_run="All", strict="Ignore")
    assert "surplus" not in re.sub(r"\W", " ", str(answer.stored)).split()
    assert (
        "interval" not in answer.stored["spec"]["rollout"]
    )  # the cluster's default may be another
    assert answer.stored["spec"]["revisionHistoryLimit"] == 5


def test_every_field_is_described() -> None:
    assert [".".join(path) for path, node in fields() if is_undescribed(path, node)] == []
    assert SPEC["description"]


def is_undescribed(path: tuple[str, ...], node: dict[str, Any]) -> bool:
    return path[-1] != "[]" and path[0] != "template" and not node.get("description")


UNREADABLE = {
    "15 minutes": (spec(rollout={"interval": "15 minutes"}), "duration such as 15s, 5m or 1h30m"),
    "0,5%": (objectives(SHARE | {"limit": "0,5%"}), "such as 1%, 250ms or 0.2"),
    "p99": (objectives(LATENCY | {"quantile": "p99"}), "a quantile between 0 and 1 such as 0.5"),
    "60%": (spec(rollout={"falseRollbackRate": "60%"}), "a percentage below 50% such as 1%"),
}


@pytest.mark.parametrize("written", UNREADABLE)
def test_what_can_not_be_read_is_refused_with_an_example(
    front_door: FrontDoor, written: str
) -> None:
    refused, words = UNREADABLE[written]
    (field, message), *_ = front_door.ask(refused).causes
    assert words in message
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(refused)
    (fault,) = invalid.value.faults
    assert fault.startswith(f"{field}: ")
    assert words in fault
    assert "^" not in fault
