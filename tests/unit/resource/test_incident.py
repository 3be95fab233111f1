"""Incidents that a model names, and how a calibration that was made without them is known."""

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.defaults import policy_in_force
from serinus.resource.incident import incidents_digest
from serinus.resource.spec import Spec, parse_spec
from tests.fakes.world import spec_of

OUTAGE = {"from": "2026-11-29T10:00:00Z", "until": "2026-11-29T11:00:00Z"}
ELSEWHERE = {"from": "2026-11-29T12:00:00+02:00", "until": "2026-11-29T13:00:00+02:00"}
ANOTHER = {"from": "2026-11-28T10:00:00Z", "until": "2026-11-28T10:05:00Z"}


def named(*incidents: dict[str, str]) -> Spec:
    return parse_spec(spec_of(rollout={"calibration": {"without": list(incidents)}}))


def digest(*incidents: dict[str, str]) -> str:
    return incidents_digest(named(*incidents).rollout.incidents)


def test_a_model_that_names_none_is_known_by_nothing() -> None:
    assert incidents_digest(parse_spec(spec_of()).rollout.incidents) == ""
    assert digest() == ""


def test_the_same_times_are_the_same_incidents_and_others_are_not() -> None:
    assert digest(OUTAGE, ANOTHER) == digest(ANOTHER, ELSEWHERE)
    assert len({digest(), digest(OUTAGE), digest(ANOTHER), digest(OUTAGE, ANOTHER)}) == 4


@pytest.mark.parametrize(
    ("incident", "said"),
    [
        (
            OUTAGE | {"until": "2026-11-29T09:00:00Z"},
            r"spec.rollout.calibration.without\[0\]: an incident ends after it begins",
        ),
        (
            OUTAGE | {"until": "2026-11-29 11:00"},
            r"spec.rollout.calibration.without\[0\].until: .* is no time such as",
        ),
        ({"from": OUTAGE["from"]}, r"spec.rollout.calibration.without\[0\].until: "),
    ],
)
def test_what_is_no_incident_is_refused_by_its_field(incident: dict[str, str], said: str) -> None:
    with pytest.raises(SpecInvalid, match=said):
        named(incident)


def test_the_status_tells_the_incidents_in_force() -> None:
    spec = spec_of(rollout={"calibration": {"without": [OUTAGE, ANOTHER]}})

    told = {each.name: each for each in policy_in_force(parse_spec(spec).rollout, spec)}

    assert told["calibration"].source == "spec.rollout"
    assert told["calibration"].value == (
        "without 2026-11-29T10:00:00Z/2026-11-29T11:00:00Z, "
        "2026-11-28T10:00:00Z/2026-11-28T10:05:00Z"
    )
