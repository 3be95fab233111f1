"""What people say beats what would have happened: approve, promote, pause, and dry runs."""

import pytest

from serinus.cli.exits import ExitCode
from serinus.resource.status import Fate, Phase
from tests.e2e.conftest import Models
from tests.e2e.model import Model
from tests.e2e.proxied import Json

TWO_STEPS_THAT_WAIT = {"steps": [{"weight": 10, "pause": {}}, {"weight": 50, "pause": {}}]}
WAITS_FOR_NOTHING_ELSE: Json = {
    "rollout": {**TWO_STEPS_THAT_WAIT, "minTime": "1s"},
    "objectives": [],
}


@pytest.fixture(scope="module")
def shared(models: Models) -> Model:
    return models("people")


@pytest.fixture
def model(shared: Model) -> Model:
    """Healthy, on whatever version the test before has left."""
    stable = shared.status.stable_version or shared.new_version()
    shared.apply(stable, **WAITS_FOR_NOTHING_ELSE)
    shared.serves(stable)
    shared.until(lambda _: shared.revisions() == {shared.stable}, "nothing else runs", 60)
    return shared


def test_approved_step_is_followed_by_the_next_and_then_by_promotion(model: Model) -> None:
    version = model.new_version()
    model.apply(version, **WAITS_FOR_NOTHING_ELSE)
    model.is_paused_at(version, 10)
    assert model.exit_code() == ExitCode.IN_PROGRESS
    model.serinus("approve")
    model.is_paused_at(version, 50)
    model.serinus("approve")
    model.has_ended(version, Fate.PROMOTED)
    model.serves(version)
    assert model.exit_code() == ExitCode.HEALTHY


def test_promote_goes_past_the_remaining_steps(model: Model) -> None:
    version = model.new_version()
    model.apply(version, **WAITS_FOR_NOTHING_ELSE)
    model.is_paused_at(version, 10)
    model.serinus("promote")
    assert model.has_ended(version, Fate.PROMOTED).history[0].reason == "PromotedByPerson"


def test_aborted_version_is_out_and_stays_out(model: Model) -> None:
    stable, version = model.stable, model.new_version()
    model.apply(version, **WAITS_FOR_NOTHING_ELSE)
    model.is_paused_at(version, 10)
    model.serinus("abort")
    model.has_ended(version, Fate.ABORTED)
    assert model.route() == {stable: 100}
    model.until(lambda sight: sight.status.phase is Phase.ROLLED_BACK, "it stays out")
    assert model.exit_code() == ExitCode.FAILED


def test_paused_model_starts_nothing_before_the_pause_is_taken_away(model: Model) -> None:
    stable, version = model.stable, model.new_version()
    model.apply(version, **WAITS_FOR_NOTHING_ELSE, paused=True)
    status = model.until(
        lambda sight: sight.is_up_to_date and sight.status.phase is Phase.SUSPENDED,
        "everything is suspended",
    )
    assert status.rollout is None
    assert model.revisions() == {stable}
    model.patch(paused=False)
    model.is_paused_at(version, 10)


def test_dry_run_says_what_it_would_do_and_moves_nothing(model: Model) -> None:
    stable, version = model.stable, model.new_version()
    before = model.owned()
    model.apply(version, **WAITS_FOR_NOTHING_ELSE, dryRun=True)
    status = model.until(
        lambda sight: sight.is_up_to_date and sight.status.message.startswith("dry run"),
        "the dry run is told",
    )
    assert f"version {version}" in status.message
    assert "DryRun" in model.reasons(f"version {version}")
    assert model.revisions() == {stable}
    assert model.route() == {stable: 100}
    assert model.owned() == before
