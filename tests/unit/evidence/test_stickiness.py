from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from serinus.evidence.block import Block
from serinus.evidence.stickiness import told_stickiness
from serinus.signals.tally import Tally

START = datetime(2030, 1, 1, tzinfo=UTC)
Counts = list[tuple[float, float]]


def blocks(counts: Counts) -> list[Block]:
    return [
        Block(
            since=START + timedelta(seconds=15 * number),
            until=START + timedelta(seconds=15 * number + 15),
            canary=Tally(total=float(canary)),
            stable=Tally(total=float(stable)),
        )
        for number, (canary, stable) in enumerate(counts)
    ]


def by_request(draw: np.random.Generator, weight: float, a_block: float, looks: int) -> Counts:
    """Every request goes where chance sends it, in traffic that doubles within the hour."""
    rates = a_block * (1 + np.arange(looks) / looks)
    return [(draw.poisson(r * weight), draw.poisson(r * (1 - weight))) for r in rates]


def by_client(draw: np.random.Generator, clients: int, weight: float, a_block: float) -> Counts:
    """Every client goes where chance has sent it once."""
    share = draw.binomial(clients, weight) / clients
    return by_request(draw, share, a_block, 60)


def share_told(clients: int) -> float:
    draw = np.random.default_rng(clients)
    told = [
        told_stickiness(blocks(by_client(draw, clients, 0.1, 1500)), 10, None) for _ in range(200)
    ]
    return sum(bool(each) for each in told) / len(told)


def test_clients_that_stick_are_told() -> None:
    """Unless as many as the weight says stick to the canary, as 2 of 20 do in 28 % of cases."""
    assert share_told(20) > 0.65
    assert share_told(200) > 0.55
    assert share_told(200_000) == 0


def test_it_says_what_it_saw_and_what_it_may_be() -> None:
    told = told_stickiness(blocks([(200, 1300)] * 40), 10, None)
    assert told.startswith("the canary gets 13.3 % of 58,500 requests, by its weight 10 %")
    assert "which is no chance: callers stick to a version (session affinity" in told


def test_too_few_may_also_come_of_callers_that_are_not_split() -> None:
    told = told_stickiness(blocks([(120, 1380)] * 40), 10, None)
    assert "8 % of 58,500 requests" in told
    assert "some callers come by no route, or stick to a version" in told


@pytest.mark.parametrize("a_block", [1.5, 150, 15_000, 1_500_000])
@pytest.mark.parametrize("weight", [1, 10, 50])
def test_requests_shared_out_one_by_one_are_no_news(a_block: float, weight: int) -> None:
    draw = np.random.default_rng(int(a_block))
    for _ in range(20):
        counts = by_request(draw, weight / 100, a_block, 240)
        assert told_stickiness(blocks(counts), weight, None) == ""


def test_tracks_that_are_scraped_at_other_moments_are_no_news() -> None:
    """The canary is read 10 s of 15 later, while traffic grows ninefold."""
    looks = np.arange(41)
    rates = 15_000 * (1 + 8 * looks / 40)
    later = rates[:-1] + (rates[1:] - rates[:-1]) * 10 / 15
    counts = list(zip(0.1 * later, 0.9 * rates[:-1], strict=True))
    assert told_stickiness(blocks(counts), 10, None) == ""


def test_what_came_before_the_weight_was_taken_over_does_not_count() -> None:
    entered_at = START + timedelta(seconds=150)
    before, first = [(100.0, 1400.0)] * 10, [(300.0, 1200.0)]
    counts = before + first + [(750.0, 750.0)] * 20
    assert told_stickiness(blocks(counts), 50, entered_at) == ""
    assert told_stickiness(blocks(before), 50, entered_at) == ""


def test_all_or_nothing_and_what_can_not_be_counted_say_nothing() -> None:
    assert told_stickiness([], 10, None) == ""
    assert told_stickiness(blocks([(100, 0)] * 20), 100, None) == ""
    assert told_stickiness(blocks([(float("nan"), float("inf"))] * 20), 10, None) == ""
