"""The checks of `make faults` can fail: each is shown an account in which its rule is broken."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.faults import invariants_of_memory as memory
from tests.integration.faults import invariants_of_traffic as traffic
from tests.integration.faults.account import Account
from tests.integration.faults.proxy import Write
from tests.integration.faults.recorder import Change, Object

Step = tuple[str, str, Object | None]
"""Kind, name and content; None for an object that is gone."""


def account(*steps: Step, **more: Any) -> Account:
    changes = []
    for version, (kind, name, content) in enumerate(steps, start=1):
        metadata = {"name": name, "generation": 1, "annotations": {}}
        body = content and {"metadata": metadata | content.pop("metadata", {}), **content}
        changes.append(Change(version=version, key=(kind, name), body=body))
    return Account(changes=tuple(changes), **more)


def route(decision: str = "", **weights: int) -> Step:
    backends = [{"name": f"fraud-{name}", "weight": weight} for name, weight in weights.items()]
    annotations = {"serinus.dev/decision": decision} if decision else {}
    spec = {"rules": [{"backendRefs": backends}]}
    return "HTTPRoute", "fraud", {"metadata": {"annotations": annotations}, "spec": spec}


def service(name: str, revision: str) -> Step:
    return "Service", name, {"spec": {"selector": {"serinus.dev/revision": revision}}}


def pod(name: str, *, is_ready: bool = True) -> Step:
    labels = {"serinus.dev/revision": name.split("-")[1]}
    conditions = [{"type": "Ready", "status": str(is_ready)}]
    return "Pod", name, {"metadata": {"labels": labels}, "status": {"conditions": conditions}}


def workload(name: str, size: int = 2, image: str = "1") -> Step:
    return "Deployment", name, {"spec": {"replicas": size, "template": image}}


def status(stable: str = "a", spec: str = "1", **more: Any) -> Step:
    base = {
        "stable": {"revision": stable},
        "selector": f"revision={stable}",
        "conditions": [{"type": "Ready", "status": "True"}],
        "observedGeneration": 1,
    }
    return "MLModelDeployment", "fraud", {"spec": spec, "status": base | more}


def decision(rollout: str = "b/1", at: str = "1", kind: str = "rollback") -> dict[str, str]:
    fate = {"rollback": "RolledBack", "promote": "Promoted"}[kind]
    return {"id": f"{kind}/{rollout}", "kind": kind, "revision": "b", "fate": fate, "at": at}


def record(revision: str = "b", fate: str = "RolledBack") -> dict[str, str]:
    return {"revision": revision, "fate": fate}


def verdict(**more: str) -> dict[str, Any]:
    numbers = {"canary": "40 %", "limit": "10 %", "canarySamples": 20, "message": "40 % errors"}
    return {"objective": "error-rate", "verdict": "fail", **numbers, **more}


def event(name: str, reason: str) -> Step:
    return "Event", name, {"reason": reason}


def patch(query: str = "fieldManager=serinus", by: str = "") -> Write:
    return Write(
        number=1, method="PATCH", kind="Service", name="fraud", part="", query=query,
        content_type="application/apply-patch+yaml", body={}, by=by,
    )  # fmt: skip


SERVED = (
    service("fraud-a", "a"),
    service("fraud-b", "b"),
    service("fraud", "a"),
    pod("fraud-a-1"),
)
DEAD: list[Step] = [
    ("ConfigMap", f"evidence-{number}", {}) for number in range(traffic.LOOK_WRITES)
]
READY_TWICE = [
    {"type": "Ready", "status": "True"},
    {"type": "Reconciling", "status": "True"},
]

BROKEN: dict[str, tuple[Callable[[Account], Iterator[str]], Account]] = {
    "a split of 90 %": (traffic.splits_are_whole, account(*SERVED, route(a=90))),
    "a way to nowhere": (traffic.splits_are_whole, account(*SERVED, route(c=100))),
    "weight before readiness": (
        traffic.nothing_unready_is_given_traffic,
        account(*SERVED, pod("fraud-b-1", is_ready=False), route(a=90, b=10)),
    ),
    "weight before capacity": (
        traffic.nothing_unready_is_given_traffic,
        account(*SERVED, pod("fraud-b-1"), route(b=100)),
    ),
    "a dead canary with traffic": (
        traffic.a_dead_canary_loses_its_traffic,
        account(*SERVED, status(), pod("fraud-b-1"), route(a=90, b=10),
                pod("fraud-b-1", is_ready=False), *DEAD),
    ),
    "a model loaded twice": (
        traffic.promotion_is_a_swap,
        account(pod("fraud-b-1"), pod("fraud-b-2"), pod("fraud-b-3")),
    ),
    "pods re-rolled": (
        traffic.promotion_is_a_swap, account(workload("fraud-b"), workload("fraud-b", image="2")),
    ),
    "a Service moved first": (
        traffic.services_move_after_the_route,
        account(*SERVED, route(a=50, b=50), service("fraud", "b")),
    ),
    "a workload removed in use": (
        traffic.what_is_used_stays,
        account(*SERVED, workload("fraud-a"), route(a=100), ("Deployment", "fraud-a", None)),
    ),
    "a stable too small": (
        traffic.what_is_used_stays, account(workload("fraud-a", size=1), status()),
    ),
    "a rollback told first": (
        traffic.a_rollback_restores_the_route_first,
        account(*SERVED, route(a=90, b=10), status(decision=decision())),
    ),
    "a failure retried": (
        traffic.what_failed_stays_out,
        account(*SERVED, status(history=[record()]), route(a=90, b=10)),
    ),
    "a decision taken anew": (
        memory.decisions_are_taken_once,
        account(status(decision=decision(at="1")), status(decision=decision(at="2"))),
    ),
    "a decision taken up again": (
        memory.decisions_are_taken_once,
        account(status(decision=decision()), status(), status(decision=decision())),
    ),
    "both ends of one rollout": (
        memory.decisions_are_taken_once,
        account(status(decision=decision()), status(decision=decision(kind="promote"))),
    ),
    "a decision forgotten": (
        memory.decisions_are_not_lost, account(status(decision=decision()), status()),
    ),
    "a record rewritten": (
        memory.history_only_grows,
        account(status(history=[record()]), status(history=[record(fate="Promoted")])),
    ),
    "a promotion undecided": (
        memory.a_revision_is_promoted_once, account(status("a"), status("b")),
    ),
    "a revision promoted twice": (
        memory.a_revision_is_promoted_once,
        account(*(status(name, decision=decision(kind="promote")) for name in "aba")),
    ),
    "a spec of our own": (
        memory.the_spec_is_peoples, account(status(spec="1"), status(spec="2"), asked=("1",)),
    ),
    "a selector of both tracks": (
        memory.status_is_of_stable_and_of_kstatus, account(status(selector="model=fraud")),
    ),
    "ready and reconciling": (
        memory.status_is_of_stable_and_of_kstatus, account(status(conditions=READY_TWICE)),
    ),
    "a verdict by no number": (
        memory.verdicts_carry_their_evidence, account(status(verdicts=[verdict(canary="")])),
    ),
    "a rollback without its numbers": (
        memory.verdicts_carry_their_evidence,
        account(
            status(decision=decision() | {"reason": "ObjectiveFailed", "message": "errors"})
        ),
    ),
    "an end without a word": (
        memory.verdicts_carry_their_evidence, account(status(history=[record()])),
    ),
    "told twice": (
        memory.things_are_announced_once,
        account(event("e1", "Promoted"), event("e2", "Promoted"), most_events={"Promoted": 1}),
    ),
    "a write under another name": (
        memory.writes_are_owned, account(writes=(patch("fieldManager=kubectl"),)),
    ),
    "a write after the next one has begun": (
        memory.one_writes_at_a_time,
        account(writes=(patch(by="1"), patch(by="2"), patch(by="1")), handovers=1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("broken", BROKEN)
def test_it_is_found(broken: str) -> None:
    check, broken_account = BROKEN[broken]
    assert list(check(broken_account)) != []
