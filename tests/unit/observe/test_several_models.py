"""A server of several models, counted by the SDK: the one that is asked for is judged alone."""

from datetime import UTC, datetime, timedelta

import pytest

from serinus.evidence.ledger import Ledger
from serinus.observe.measure import Measured, measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import objective_key
from serinus.signals.tally import Tally, tallied
from serinus_sdk import Baseline, Monitor
from tests.unit.observe.served import Pod, Prometheus

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
SCRAPES = 8
COUNTED = SCRAPES - 1
"""The newest scrape may be under way."""
LIMIT = WorseThanStable(by="2%")
TRAINED = Baseline.fit([[float(age)] for age in range(100)], names=["age"])


class PodOfTwo(Pod):
    """One whose server has another model, churn, beside its own."""

    def __post_init__(self) -> None:
        super().__post_init__()
        registry = self.monitor._registry
        self.churn = Monitor(TRAINED, version=self.version, model="churn", registry=registry)


async def measured(objective: Objective, name: str) -> tuple[Measured, Tally]:
    """What is counted of the canary, whose pods serve fraud, and churn, which is a bad one."""
    stable, canary = (
        PodOfTwo(f"fraud-{revision}-1", TRAINED, version, {"model": "fraud"})
        for revision, version in (("aaa", "7"), ("bbb", "8"))
    )
    for scrape in range(-2, SCRAPES + 1):
        for pod in (stable, canary) if scrape >= 1 else ():
            pod.answer([[50.0]], ["yes"])
            pod.churn.record_many([[5.0]] * 3, [None] * 3)
            for monitor, truth in ((pod.monitor, "yes"), (pod.churn, "no")):
                monitor.record_outcome_of("yes", truth, version=pod.version)
        for pod in (stable, canary):
            pod.scraped(START + timedelta(seconds=15 * scrape))
    watch = Watch(
        namespace="prod", model="fraud", stable="aaa", canary="bbb", rollout="r1",
        objectives=(objective,), ledger=Ledger(), evidence_since=START,
        now=START + timedelta(seconds=15 * SCRAPES), interval_seconds=15.0,
        versions=("7", "8"), served_name=name,
    )  # fmt: skip
    found = await measure(watch, Prometheus((stable, canary)))
    blocks = found.ledger.of(objective_key(objective))
    return found, tallied(block.canary for block in blocks)


@pytest.mark.parametrize("name", ["fraud", "churn"])
async def test_outcomes_and_values_by_bin_are_those_of_the_model_that_is_asked_for(
    name: str,
) -> None:
    rows, wrong = (COUNTED, 0) if name == "fraud" else (COUNTED * 3, COUNTED)
    _, truths = await measured(Objective(preset=Preset.QUALITY, worse_than_stable=LIMIT), name)
    assert (truths.total, truths.bad) == (COUNTED, wrong)
    assert truths.predicted == rows
    _, values = await measured(Objective(preset=Preset.DRIFT, limit="0.2"), name)
    assert values.total == rows
    (filled,) = [count for count in values.bins["age"].values() if count]
    assert filled == rows


async def test_a_name_that_the_sdk_does_not_show_is_told_with_those_it_does() -> None:
    found, _ = await measured(Objective(preset=Preset.DRIFT, limit="0.2"), "froud")
    (trouble,) = found.troubles.values()
    assert "of model froud, but of churn, fraud (spec.model.name)" in trouble
