"""A good version under load: the split is what was asked, and promotion is a swap."""

from dataclasses import dataclass

import pytest

from demo.sights import Load
from serinus.resource.status import Fate, Status
from tests.e2e.clients import lost
from tests.e2e.conftest import Figure, Models
from tests.e2e.model import Model
from tests.e2e.split import SIGMAS, Split, counted_between

ASKED_PERCENT = 20
ENOUGH_REQUESTS = 5_200
"""A little more than the 5,000 that are asked for: those on their way are not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promoted:
    """What was seen of one promotion."""

    model: Model
    split: Split
    canary_pods: set[str]
    """Their uids while half of the traffic was on trial."""
    status: Status
    outside: Load
    inside: Load


@pytest.fixture(scope="module")
def promoted(models: Models) -> Promoted:
    """Version 2 on trial at a step that waits, approved, and promoted, called all the while."""
    model = models("promotion", replicas=2)
    steps = [{"weight": ASKED_PERCENT, "pause": {}}, {"weight": 50}]
    model.apply("1", rollout={"steps": steps})
    model.serves("1")
    outside, inside = model.outside_callers(rate_per_second=90), model.inside_callers()
    model.apply("2", rollout={"steps": steps})
    status = model.is_paused_at("2", ASKED_PERCENT)
    assert status.rollout is not None
    canary = status.rollout.revision
    before = outside.until_sent(200)
    split = counted_between(before, outside.until_sent(ENOUGH_REQUESTS, 180), "2")
    canary_pods = model.uids(canary)
    model.serinus("approve")
    model.has_ended("2", Fate.PROMOTED)
    status = model.serves("2")
    outside.until_sent(500)
    return Promoted(
        model=model,
        split=split,
        canary_pods=canary_pods,
        status=status,
        outside=outside.leave(),
        inside=inside.leave(),
    )


def test_traffic_is_split_as_asked(promoted: Promoted, figure: Figure) -> None:
    """Within the sampling error of independent draws: binomial, four standard deviations."""
    split = promoted.split
    figure("split_asked_percent", ASKED_PERCENT)
    figure("split_measured_percent", 100 * split.share)
    figure("split_requests", split.requests)
    assert split.requests >= 5_000
    allowed = SIGMAS * split.standard_error(ASKED_PERCENT / 100)
    assert abs(split.share - ASKED_PERCENT / 100) <= allowed


def test_no_request_from_outside_fails(promoted: Promoted, figure: Figure) -> None:
    load = promoted.outside
    figure("promotion_requests", load.sent)
    figure("promotion_requests_failed", load.failures)
    assert lost(load) == {}
    assert {name: served.model_errors for name, served in load.served.items()} == {"1": 0, "2": 0}


def test_no_request_to_the_entry_service_fails(promoted: Promoted, figure: Figure) -> None:
    load = promoted.inside
    figure("promotion_inside_requests", load.sent)
    figure("promotion_inside_requests_failed", load.failures)
    assert lost(load) == {}
    assert load.by("2").requests > 0


def test_entry_service_leads_to_stable_only(promoted: Promoted) -> None:
    """Its callers met version 2 only once it had been promoted."""
    record = promoted.status.history[0]
    assert promoted.inside.by("2").first_seen >= record.at.timestamp()


def test_analysed_pods_become_the_stable_ones(promoted: Promoted) -> None:
    assert promoted.status.stable is not None
    stable_pods = promoted.model.uids(promoted.status.stable.revision)
    assert promoted.canary_pods
    assert promoted.canary_pods <= stable_pods
    assert len(stable_pods) == promoted.model.replicas


def test_nothing_of_the_old_version_runs_on(promoted: Promoted) -> None:
    assert promoted.status.stable is not None
    assert promoted.model.revisions() == {promoted.status.stable.revision}
    assert promoted.model.route() == {promoted.status.stable.revision: 100}


def test_events_tell_of_each_step_and_of_the_promotion(promoted: Promoted) -> None:
    wanted = ["RolloutStarted", "StepEntered", "Approved", "StepEntered", "PromotionDecided"]
    reasons = promoted.model.reasons()
    assert [reason for reason in reasons if reason in wanted] == wanted
    assert reasons.count("Promoted") == 1
