"""The operator dies in the middle: the rollout ends as it would have, each decision taken once."""

import pytest

from serinus.resource.status import Fate, TerminalKind
from tests.e2e.clients import Clients, lost
from tests.e2e.conftest import Models
from tests.e2e.model import Model
from tests.e2e.refusing import selector_changes_refused


@pytest.fixture(scope="module")
def model(models: Models) -> Model:
    model = models("restarts")
    model.apply(model.new_version())
    model.serves("1")
    return model


@pytest.fixture(scope="module")
def clients(model: Model) -> Clients:
    return model.outside_callers(rate_per_second=80)


def test_rollout_goes_on_where_it_stood(model: Model, clients: Clients) -> None:
    version = model.new_version()
    model.apply(version)
    status = model.until(lambda sight: sight.status.weight > 0, "the canary gets traffic")
    assert status.rollout is not None
    clients.until_sent(400)
    model.node.operator.restart()
    after = model.status.rollout
    assert after is not None
    assert after.started_at == status.rollout.started_at
    assert after.evidence_since == status.rollout.evidence_since
    model.has_ended(version, Fate.PROMOTED)
    model.serves(version)
    assert_decided_once(model, version)
    assert lost(clients.counted()) == {}


def test_promotion_is_finished_and_not_decided_anew(model: Model, clients: Clients) -> None:
    """The cluster refuses to move the entry Service for a while, and the operator dies then."""
    version = model.new_version()
    with selector_changes_refused(model):
        model.apply(version, skipAnalysis=True)
        status = model.until(
            lambda sight: is_being_promoted(sight.status.decision), "the promotion is stored"
        )
        decided = status.decision
        model.until(
            lambda sight: sight.status.stable_version == version, "the promotion is under way"
        )
        model.node.operator.restart()
        assert model.status.decision == decided
    status = model.serves(version)
    assert status.history[0].fate is Fate.PROMOTED
    assert_decided_once(model, version)
    assert lost(clients.counted()) == {}


def is_being_promoted(decision: object) -> bool:
    return getattr(decision, "kind", None) is TerminalKind.PROMOTE


def assert_decided_once(model: Model, version: str) -> None:
    reasons = model.reasons(f"version {version}")
    assert reasons.count("RolloutStarted") == 1
    assert reasons.count("PromotionDecided") == 1
    assert reasons.count("Promoted") == 1
