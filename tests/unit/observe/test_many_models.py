"""What many models cost Prometheus: how many queries their rollouts need, all told."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serinus.evidence.ledger import Ledger
from serinus.observe.fetch import Fetch
from serinus.observe.watch import Watch, due_fetches, open_objectives
from serinus.resource.objective import Objective
from serinus.resource.objectives import ObjectivesInForce, Templates, in_force, resolve
from serinus.resource.spec import Spec, parse_spec
from tests.fakes.world import spec_of

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
SERVERS = ("standard", "triton", "vllm")
QUALITY: dict[str, Any] = {
    "preset": "quality",
    "limit": "5%",
    "by": "country",
    "segments": ["DE", "FR"],
}
INPUTS: list[dict[str, Any]] = [
    {"preset": preset, "limit": "5%"}
    for preset in ("missing-inputs", "invalid-inputs", "out-of-range-inputs", "unseen-categories")
]
DRIFT: dict[str, Any] = {"preset": "drift", "limit": "0.2"}


def spec(server: str, objectives: list[dict[str, Any]] | None) -> Spec:
    raw = spec_of(model={"version": "2", "server": server, "image": "models/it:2"})
    if objectives is None:
        del raw["objectives"]
    else:
        raw["objectives"] = objectives
    found = resolve(parse_spec(raw), Templates(), None)
    assert found.trouble is None
    return in_force(parse_spec(raw), ObjectivesInForce(objectives=found.objectives))


def watch(number: int, server: str, objectives: tuple[Objective, ...]) -> Watch:
    """Each began at another time, and is looked at at another one."""
    return Watch(
        namespace=f"team-{number % 7}",
        model=f"model-{number}",
        stable="aaa",
        canary="bbb",
        rollout="r1",
        objectives=objectives,
        ledger=Ledger(),
        evidence_since=START - timedelta(seconds=number % 12),
        now=START + timedelta(seconds=30 + number % 12),
        interval_seconds=15.0,
        server=server,
        versions=("1", "2"),
    )


def asked(models: int, objectives: list[dict[str, Any]] | None, servers: Iterable[str]) -> int:
    """How many different questions a round of looks at so many rollouts has."""
    by_server = [(server, spec(server, objectives).objectives) for server in servers]
    fetches: set[Fetch] = set()
    for number in range(models):
        server, those = by_server[number % len(by_server)]
        fetches |= set(due_fetches(open_objectives(watch(number, server, those))))
    return len(fetches)


@pytest.mark.parametrize(
    ("objectives", "servers"),
    [(None, SERVERS), ([*INPUTS, QUALITY], ("standard",))],
    ids=["what three servers bring", "inputs and late labels"],
)
def test_a_thousand_rollouts_ask_no_more_than_a_few_do(
    objectives: list[dict[str, Any]] | None, servers: tuple[str, ...]
) -> None:
    few = asked(12, objectives, servers)
    assert 0 < few <= 20
    assert asked(1000, objectives, servers) == few


def test_distributions_are_asked_for_by_model() -> None:
    """There are hundreds of series to a pod: nobody's are read but those of a rollout."""
    assert asked(100, [DRIFT], ("standard",)) > 100
