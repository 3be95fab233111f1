"""Before anything serves: the first revision, which there is nothing to compare with."""

from __future__ import annotations

from serinus.decide.case import MOST_DRAINING, Case
from serinus.decide.decision import Decision, Happening
from serinus.decide.target import new_rollout
from serinus.resource.names import entry_service_name, stable_service_name, workload_name
from serinus.resource.status import Draining, Fate, Phase, ServingRevision


def nothing_is_known_to_run(case: Case) -> Decision | None:
    """Before the first revision, a missing reference leaves nothing to start."""
    if case.wanted:
        return None
    message = case.seen.wanted_trouble
    return case.decided(Phase.PENDING, "ReferenceMissing", message, is_stalled=True)


def first_revision_is_not_serving_yet(case: Case) -> Decision | None:
    """There is nothing to compare the first revision with: it serves once it is ready."""
    if case.stable:
        return None
    if case.memory.rollout is None or case.rollout.revision != case.wanted:
        return _installing(case)
    needed, ready = case.spec.replicas, case.seen.ready_count(case.wanted)
    if ready >= needed and case.size_now(case.wanted) == needed:
        return _installed(case)
    overdue = case.seconds_since(case.rollout.capacity_asked_at)
    trouble = case.trouble_of(case.wanted)
    return case.decided(
        Phase.PENDING,
        "FirstRevisionStarting",
        f"{ready} of {needed} pods of the first revision are ready"
        + (f": {trouble}" if trouble else ""),
        canary_size=needed,
        is_stalled=overdue > case.spec.rollout.progress_deadline,
    )


def _installing(case: Case) -> Decision:
    version = case.wanted_version
    return case.decided(
        Phase.PENDING,
        "FirstRevisionStarting",
        f"starting the first revision, version {version}",
        memory=case.remembering(rollout=new_rollout(case), draining=_given_up(case)),
        canary_size=case.spec.replicas,
        happenings=(Happening(reason="Installing", message=f"starting version {version}"),),
    )


def _given_up(case: Case) -> tuple[Draining, ...]:
    """What was to be first before leaves its room to what is now, unless it serves already.

    It does where an earlier life of the resource has left it serving (Orphan, a restore). What was
    started is told by the cluster: a spec that was edited within a look left no memory of it.
    """
    known = tuple(each for each in case.memory.draining if each.revision != case.wanted)
    others = case.seen.children.workload_sizes.keys() - {case.wanted}
    started = others - {each.revision for each in known}
    gone = [each for each in sorted(started) if not _is_served(case, each)]
    new = (Draining(revision=each, since=case.now) for each in gone)
    return (*known, *new)[-MOST_DRAINING:]


def _is_served(case: Case, revision: str) -> bool:
    """Whether traffic may go to a revision: one that has no ready pod just now is its way back."""
    seen, pods = case.seen.children, {pod.name for pod in case.seen.pods_of(revision)}
    services = (entry_service_name(case.seen.name), stable_service_name(case.seen.name))
    behind = frozenset[str]().union(*(seen.endpoints.get(each, ()) for each in services))
    made = (seen.objects.get(("Service", each)) for each in services)
    routed = seen.route.weights if seen.route else {}
    leads = any(each is not None and each.revision == revision for each in made)
    return leads or bool(behind & pods) or workload_name(case.seen.name, revision) in routed


def _installed(case: Case) -> Decision:
    version = case.rollout.version
    message = f"version {version} is the first revision and serves"
    memory = case.remembering(
        stable=ServingRevision(revision=case.wanted, version=version, since=case.now),
        rollout=None,
        history=case.recorded(Fate.INSTALLED, "Installed", message),
    )
    return case.decided(
        Phase.HEALTHY,
        "Installed",
        message,
        memory=memory,
        happenings=(Happening(reason="Installed", message=message),),
        look_again_after_seconds=0.0,
    )
