"""What holds of memory and words at every version of the store, whenever the operator died."""

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from tests.integration.faults.account import Account, Moment, announced
from tests.integration.faults.proxy import Write


def decisions_are_taken_once(account: Account) -> Iterator[str]:
    """One id, one time, one stretch in which it is carried out (rule 7)."""
    taken: dict[str, str] = {}
    done: set[str] = set()
    current = ""
    for moment in account.moments():
        for decision in _decisions(moment):
            if taken.setdefault(decision["id"], decision["at"]) != decision["at"]:
                yield f"{decision['id']} was taken again at {decision['at']}"
        if moment.kind != "MLModelDeployment":
            continue
        now = (moment.status.get("decision") or {}).get("id", "")
        if now and now != current and now in done:
            yield f"{now} was taken up again"
        done |= {current} - {now, ""}
        current = now
    rollouts = [each.partition("/")[2] for each in taken]
    yield from (f"{each} ended twice" for each in set(rollouts) if rollouts.count(each) > 1)


def decisions_are_not_lost(account: Account) -> Iterator[str]:
    """What was decided, on the route or in status, is in the history in the end (rule 7)."""
    decided: dict[str, tuple[str, str]] = {}
    recorded: set[tuple[str, str]] = set()
    for moment in account.moments():
        found = {each["id"]: (each["revision"], each["fate"]) for each in _decisions(moment)}
        decided |= found
        recorded |= {(r["revision"], r["fate"]) for r in moment.status.get("history") or ()}
    yield from (f"{name} was lost" for name, end in decided.items() if end not in recorded)


def _decisions(moment: Moment) -> Iterator[dict[str, Any]]:
    if moment.kind == "MLModelDeployment" and moment.status.get("decision"):
        yield moment.status["decision"]
    if moment.kind == "HTTPRoute" and moment.body is not None:
        text = moment.body["metadata"]["annotations"].get("serinus.dev/decision")
        if text:
            yield json.loads(text)


def history_only_grows(account: Account) -> Iterator[str]:
    """What was recorded stays as it was recorded (rule 7)."""
    before: list[Any] = []
    for moment in account.moments():
        history = list(moment.status.get("history") or ())
        if history[len(history) - len(before) :] != before:
            yield f"history changed from {before} to {history}"
        before = history


def a_revision_is_promoted_once(account: Account) -> Iterator[str]:
    """Each revision becomes stable at most once, and all but the first by a stored decision."""
    stables: list[str] = []
    for moment in account.moments():
        if moment.stable and [moment.stable] != stables[-1:]:
            decision = moment.status.get("decision") or {}
            if moment.stable in stables:
                yield f"{moment.stable} became stable again"
            if stables and decision.get("kind") != "promote":
                yield f"{moment.stable} became stable without a decision"
            stables.append(moment.stable)


def the_spec_is_peoples(account: Account) -> Iterator[str]:
    """spec holds what people wrote, in the order in which they wrote it (rule 8)."""
    asked = list(account.asked)
    for moment in account.moments():
        if moment.kind != "MLModelDeployment" or moment.body is None:
            continue
        while asked and moment.body["spec"] != asked[0]:
            asked.pop(0)
        if not asked:
            yield f"spec became {moment.body['spec']}"
            return


def status_is_of_stable_and_of_kstatus(account: Account) -> Iterator[str]:
    """The selector covers stable only (rule 12); Ready excludes the other two (rule 11)."""
    for moment in account.moments():
        status = moment.status
        if moment.kind != "MLModelDeployment" or not status:
            continue
        if moment.stable and f"revision={moment.stable}" not in status.get("selector", ""):
            yield f"the selector is {status.get('selector')} with {moment.stable} stable"
        true = {c["type"] for c in status["conditions"] if c["status"] == "True"}
        if len(true & {"Ready", "Reconciling", "Stalled"}) != 1:
            yield f"conditions that are true: {sorted(true)}"
        if status["observedGeneration"] > moment.body["metadata"]["generation"]:  # type: ignore[index]
            yield "a generation was observed before it was there"


def verdicts_carry_their_evidence(account: Account) -> Iterator[str]:
    """What passed or failed says by which numbers, and an end says why (rule 4)."""
    for moment in account.moments():
        if moment.kind != "MLModelDeployment":
            continue
        for verdict in moment.status.get("verdicts") or ():
            numbers = [verdict.get(key) for key in ("canary", "limit", "canarySamples", "message")]
            if verdict["verdict"] != "undecided" and not all(numbers):
                yield f"a verdict without its numbers: {verdict}"
        ends = [*(moment.status.get("history") or ()), moment.status.get("decision") or {}]
        for end in filter(None, ends):
            words = end.get("message", "")
            is_by_numbers = end.get("reason") == "ObjectiveFailed"
            if not words or (is_by_numbers and not any(letter.isdigit() for letter in words)):
                yield f"an end without its reason: {end}"


def things_are_announced_once(account: Account) -> Iterator[str]:
    """No event about what happens once comes twice."""
    for reason, count in announced(account.moments()).items():
        most = account.most_events.get(reason)
        if most is not None and count > most:
            yield f"{reason} was told {count} times, {most} at most"


def writes_are_owned(account: Account) -> Iterator[str]:
    """Server-side apply under our name, and of the resource nothing but finalizer and status."""
    for write in account.writes:
        if write.kind == "MLModelDeployment" and not write.part:
            if not _touches_metadata_only(write):
                yield f"{write} wrote more than metadata: {write.body}"
        elif write.method == "PATCH":
            is_apply = write.content_type == "application/apply-patch+yaml"
            if not is_apply or "fieldManager=serinus" not in write.query:
                yield f"{write} is no apply of ours"
        elif (write.method, write.kind, write.part) not in ALLOWED and write.method != "DELETE":
            yield f"{write} is none of the writes there are"


def one_writes_at_a_time(account: Account) -> Iterator[str]:
    """Writers change only when the Lease does: nobody writes after the next one has begun."""
    turns = [name for name, _ in groupby(account.writes, key=lambda write: write.by)]
    if len(turns) - 1 > account.handovers:
        yield f"with {account.handovers} handovers of the Lease, these wrote: {turns}"


ALLOWED = {("PUT", "MLModelDeployment", "status"), ("POST", "Event", "")}


def _touches_metadata_only(write: Write) -> bool:
    if isinstance(write.body, list):
        return all(each["path"].startswith("/metadata/") for each in write.body)
    fields = set(write.body) | set(write.body.get("metadata", ()))
    return fields <= {"metadata", "finalizers", "resourceVersion"}


def events_lost(account: Account) -> Iterator[str]:
    """Return what was not told: the operator died between status and event."""
    counts = announced(account.moments())
    for reason, most in account.most_events.items():
        yield from [reason] * (most - counts.get(reason, 0))
