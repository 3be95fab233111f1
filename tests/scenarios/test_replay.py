"""A past rollout, played again from the samples and the log alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import pytest

from serinus.evidence.ledger import write_ledger
from serinus.replay.past import Past, rollouts_of
from serinus.replay.play import Moment, play
from serinus.replay.recorded import read_recording, write_recording
from serinus.resource.status import Phase
from serinus.servers.selectors import read_matchers
from serinus.signals.series import Series
from serinus.signals.signal import OUTCOMES, PREDICTED
from tests.fakes.cluster import Pod
from tests.fakes.models import ERRING, GOOD, NULLS, Behaviour
from tests.fakes.prometheus import SCRAPE_SECONDS, FakePrometheus
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


class LabelledPrometheus(FakePrometheus):
    """Truths are known at once: nine of ten predictions are right, fewer of a bad one in DE."""

    def _count(self, pod: Pod, requests: float) -> None:
        super()._count(pod, requests)
        for country, wrong in (("DE", 0.1 + self.cluster.behaviour(pod).null_share), ("FR", 0.1)):
            self._add(OUTCOMES, pod, f"false {country} {pod.version}", requests / 2 * wrong)
            self._add(OUTCOMES, pod, f"true {country} {pod.version}", requests / 2 * (1 - wrong))

    def raw(self, selector: str, since: float, until: float) -> tuple[Series, ...]:
        asked = read_matchers(selector) if OUTCOMES in selector else ()
        return tuple(
            one
            for one in map(self._labelled, super().raw(selector, since, until))
            if all(each.accepts(one.labels) for each in asked)
        )

    def _labelled(self, one: Series) -> Series:
        if one.labels["__name__"] != OUTCOMES:
            return one
        correct, country, version = one.labels["code"].split()
        labels = {"correct": correct, "country": country, "model_version": version}
        return Series(labels={**one.labels, **labels}, samples=one.samples)


async def test_a_rollout_that_was_bad_in_one_segment_is_decided_alike_bit_for_bit() -> None:
    by_country = {"by": "country", "segments": ["DE", "FR"], "minLabelled": 100}
    quality = {"preset": "quality", "worseThanStable": {"by": "5%"}, **by_country}
    world = await serving(spec_of(objectives=[quality]))
    world.prometheus = LabelledPrometheus(world.cluster)
    world.deploy("2", Behaviour(null_share=0.3))
    await world.run(300)
    counted = [
        world.prometheus.raw(f"{name}{{}}", 0, 1e12) for name in (OUTCOMES, PREDICTED, "up")
    ]
    metrics, records = read_recording(write_recording(chain(*counted), world.records))
    past = rollouts_of(records)[-1]

    moments = await play(past, metrics, SCRAPE_SECONDS)

    assert "quality[DE]" in moments[-1].decision.message
    assert moments[-1].decision.message == past.records[-1].message
    looks = iter(moments)
    for record in past.records:
        again = next(each for each in looks if each.at == record.seen.now)
        assert write_ledger(again.ledger) == write_ledger(record.seen.ledger)


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
