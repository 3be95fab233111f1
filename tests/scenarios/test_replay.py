"""A past rollout, played again from the samples and the log alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from serinus.evidence.ledger import write_ledger
from serinus.replay.past import Past, rollouts_of
from serinus.replay.play import Moment, play
from serinus.replay.recorded import read_recording, write_recording
from serinus.resource.status import Phase
from tests.fakes.models import ERRING, GOOD, NULLS, Behaviour
from tests.fakes.prometheus import SCRAPE_SECONDS
from tests.fakes.world import FakeWorld, serving, spec_of


async def a_rollout(behaviour: Behaviour, **fields: Any) -> FakeWorld:
    world = await serving(spec_of(**fields))
    world.deploy("2", behaviour)
    await world.run(300)
    return world


def recording_of(world: FakeWorld) -> str:
    series = world.prometheus.raw(
        "model_requests_total model_predictions_total model_null_outputs_total", 0, 1e12
    )
    ups = world.prometheus.raw("up", 0, 1e12)
    return write_recording((*series, *ups), world.records)


async def played(
    world: FakeWorld, instead: Mapping[str, Any] | None = None
) -> tuple[Past, tuple[Moment, ...]]:
    metrics, records = read_recording(recording_of(world))
    past = rollouts_of(records)[-1]
    return past, await play(past, metrics, SCRAPE_SECONDS, instead)


@pytest.mark.parametrize("behaviour", [GOOD, ERRING, NULLS, Behaviour(error_share=0.02)])
async def test_a_past_rollout_is_decided_alike_bit_for_bit(behaviour: Behaviour) -> None:
    world = await a_rollout(behaviour)

    past, moments = await played(world)

    looks = iter(moments)
    for record in past.records:
        again = next(each for each in looks if each.at == record.seen.now)
        decided = (again.decision.rule, again.decision.phase, again.decision.message)
        assert decided == (record.rule, record.phase, record.message)
        assert write_ledger(again.ledger) == write_ledger(record.seen.ledger)
    assert moments[-1].at == past.ends_at
    assert past.ended is not None


async def test_another_policy_is_told_when_it_would_have_decided() -> None:
    world = await a_rollout(Behaviour(error_share=0.02))
    strict = {"objectives": [{"preset": "error-rate", "worseThanStable": {"by": "0.2%"}}]}

    past, moments = await played(world, strict)

    assert moments[-1].decision.phase is Phase.ROLLING_BACK
    assert moments[-1].at < past.ends_at


async def test_a_laxer_policy_lets_a_version_through_that_was_rolled_back() -> None:
    world = await a_rollout(NULLS)
    lax = {
        "objectives": [{"preset": "error-rate", "limit": "5%", "worseThanStable": {"by": "1%"}}],
    }

    past, moments = await played(world, lax)

    assert past.ended is not None
    assert past.ended.phase is Phase.ROLLING_BACK
    assert all(each.decision.phase is not Phase.ROLLING_BACK for each in moments)
