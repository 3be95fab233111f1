from datetime import UTC, datetime, timedelta
from math import log

import numpy as np

from serinus.evidence.block import Block
from serinus.evidence.mismatch import compared, told_mismatch
from serinus.evidence.wealth import log_total
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)


def blocks(canary: float, stable: float, count: int = 20, seed: int = 1) -> list[Block]:
    draw = np.random.default_rng(seed)
    return [
        Block(
            since=START + timedelta(seconds=15 * number),
            until=START + timedelta(seconds=15 * number + 15),
            canary=Tally(total=float(draw.poisson(canary))),
            stable=Tally(total=float(draw.poisson(stable))),
        )
        for number in range(count)
    ]


def told(canary: float, stable: float, weight: int = 10) -> str:
    some = blocks(canary, stable)
    return told_mismatch(compared((), some, weight), some, weight, None)


def test_a_canary_that_gets_its_weight_is_no_news() -> None:
    for scale in (1, 10, 1000, 100_000):
        assert told(scale, 9 * scale) == ""
        assert told(1.15 * scale, 9 * scale) == ""


def test_a_canary_that_loses_requests_or_gets_too_many_is_told() -> None:
    assert told(20, 1480).startswith("the canary gets 1.")
    assert told(20, 1480).endswith("% of the requests, by its weight 10 %")
    assert "the canary gets 50" in told(750, 750)


def test_it_is_seldom_told_without_reason() -> None:
    wrong = 0
    for seed in range(200):
        wealth = compared((), blocks(15, 135, count=60, seed=seed), 10)
        wrong += float(log_total(np.array([wealth]))[0]) >= log(20)
    assert wrong <= 10


def test_all_or_nothing_is_no_split() -> None:
    some = blocks(100, 0)
    assert compared((), some, 100) == compared((), [], 100)
    assert compared((), some, 0) == compared((), [], 0)


def test_it_goes_on_where_it_was() -> None:
    some = blocks(20, 1480)
    assert compared(compared((), some[:7], 10), some[7:], 10) == compared((), some, 10)
