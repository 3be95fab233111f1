from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf
from pathlib import Path

import pytest

from serinus.evidence.ledger import (
    BLOCKS_KEPT,
    Block,
    Ledger,
    Tally,
    read_ledger,
    write_ledger,
)
from serinus.evidence.pooling import pooled
from serinus.evidence.wealth import UNITS_PER_NAT
from serinus.resource.objective import Objective, Preset, WorseThanStable

START = datetime(2030, 1, 1, tzinfo=UTC)


def block(number: int) -> Block:
    return Block(
        since=START + timedelta(seconds=15 * number),
        until=START + timedelta(seconds=15 * number + 15),
        canary=Tally(total=100, bad=number % 3, buckets=((0.25, 90.0), (inf, 100.0))),
        stable=Tally(total=900),
    )


def ledger(count: int) -> Ledger:
    return (
        Ledger(rollout="bbb")
        .beginning({"abc": START})
        .extended({"abc": [block(number) for number in range(count)]})
    )


def test_what_is_written_is_what_is_read() -> None:
    assert read_ledger(write_ledger(ledger(3))) == ledger(3)


ERRORS = Objective(preset=Preset.ERROR_RATE, limit="5%")


def bet_on(count: int) -> Ledger:
    counted = ledger(count)
    return counted.staked({"abc": ERRORS}, {}, START).split_as(10, counted.of("abc"), START)


def test_what_is_staked_is_written_with_it() -> None:
    assert bet_on(9).told["abc"].bad == 9
    assert read_ledger(write_ledger(bet_on(9))) == bet_on(9)


def test_what_an_edited_objective_had_lost_in_bets_is_not_there_for_the_next_one() -> None:
    """`abc` was good for many minutes, so that most of what was bet against it is gone."""
    objectives = {"abc": ERRORS, "def": ERRORS}
    good = [replace(block(number), canary=Tally(total=100)) for number in range(400)]
    before = ledger(0).beginning(dict.fromkeys(objectives, START)).extended({"abc": good})
    before = before.staked(objectives, {}, START)
    assert before.weights["abc"] == before.weights["def"]
    assert before.told["abc"].against < -1

    edited = {"new": ERRORS, "def": ERRORS}
    after = before.beginning(dict.fromkeys(edited, START)).staked(edited, {}, START)

    lost = before.told["abc"].against * UNITS_PER_NAT
    assert after.weights["def"] == before.weights["def"]
    assert after.weights["new"] == pytest.approx(before.weights["abc"] + lost, abs=2)


def test_stakes_of_another_format_start_over_from_the_blocks() -> None:
    text = write_ledger(bet_on(9)).replace('"stakes":{"format":3', '"stakes":{"format":0')
    old = read_ledger(text)
    assert (old.accounts, old.told, old.weights) == ({}, {}, {})
    assert old.staked({"abc": ERRORS}, {}, START).told == bet_on(9).told


STORED_BEFORE = Path(__file__).with_name("stakes_of_format_2.json").read_text()
"""By the version before calm services were bet on by other ratios: six blocks of such a one."""
WORSE = Objective(preset=Preset.ERROR_RATE, worse_than_stable=WorseThanStable(by="0.5%"))


def test_a_rollout_under_way_at_an_upgrade_is_bet_on_anew_from_all_that_was_counted() -> None:
    before = read_ledger(STORED_BEFORE)
    assert (before.rollout, len(before.of("abc")), before.told) == ("bbb", 6, {})
    assert before.variation_of("abc").dispersion == 0.02

    new = block(6)
    after = before.extended({"abc": [new]}).staked({"abc": WORSE}, {"abc": (new,)}, START)

    counted = {"abc": (*before.of("abc"), new)}
    afresh = Ledger(rollout="bbb").beginning({"abc": START}).knowing(before.variations)
    afresh = afresh.extended(counted).staked({"abc": WORSE}, {}, START)
    assert after.told == afresh.told
    assert after.told["abc"].bad == 18 + new.canary.bad
    assert read_ledger(write_ledger(after)) == after


def test_an_account_that_cannot_be_read_starts_over_from_the_blocks() -> None:
    text = write_ledger(bet_on(9)).replace('"minutes"', '"minuets"')
    again = read_ledger(text).staked({"abc": ERRORS}, {}, START)
    assert again.told == bet_on(9).told


def test_objectives_that_are_gone_leave_no_stakes_behind() -> None:
    other = ERRORS.model_copy(update={"limit": "3%"})
    after = bet_on(9).beginning({"def": START}).staked({"def": other}, {}, START)
    assert set(after.accounts) == set(after.told) == set(after.weights) == {"def"}


def test_what_cannot_be_read_is_an_empty_ledger() -> None:
    by_hand = '{"format": 1, "rollout": "x", "begun": {}, "blocks": []}'
    for text in ("", "[]", "null", '{"format": 99}', by_hand, write_ledger(ledger(1))[:-9]):
        assert read_ledger(text) == Ledger()


def after_hours(blocks: int) -> tuple[Block, ...]:
    """One block added at a time, as looks do."""
    grown = Ledger()
    for number in range(blocks):
        grown = grown.extended({"abc": [block(number)]})
    return grown.of("abc")


def test_old_blocks_are_merged_and_none_of_their_events_is_lost() -> None:
    blocks = after_hours(BLOCKS_KEPT * 10)
    assert len(blocks) == BLOCKS_KEPT
    assert sum(each.canary.total for each in blocks) == BLOCKS_KEPT * 10 * 100
    assert blocks[0].since == START
    assert all(one.until == other.since for one, other in pairwise(blocks))


def test_the_newest_blocks_stay_as_they_were() -> None:
    blocks = after_hours(BLOCKS_KEPT * 10)
    count = BLOCKS_KEPT // 2
    newest = [block(number) for number in range(BLOCKS_KEPT * 10 - count, BLOCKS_KEPT * 10)]
    assert list(blocks[-count:]) == newest


def test_a_step_of_hours_keeps_its_evidence_apart_from_what_was_before() -> None:
    blocks = after_hours(BLOCKS_KEPT * 10)
    longest = max(each.until - each.since for each in blocks)
    whole = blocks[-1].until - blocks[0].since
    assert longest < whole / 10


def test_all_blocks_as_one_are_what_a_restart_adds_up_whatever_was_merged() -> None:
    """Of counts that are no whole numbers, whose sum depends on the order to the last bit."""
    grown = Ledger().beginning({"abc": START})
    for number in range(BLOCKS_KEPT * 3):
        part = replace(block(number), stable=Tally(total=number / 7, bad=number / 13))
        grown = grown.extended({"abc": [part]})
        assert grown.sums["abc"] == pooled(read_ledger(write_ledger(grown)).of("abc"))


def test_an_objective_that_was_away_is_not_added_to_what_it_was() -> None:
    back = ledger(3).beginning({"def": START}).beginning({"abc": START})
    assert back.extended({"abc": [block(7)]}).sums == {"abc": block(7)}


def test_a_ledger_of_twenty_latency_objectives_fits_into_a_config_map() -> None:
    """Each block of a thousand requests a second."""
    buckets = tuple((edge, 15e3) for edge in (*(0.125 * number for number in range(14)), inf))
    tally = Tally(total=15e3, bad=15e3, buckets=buckets)
    blocks = [
        Block(since=START, until=START, canary=tally, stable=tally) for _ in range(BLOCKS_KEPT)
    ]
    full = Ledger().extended({f"objective-{number}": blocks for number in range(20)})
    assert len(write_ledger(full)) < 2**20


def test_many_objectives_on_wide_histograms_fit_into_a_config_map_with_every_event() -> None:
    """Twenty objectives and as many segments, on the widest histogram that Prometheus makes."""
    buckets = tuple((edge, 15e3) for edge in (*(0.125 * number for number in range(160)), inf))
    tally, names = Tally(total=15e3, bad=15e3, buckets=buckets), [f"o-{n:016}" for n in range(40)]
    known = Ledger(rollout="bbb").beginning(dict.fromkeys(names, START))
    end = START + timedelta(seconds=15 * 12)
    for number in range(12):
        since = START + timedelta(seconds=15 * number)
        until = since + timedelta(seconds=15)
        new = Block(since=since, until=until, canary=tally, stable=tally)
        known = known.extended({name: [new] for name in names})
    assert len(write_ledger(known)) < 0.9 * 2**20
    for blocks in known.blocks.values():
        assert sum(each.canary.total for each in blocks) == 15e3 * 12
        assert (blocks[0].since, blocks[-1].until) == (START, end)


def test_edges_that_only_one_of_two_has_are_left_out() -> None:
    one = Tally(total=3, buckets=((0.1, 1.0), (0.5, 2.0), (inf, 3.0)))
    other = Tally(total=4, buckets=((0.5, 1.0), (1.0, 2.0), (inf, 4.0)))
    assert one + other == Tally(total=7, buckets=((0.5, 3.0), (inf, 7.0)))
