"""A bad version under load: out again, with numbers, and not tried again by itself."""

from dataclasses import dataclass
from math import sqrt

import pytest

from demo.sights import Load
from serinus.resource.status import Fate, Phase, Status, VerdictValue
from tests.e2e.clients import lost
from tests.e2e.conftest import Figure, Models
from tests.e2e.model import Model
from tests.e2e.replayed import is_decided_again_bit_for_bit

FAILS_HALF = {"FAIL_SHARE": "0.5"}
SIGMAS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """What was seen of one rollback."""

    model: Model
    revision: str
    status: Status
    route: dict[str, int]
    reasons: list[str]
    load: Load
    canary_requests_afterwards: int
    log: str
    """The operator's, read before any test restarts it."""


@pytest.fixture(scope="module")
def rolled_back(models: Models) -> RolledBack:
    """Version 2, which fails every other request, on trial until it is refused."""
    model = models("rollback", replicas=2)
    model.apply("1")
    model.serves("1")
    clients = model.outside_callers()
    model.apply("2", FAILS_HALF)
    status = model.has_ended("2", Fate.ROLLED_BACK)
    route = model.route()
    before = clients.until_sent(120)
    after = clients.until_sent(300)
    return RolledBack(
        model=model,
        revision=status.history[0].revision,
        status=status,
        route=route,
        reasons=model.reasons(),
        load=clients.leave(),
        canary_requests_afterwards=after.by("2").requests - before.by("2").requests,
        log=model.node.operator.log(),
    )


def test_shift_of_traffic_fails_no_request(rolled_back: RolledBack, figure: Figure) -> None:
    """The bad answers are the canary's own; none got lost on the way there or back."""
    load = rolled_back.load
    figure("rollback_requests", load.sent)
    figure("rollback_requests_failed_by_shift", load.failures)
    figure("rollback_bad_answers", load.by("2").bad)
    assert lost(load) == {}
    assert load.by("1").bad == 0
    assert load.by("2").bad > 0


def test_all_traffic_is_back_on_stable(rolled_back: RolledBack) -> None:
    status = rolled_back.status
    assert status.stable is not None
    assert status.stable_version == "1"
    assert rolled_back.route == {status.stable.revision: 100}
    assert rolled_back.canary_requests_afterwards == 0


async def test_it_is_decided_again_bit_for_bit_from_the_log_and_prometheus(
    rolled_back: RolledBack,
) -> None:
    await is_decided_again_bit_for_bit(rolled_back.model, rolled_back.revision, rolled_back.log)


def test_status_keeps_the_verdict_with_its_numbers(rolled_back: RolledBack) -> None:
    status = rolled_back.status
    verdict = next(each for each in status.verdicts if each.objective == "error-rate")
    assert verdict.verdict is VerdictValue.FAIL
    assert verdict.canary_samples >= 4
    assert verdict.canary is not None
    # Every other answer is bad, by four standard deviations of as many as there were until then.
    allowed_percent = 100 * SIGMAS * sqrt(0.25 / verdict.canary_samples)
    assert abs(float(verdict.canary.removesuffix("%")) - 50) <= allowed_percent
    assert verdict.limit == "≤ 2 %"
    assert "error-rate" in status.history[0].message


def test_events_say_why(rolled_back: RolledBack) -> None:
    told = ["RolloutStarted", "StepEntered", "ObjectiveFailed", "RolledBack"]
    assert [reason for reason in rolled_back.reasons if reason in told] == told


def test_restarted_operator_does_not_try_it_again(rolled_back: RolledBack) -> None:
    model = rolled_back.model
    started = model.reasons().count("RolloutStarted")
    model.node.operator.restart()
    # No new revision, but something to be looked at: what is decided then is decided afresh.
    model.patch(revisionHistoryLimit=4)
    status = model.until(
        lambda sight: sight.is_up_to_date and not sight.status.draining,
        "the new operator has looked, and what is left of the version is gone",
    )
    assert (status.phase, status.rollout) == (Phase.ROLLED_BACK, None)
    assert model.reasons().count("RolloutStarted") == started
    assert model.pods(rolled_back.revision) == []


def test_person_can_have_it_tried_again(rolled_back: RolledBack) -> None:
    """By `kubectl serinus`, and by the annotation that it sets."""
    model = rolled_back.model

    def gets_traffic() -> None:
        model.until(lambda sight: sight.status.weight > 0, "the version is tried again")

    model.serinus("retry")
    gets_traffic()
    model.serinus("abort")
    model.has_ended("2", Fate.ABORTED)
    model.annotate("retry", f"{rolled_back.revision}/once-more")
    gets_traffic()
    model.annotate("abort", f"{rolled_back.revision}/enough")
    status = model.has_ended("2", Fate.ABORTED)
    assert status.stable_version == "1"
