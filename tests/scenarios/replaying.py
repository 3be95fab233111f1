"""What was put on record, decided again."""

import json

from serinus.report.record import replay_record
from tests.fakes.world import FakeWorld


def rules_replayed(world: FakeWorld) -> set[str]:
    """Return the rules that decided; each record gives the same one again."""
    rules = [json.loads(record)["rule"] for record in world.records]
    assert [replay_record(record).rule for record in world.records] == rules
    return set(rules)
