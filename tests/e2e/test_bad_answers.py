"""The bad answers of one version let through: by evidence, and by five failed checks in a row.

Both before the same callers in the same run. First the operator rolls the version back; then it
is tried again with objectives that only advise, on a step that waits for a person, and the rule
looks at what its callers get. It is played in its own favour, see failures_in_a_row.
"""

import time
from dataclasses import dataclass

import pytest

from demo.sights import Served
from serinus.resource.status import Fate
from tests.e2e.clients import Clients
from tests.e2e.conftest import Figure, Models
from tests.e2e.failures_in_a_row import Answered, FailuresInARow
from tests.e2e.manifest import OBJECTIVES
from tests.e2e.model import Model
from tests.e2e.replayed import is_decided_again_bit_for_bit

ANSWERS_NULL_TO_SOME = {"MODEL_TRAINED_AS": "v3"}
"""The demo's version 3: a tenth of the rows."""
REQUESTS_PER_SECOND = 100
WEIGHT_PERCENT = 25
INTERVAL_SECONDS = 30
"""Of the resource and of the rule; Flagger's users have a minute by default. What a busy machine
takes for a look and a scrape counts against evidence alone, so it has to be small beside it."""
RULE = FailuresInARow(limit_share=0.02)
"""The limit of the objective on null outputs: stable gives none."""
MOST_CHECKS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """Bad answers of one version that its callers got."""

    by_evidence: int
    by_five_failures: int
    model: Model
    revision: str
    log: str
    """The operator's, of the rollout that evidence ended."""


@pytest.fixture(scope="module")
def let_through(models: Models) -> LetThrough:
    model = models("nulls", replicas=2)
    model.apply("1")
    model.serves("1")
    clients = model.outside_callers(REQUESTS_PER_SECOND)
    way = {"steps": [{"weight": WEIGHT_PERCENT}], "interval": f"{INTERVAL_SECONDS}s"}
    model.apply("2", ANSWERS_NULL_TO_SOME, rollout=way)
    status = model.has_ended("2", Fate.ROLLED_BACK)
    by_evidence = clients.until_sent(2 * REQUESTS_PER_SECOND).by("2")
    log = model.node.operator.log()
    is_tried_again_and_left_alone(model)
    checks = checked_until_out(clients, by_evidence)
    model.serinus("abort")
    by_rule = RULE.bad_when_out(checks)
    assert by_rule is not None, f"no five failures in a row: {checks}"
    return LetThrough(
        by_evidence=by_evidence.bad,
        by_five_failures=by_rule,
        model=model,
        revision=status.history[0].revision,
        log=log,
    )


def is_tried_again_and_left_alone(model: Model) -> None:
    advisory = [{**each, "advisory": True} for each in OBJECTIVES]
    steps = [{"weight": WEIGHT_PERCENT, "pause": {}}]
    model.patch(objectives=advisory, rollout={"steps": steps})
    model.serinus("retry")
    model.until(lambda sight: sight.status.weight == WEIGHT_PERCENT, "it has traffic again")


def checked_until_out(clients: Clients, before: Served) -> list[Answered]:
    """The first interval begins with the version's first answer."""
    deadline = time.monotonic() + 60
    while clients.counted().by("2").requests == before.requests:
        assert time.monotonic() < deadline, "the version gets no traffic"
        time.sleep(0.25)
    checks, begun = [Answered(answers=before.requests, bad=before.bad)], time.monotonic()
    while RULE.bad_when_out(checks) is None and len(checks) <= MOST_CHECKS:
        time.sleep(max(0.0, begun + INTERVAL_SECONDS * len(checks) - time.monotonic()))
        served = clients.counted().by("2")
        checks.append(Answered(answers=served.requests, bad=served.bad))
    return checks


def test_evidence_lets_through_a_third_of_what_five_failures_in_a_row_do(
    let_through: LetThrough, figure: Figure
) -> None:
    ratio = let_through.by_evidence / let_through.by_five_failures
    figure("bad_answers_by_evidence", let_through.by_evidence)
    figure("bad_answers_by_five_failures", let_through.by_five_failures)
    figure("bad_answers_over_five_failures", ratio)
    assert let_through.by_evidence > 0
    assert ratio <= 1 / 3


async def test_null_answers_are_decided_again_bit_for_bit_from_the_log_and_prometheus(
    let_through: LetThrough,
) -> None:
    await is_decided_again_bit_for_bit(let_through.model, let_through.revision, let_through.log)
