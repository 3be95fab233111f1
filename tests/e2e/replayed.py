"""A past rollout decided again, from the operator's log and what Prometheus still knows."""

from __future__ import annotations

from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.adapters.prometheuses import Prometheuses
from serinus.evidence.ledger import write_ledger
from serinus.replay.past import rollouts_of
from serinus.replay.play import play
from serinus.replay.recorded import records_of
from serinus.resource.status import Phase
from tests.e2e.model import Model

SCRAPE_SECONDS = 2.0
"""As the node's Prometheus is told, and the operator of it."""


async def is_decided_again_bit_for_bit(model: Model, revision: str, log: str) -> None:
    """Assert that a model's last rollout in a log, of a revision, is rolled back anew.

    Every look must come to the same decision in the same words, and to the same ledger.
    """
    records = records_of(log)
    past = rollouts_of([r for r in records if r.seen.namespace == model.namespace])[-1]
    prometheus = PrometheusSettings(url=model.node.addresses.prometheus, timeout=30.0)
    prometheuses = Prometheuses({"": prometheus})
    try:
        moments = await play(past, prometheuses.source("", {}).reader, SCRAPE_SECONDS)
    finally:
        await prometheuses.close()

    assert past.rollout.revision == revision
    looks = {each.at: each for each in moments}
    for record in past.records:
        again = looks[record.seen.now]
        assert (again.decision.rule, again.decision.message) == (record.rule, record.message)
        assert write_ledger(again.ledger) == write_ledger(record.seen.ledger)
    assert moments[-1].decision.phase is Phase.ROLLING_BACK
    assert moments[-1].at == past.ends_at
