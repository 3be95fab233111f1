import random
from datetime import UTC, datetime, timedelta

from serinus.evidence.batch_means import gauge_verdict, is_certainly_worse, radius
from serinus.evidence.block import Block
from serinus.resource.objective import Objective, WorseThanStable
from serinus.resource.status import VerdictValue
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)
DRIFT = Objective(
    name="drift", value="drift", limit="0.5", worse_than_stable=WorseThanStable(by="0.1")
)


def blocks(canary: float, stable: float, count: int = 24, spread: float = 0.02) -> list[Block]:
    draw = random.Random(1)

    def readings(value: float) -> Tally:
        return Tally(total=10.0, bad=10 * (value + draw.gauss(0, spread)))

    return [
        Block(
            since=START + timedelta(seconds=60 * number),
            until=START + timedelta(seconds=60 * number + 60),
            canary=readings(canary),
            stable=readings(stable),
        )
        for number in range(count)
    ]


def verdict(canary: float, stable: float) -> VerdictValue:
    return gauge_verdict(DRIFT, blocks(canary, stable), None, 0.01).verdict


def test_a_gauge_that_holds_passes() -> None:
    assert verdict(0.2, 0.2) is VerdictValue.PASS


def test_a_gauge_that_does_not_hold_holds_the_rollout_and_does_not_end_it() -> None:
    assert verdict(0.9, 0.2) is VerdictValue.UNDECIDED
    assert verdict(0.4, 0.2) is VerdictValue.UNDECIDED


def test_only_what_is_certain_over_the_whole_rollout_is_certain() -> None:
    assert is_certainly_worse(DRIFT, blocks(0.4, 0.2), 0.01)
    assert not is_certainly_worse(DRIFT, blocks(0.25, 0.2), 0.01)
    assert not is_certainly_worse(DRIFT, blocks(0.4, 0.2, count=7), 0.01)
    assert not is_certainly_worse(DRIFT, blocks(0.4, 0.2, spread=2.0), 0.01)


def test_the_bounds_hold_at_all_times_at_once() -> None:
    """At 5 %, over 200 batches, looked at after each."""
    draw, wrong, runs = random.Random(2), 0, 300
    for _ in range(runs):
        values: list[float] = []
        for _ in range(200):
            values.append(draw.gauss(0, 1))
            wide = radius(values, 0.05)
            if wide is not None and abs(sum(values) / len(values)) > wide:
                wrong += 1
                break
    assert wrong / runs <= 0.08
