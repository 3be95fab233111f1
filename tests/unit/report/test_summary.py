"""What is told after a look: status, conditions, events; each once, and all within bounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from serinus.act.perform import Outcome
from serinus.errors import (
    Conflict,
    NameTaken,
    OutsideUnavailable,
    SerinusError,
    SpecInvalid,
    WriteRefused,
)
from serinus.observe.snapshot import PodSeen
from serinus.report.publish import Report
from serinus.report.summary import refuse, rehearse, summarise
from serinus.resource.body import Resource
from serinus.resource.crd import definition
from serinus.resource.status import (
    Fate,
    Phase,
    Status,
    TerminalKind,
    VerdictValue,
    parse_status,
)
from tests.build import (
    CANARY,
    MODEL,
    NOW,
    STABLE,
    Given,
    ago,
    drained,
    given,
    memory,
    preparing,
    record,
    rollout,
    spec,
    terminal,
    verdict,
)
from tests.fakes.world import spec_of

TAKEN = NameTaken("Service", MODEL, "kubectl")
DONE = Outcome()


def resource(status: Any = None) -> Resource:
    return Resource(
        namespace="prod",
        name=MODEL,
        uid="uid-1",
        generation=3,
        resource_version="1",
        raw_spec=spec_of("2"),
        raw_status=status or {},
    )


def look(case: Given, raw: Any = None, *failures: SerinusError) -> Report:
    """One look at a case, with the status told before and what failed in it."""
    before = parse_status(raw)
    outcome = Outcome(failures=failures)
    decision = case.decide()
    return summarise(resource(raw), case.spec, before, case.seen, decision, outcome)


def reasons(report: Report) -> list[str]:
    return [happening.reason for happening in report.happenings]


def conditions(report: Report) -> dict[str, str]:
    return {c["type"]: c["status"] for c in report.status["conditions"]}


PAUSED_AT_10 = spec(rollout={"steps": [{"weight": 10, "pause": {}}]})
STEADY = given(memory=memory())
MID = given(verdicts=["undecided"])

# phase or case -> Ready, Reconciling, Stalled, Available
MEANINGS: dict[str, tuple[Given, Phase, tuple[bool, bool, bool, bool]]] = {
    "starting": (
        given(memory=memory("", rollout=preparing()), ready={CANARY: 0}),
        Phase.PENDING,
        (False, True, False, False),
    ),
    "never starting": (
        given(
            memory=memory("", rollout=preparing(started_at=ago(700), capacity_asked_at=ago(700))),
            ready={CANARY: 0},
        ),
        Phase.PENDING,
        (False, False, True, False),
    ),
    "steady": (STEADY, Phase.HEALTHY, (True, False, False, True)),
    "steady, a pod short": (
        given(memory=memory(), ready={STABLE: 3}),
        Phase.HEALTHY,
        (False, True, False, True),
    ),
    "steady, one pod left": (
        given(memory=memory(), ready={STABLE: 1}),
        Phase.HEALTHY,
        (False, True, False, True),
    ),
    "steady, all pods gone": (
        given(memory=memory(), ready={STABLE: 0}),
        Phase.DEGRADED,
        (False, True, False, False),
    ),
    "steady, a reference gone": (
        given(memory=memory(), wants=None),
        Phase.HEALTHY,
        (False, False, True, True),
    ),
    "draining": (
        given(memory=memory(draining=(drained(CANARY, ago(5)),))),
        Phase.HEALTHY,
        (False, True, False, True),
    ),
    "on the way": (MID, Phase.PROGRESSING, (False, True, False, True)),
    "out of time": (
        given(memory=memory(rollout=rollout(started_at=ago(1900))), verdicts=["undecided"]),
        Phase.PROGRESSING,
        (False, False, True, True),
    ),
    "waiting for a person": (
        given(spec=PAUSED_AT_10, memory=memory(rollout=rollout(steps=1))),
        Phase.PAUSED,
        (False, True, False, True),
    ),
    "suspended": (
        given(spec=spec(paused=True), memory=memory()),
        Phase.SUSPENDED,
        (False, True, False, True),
    ),
    "promoting": (
        given(memory=memory(rollout=rollout(), decision=terminal(TerminalKind.PROMOTE))),
        Phase.PROMOTING,
        (False, True, False, True),
    ),
    "rolling back": (
        given(memory=memory(rollout=rollout(), decision=terminal(TerminalKind.ROLLBACK))),
        Phase.ROLLING_BACK,
        (False, True, False, True),
    ),
    "rolled back": (
        given(memory=memory(history=(record(CANARY, Fate.ROLLED_BACK),)), wants=CANARY),
        Phase.ROLLED_BACK,
        (False, False, True, True),
    ),
}


@pytest.mark.parametrize("situation", MEANINGS)
def test_what_a_phase_means_to_kubectl_wait(situation: str) -> None:
    case, phase, meant = MEANINGS[situation]
    report = look(case)
    assert report.status["phase"] == phase
    kinds = ("Ready", "Reconciling", "Stalled", "Available")
    assert conditions(report) == dict(zip(kinds, map(str, meant), strict=True))
    assert {c["observedGeneration"] for c in report.status["conditions"]} == {3}
    assert report.status["observedGeneration"] == 3


def test_a_condition_that_has_nothing_to_say_does_not_repeat_the_message() -> None:
    told = {c["type"]: c["message"] for c in look(STEADY).status["conditions"]}
    assert told["Ready"] == "version 1 is stable, 4 of 4 pods are ready"
    assert told["Reconciling"] == "nothing is under way"
    assert told["Stalled"] == "nobody has to act"
    assert told["Available"] == "4 stable pods are ready"


def test_every_status_is_one_the_definition_takes() -> None:
    for case, _, _ in MEANINGS.values():
        status = look(case).status
        assert faults(status, STATUS_SCHEMA) == []
        read = parse_status(status).model_dump(mode="json", by_alias=True, exclude_none=True)
        assert {k: v for k, v in read.items() if v not in ([], {})} == status


STATUS_SCHEMA = yaml.safe_load(yaml.safe_dump(definition()))["spec"]["versions"][0]["schema"][
    "openAPIV3Schema"
]["properties"]["status"]
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def faults(value: Any, schema: Any, path: str = "status") -> list[str]:
    """What an API server would refuse or prune."""
    if not isinstance(value, TYPES[schema["type"]]):
        return [f"{path} is no {schema['type']}"]
    if isinstance(value, list):
        too_long = [path] if len(value) > schema.get("maxItems", len(value)) else []
        inner = (faults(v, schema["items"], f"{path}[{n}]") for n, v in enumerate(value))
        return too_long + [fault for each in inner for fault in each]
    if isinstance(value, str):
        is_long = len(value) > schema.get("maxLength", len(value))
        is_other = value not in schema.get("enum", [value])
        return [path] if is_long or is_other else []
    return _object_faults(value, schema, path) if isinstance(value, dict) else []


def _object_faults(value: dict[str, Any], schema: Any, path: str) -> list[str]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties")
    missing = [
        f"{path}.{name} is missing" for name in schema.get("required", ()) if name not in value
    ]
    inner = (
        faults(v, known.get(name, others), f"{path}.{name}")
        if name in known or others
        else [f"{path}.{name} is not known"]
        for name, v in value.items()
    )
    return missing + [fault for each in inner for fault in each]


def test_the_columns_of_a_rollout() -> None:
    status = look(
        given(memory=memory(rollout=rollout(step=1, weight=50)), verdicts=["undecided"])
    ).status
    columns = ("stableVersion", "canaryVersion", "weight", "step", "verdict")
    assert {name: status[name] for name in columns} == {
        "stableVersion": "1",
        "canaryVersion": "2",
        "weight": 50,
        "step": "2/2",
        "verdict": "undecided: error-rate and 1 more",
    }
    assert (status["replicas"], status["readyReplicas"]) == (4, 4)
    assert status["selector"] == f"serinus.dev/model={MODEL},serinus.dev/revision={STABLE}"


def test_the_columns_before_and_after_one() -> None:
    steady = look(STEADY).status
    assert (steady["stableVersion"], steady["weight"]) == ("1", 0)
    assert steady.keys().isdisjoint({"canaryVersion", "step", "verdict"})
    first = look(given(memory=memory("", rollout=preparing()), ready={CANARY: 0})).status
    assert first["canaryVersion"] == "2"
    assert first.keys().isdisjoint({"stableVersion", "step", "selector"})


def test_ready_replicas_are_stables_ready_ones() -> None:
    status = look(given(memory=memory(), ready={STABLE: 3})).status
    assert (status["replicas"], status["readyReplicas"]) == (4, 3)


def test_pods_that_are_going_are_no_replicas_of_stable() -> None:
    """An autoscaler would reckon with them, and a Deployment doesn't."""
    whole = given(memory=memory())
    going = PodSeen(name="old", revision=STABLE, is_ready=False, is_going=True)
    leaving = whole.with_children(pods=(*whole.seen.children.pods, going))
    assert look(leaving).status["replicas"] == 4


VERDICTS = {
    "pass": [verdict()],
    "fail: b": [
        verdict(),
        verdict(VerdictValue.UNDECIDED),
        verdict(VerdictValue.FAIL, objective="b"),
    ],
    "fail: b and 1 more": [verdict(VerdictValue.FAIL, objective=name) for name in "bc"],
    "undecided: error-rate": [verdict(VerdictValue.UNDECIDED), verdict()],
    None: [verdict(VerdictValue.FAIL, advisory=True)],
}


@pytest.mark.parametrize("expected", VERDICTS)
def test_the_worst_verdict_in_a_word(expected: str | None) -> None:
    decision = replace(MID.decide(), verdicts=tuple(VERDICTS[expected]))
    report = summarise(resource(), MID.spec, Status(), MID.seen, decision, DONE)
    assert report.status.get("verdict") == expected


def test_the_last_verdicts_stay_after_a_rollout() -> None:
    last = look(given(verdicts=["fail"])).status
    after = look(given(memory=memory()), last).status
    assert after["verdicts"] == last["verdicts"]
    assert after["verdict"] == "fail: error-rate and 1 more"


def test_a_status_that_says_the_same_is_not_written() -> None:
    first = look(STEADY)
    assert first.is_changed
    assert not look(STEADY, first.status).is_changed
    assert look(given(memory=memory(), ready={STABLE: 3}), first.status).is_changed


def test_messages_fit_into_the_status() -> None:
    long = WriteRefused("Deployment", 422, "x" * 9000)
    status = look(STEADY, None, long).status
    assert len(status["message"]) == 2000
    assert faults(status, STATUS_SCHEMA) == []


@pytest.mark.parametrize("failure", [TAKEN, WriteRefused("Deployment a", 403, "forbidden")])
def test_what_only_a_person_can_mend_is_stalled_and_told_once(failure: SerinusError) -> None:
    report = look(STEADY, None, failure)
    name = type(failure).__name__
    assert (conditions(report)["Ready"], conditions(report)["Stalled"]) == ("False", "True")
    assert {c["reason"] for c in report.status["conditions"]} == {name, "StableServes"}
    assert report.status["message"] == f"{failure} (while: {STEADY.decide().message})"
    assert reasons(report) == [name]
    assert report.happenings[0].is_warning
    assert reasons(look(STEADY, report.status, failure)) == []


@pytest.mark.parametrize(
    ("failure", "events"),
    [(OutsideUnavailable("503"), []), (Conflict("changed"), ["Conflict"])],
    ids=["an outage is no event", "another writer is"],
)
def test_what_passes_is_reconciling(failure: SerinusError, events: list[str]) -> None:
    report = look(STEADY, None, failure)
    told = conditions(report)
    assert (told["Ready"], told["Reconciling"], told["Stalled"]) == ("False", "True", "False")
    assert reasons(report) == events


def test_a_failure_too_long_for_the_status_is_told_once_as_well() -> None:
    long = WriteRefused("Deployment", 422, "x" * 9000)
    first = look(STEADY, None, long)
    assert reasons(first) == ["WriteRefused"]
    assert reasons(look(STEADY, first.status, long)) == []


def test_of_several_failures_all_are_told_and_what_passes_is_no_event() -> None:
    refused, gone = WriteRefused("Deployment a", 403, "forbidden"), OutsideUnavailable("503")
    report = look(STEADY, None, refused, TAKEN, gone)
    ready = report.status["conditions"][0]
    assert (ready["reason"], ready["message"]) == ("WriteRefused", f"{refused}; {TAKEN}; {gone}")
    assert conditions(report)["Stalled"] == "True"
    told = [(each.reason, each.message) for each in report.happenings]
    assert told == [("WriteRefused", f"{refused}; {TAKEN}")]
    assert reasons(look(STEADY, report.status, refused, TAKEN)) == []


HOLDS = {
    "MetricsUnavailable": given(trouble="Prometheus is away", verdicts=["pass"]),
    "Inconclusive": given(
        memory=memory(rollout=rollout(started_at=ago(1900))), verdicts=["undecided"]
    ),
    "WaitingForApproval": given(spec=PAUSED_AT_10, memory=memory(rollout=rollout(steps=1))),
    "StepPaused": given(
        spec=spec(rollout={"steps": [{"weight": 10, "pause": {"duration": "5m"}}]}),
        memory=memory(rollout=rollout(steps=1)),
    ),
}


@pytest.mark.parametrize("reason", HOLDS)
def test_a_hold_is_told_when_it_begins(reason: str) -> None:
    first = look(HOLDS[reason], look(MID).status)
    assert reasons(first) == [reason]
    is_warning = reason in ("MetricsUnavailable", "Inconclusive")
    assert first.happenings[0].is_warning is is_warning
    assert first.happenings[0].message == HOLDS[reason].decide().message
    assert reasons(look(HOLDS[reason], first.status)) == []


def test_analysing_is_no_event() -> None:
    assert reasons(look(MID)) == []


def test_what_the_decision_has_to_tell_is_told_first() -> None:
    assert reasons(look(given(crashing={CANARY: 1}), None, TAKEN)) == [
        "CanaryCrashLooping",
        "NameTaken",
    ]


def test_a_dry_run_tells_the_decision_and_remembers_nothing_of_it() -> None:
    before = look(STEADY).status
    case = given(verdicts=["fail"])
    report = rehearse(resource(before), parse_status(before), case.seen, case.decide())

    message = f"dry run: would be RollingBack (ObjectiveFailed): {case.decide().message}"
    assert report.status["message"] == message[:2000]
    assert report.status["verdict"] == "fail: error-rate and 1 more"
    same = ("phase", "stable", "conditions", "weight")
    assert {name: report.status[name] for name in same} == {name: before[name] for name in same}
    assert report.status.keys().isdisjoint({"rollout", "decision", "canaryVersion"})
    assert reasons(report) == ["DryRun"]


def test_a_dry_run_says_one_thing_once_and_another_anew() -> None:
    case = given(verdicts=["fail"])
    said = rehearse(resource(), Status(), case.seen, case.decide())
    status = parse_status(said.status)
    again = rehearse(resource(said.status), status, case.seen, case.decide())
    assert (again.is_changed, reasons(again)) == (False, [])
    by_chance = status.model_copy(update={"message": f"{case.decide().reason} was the reason"})
    assert reasons(rehearse(resource(), by_chance, case.seen, case.decide())) == ["DryRun"]
    other = given(verdicts=["pass"]).decide()
    assert reasons(rehearse(resource(said.status), status, case.seen, other)) == ["DryRun"]


INVALID = SpecInvalid(("spec.replicas: too few", "spec.model: missing"))


def refused(raw: Any = None, invalid: SpecInvalid = INVALID) -> Report:
    return refuse(resource(raw), parse_status(raw), invalid, NOW)


def test_an_invalid_spec_is_named_fault_by_fault_and_what_serves_is_kept() -> None:
    before = look(MID).status
    report = refused(before)

    status = report.status
    assert status["phase"] == "Invalid"
    assert status["message"] == "spec.replicas: too few; spec.model: missing"
    assert {name: conditions(report)[name] for name in ("Ready", "Reconciling", "Stalled")} == {
        "Ready": "False",
        "Reconciling": "False",
        "Stalled": "True",
    }
    assert status["observedGeneration"] == 3
    assert (status["stable"], status["rollout"]) == (before["stable"], before["rollout"])
    assert [(h.reason, h.is_warning) for h in report.happenings] == [("InvalidSpec", True)]


def test_whether_anything_serves_is_still_told_of_an_invalid_spec() -> None:
    before = look(MID).status
    kept = [c for c in refused(before).status["conditions"] if c["type"] == "Available"]
    assert kept == [c for c in before["conditions"] if c["type"] == "Available"]


def test_an_invalid_spec_is_told_once() -> None:
    first = refused()
    again = refused(first.status)
    assert (again.is_changed, reasons(again)) == (False, [])
    assert reasons(refused(first.status, SpecInvalid(("spec.model: missing",)))) == ["InvalidSpec"]


def test_all_faults_of_a_spec_fit_into_the_status() -> None:
    report = refused(invalid=SpecInvalid(tuple(f"spec.objectives[{n}]: no" for n in range(500))))
    assert faults(report.status, STATUS_SCHEMA) == []
    assert len(report.status["message"]) == 2000
