"""Ports of the Services: as asked for, or as the revision's own containers have them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from serinus.render.services import ports_of
from serinus.resource.revision import Revision
from tests.build import CANARY, revision, spec


def having(*containers: dict[str, Any]) -> Revision:
    return replace(revision(CANARY), pod_template={"spec": {"containers": list(containers)}})


def port(name: str, number: int, **others: Any) -> dict[str, Any]:
    return {"name": name, "port": number, "targetPort": number, "protocol": "TCP"} | others


def test_ports_asked_for_are_the_services_whatever_the_containers_have() -> None:
    asked = spec(
        ports=[
            {"name": "http", "port": 80, "targetPort": 8080},
            {"name": "grpc", "port": 9000, "appProtocol": "kubernetes.io/h2c"},
        ]
    )
    assert ports_of(asked, revision(CANARY)) == [
        port("http", 80, targetPort=8080),
        port("grpc", 9000, appProtocol="kubernetes.io/h2c"),
    ]


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        ([{}], [port("http", 8080)]),
        ([{"ports": None}], [port("http", 8080)]),
        (
            [
                {"ports": [{"name": "rest", "containerPort": 1}, {"containerPort": 2}]},
                {"ports": [{"containerPort": 3, "protocol": "UDP"}]},
            ],
            [port("rest", 1), port("port-1", 2), port("port-2", 3, protocol="UDP")],
        ),
    ],
    ids=["none", "none written", "named and unnamed ones of all containers"],
)
def test_otherwise_they_are_the_containers_own(containers: Any, expected: Any) -> None:
    assert ports_of(spec(), having(*containers)) == expected
