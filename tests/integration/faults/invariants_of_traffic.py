"""What holds of traffic and pods at every version of the store, whenever the operator died."""

from collections.abc import Callable, Iterator
from math import ceil

from tests.integration.faults.account import Account, weights_of
from tests.integration.faults.story import MODEL

LATE_CHANGES = 12
"""By how many changes of the store the operator may be behind when it writes."""
LOOK_WRITES = 10
"""How many writes of the operator may come between a canary's last ready pod and its weight's end:
those of the look that was under way."""
OPERATORS = frozenset(
    {"MLModelDeployment", "HTTPRoute", "Deployment", "Service", "ConfigMap", "Event"}
)

Check = Callable[[Account], Iterator[str]]


def splits_are_whole(account: Account) -> Iterator[str]:
    """Weights sum to 100 and lead to Services that exist and select that revision."""
    for moment in account.moments():
        if moment.kind != "HTTPRoute" or moment.body is None:
            continue
        weights = weights_of(moment.body)
        if sum(weights.values()) != 100:
            yield f"the split is {weights}"
        for revision in weights:
            if moment.selected(f"{MODEL}-{revision}") != revision:
                yield f"the route leads to {revision}, which no Service selects"


def nothing_unready_is_given_traffic(account: Account) -> Iterator[str]:
    """A weight rises only over enough ready pods (rules 1 and 12), as of LATE_CHANGES ago."""
    ready: list[dict[str, int]] = []
    weights: dict[str, int] = {}
    for moment in account.moments():
        ready = [*ready[-LATE_CHANGES:], {each: moment.ready(each) for each in moment.weights()}]
        if moment.kind != "HTTPRoute":
            continue
        for revision, weight in moment.weights().items():
            most = max(
                each.get(revision, 0) for each in (*ready, {revision: moment.ready(revision)})
            )
            needed = ceil(account.replicas * weight / 100)
            if weight > weights.get(revision, 0) and most < needed:
                yield f"{revision} got {weight} % with {most} of {needed} ready pods"
        weights = moment.weights()


def a_dead_canary_loses_its_traffic(account: Account) -> Iterator[str]:
    """Within one look of the operator's (rule 1): LOOK_WRITES of its writes."""
    writes: dict[str, int] = {}
    for moment in account.moments():
        for revision, weight in moment.weights().items():
            is_dead = weight > 0 and revision != moment.stable and not moment.ready(revision)
            if not is_dead:
                writes.pop(revision, None)
            elif moment.kind in OPERATORS:
                writes[revision] = writes.get(revision, 0) + 1
                if writes[revision] == LOOK_WRITES:
                    yield f"{revision} kept {weight} % without a ready pod"


def promotion_is_a_swap(account: Account) -> Iterator[str]:
    """No template changes, no revision starts more pods than replicas (rule 2)."""
    made: dict[str, set[str]] = {}
    for moment in account.moments():
        if moment.kind == "Deployment" and moment.body is not None and moment.before is not None:
            template, before = (b["spec"]["template"] for b in (moment.body, moment.before))
            if template != before:
                yield f"the pods of {moment.name} were changed"
        if moment.kind == "Pod" and moment.body is not None:
            made.setdefault(moment.name.rpartition("-")[0], set()).add(moment.name)
    for workload, pods in made.items():
        if len(pods) > account.replicas:
            yield f"{workload} started {len(pods)} pods"


def services_move_after_the_route(account: Account) -> Iterator[str]:
    """The entry Service leads to a new revision only once the route does, to 100 % (rule 2)."""
    for moment in account.moments():
        if moment.kind != "Service" or moment.name != MODEL or moment.before is None:
            continue
        revision = moment.selected(MODEL)
        was = moment.before["spec"]["selector"]["serinus.dev/revision"]
        if revision != was and moment.weights() != {revision: 100}:
            yield f"the entry Service moved to {revision} at {moment.weights()}"


def what_is_used_stays(account: Account) -> Iterator[str]:
    """A workload goes only once nothing leads to it, and stable is never too small."""
    for moment in account.moments():
        revision = moment.name.removeprefix(f"{MODEL}-")
        services = (MODEL, f"{MODEL}-stable", f"{MODEL}-canary")
        if moment.kind == "Deployment" and moment.body is None:
            ways = [each for each in services if moment.selected(each) == revision]
            if ways or moment.weights().get(revision):
                yield f"{moment.name} was removed under {ways or moment.weights()}"
        stable = moment.live.get(("Deployment", f"{MODEL}-{moment.stable}"))
        size = stable["spec"]["replicas"] if stable else 0
        if moment.stable and size < account.replicas:
            yield f"stable {moment.stable} has size {size} after {moment.change}"


def a_rollback_restores_the_route_first(account: Account) -> Iterator[str]:
    """When status tells of a rollback, the route is at stable already (rule 5)."""
    for moment in account.moments():
        decision = moment.status.get("decision") or {}
        is_told = moment.kind == "MLModelDeployment" and decision.get("kind") == "rollback"
        if is_told and moment.weights() != {moment.stable: 100}:
            yield f"{decision['id']} is told at {moment.weights()}"


def what_failed_stays_out(account: Account) -> Iterator[str]:
    """A revision that was rolled back gets no traffic ever again by itself (rule 5)."""
    for moment in account.moments():
        if moment.kind != "HTTPRoute":
            continue
        history = moment.status.get("history") or ()
        failed = {each["revision"] for each in history if each["fate"] == "RolledBack"}
        if failed & moment.weights().keys():
            yield f"{failed & moment.weights().keys()} has failed and got traffic again"
