"""The counts equal the truth minus what was never scraped."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

from hypothesis import event, given
from hypothesis import strategies as st

from serinus.evidence.ledger import Ledger
from serinus.observe.watch import Watch, close_blocks, count, due_fetches, open_objectives
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.signals.blocks import objective_key
from tests.properties.exporter import PodLife, Scraped, scrape, series_of, ups_of, within

START = datetime(2030, 1, 1, tzinfo=UTC)
SCRAPE_SECONDS = 5
INTERVAL_SECONDS = 15
END = 240
PAUSES = st.lists(st.integers(1, 90), min_size=4, max_size=30)
"""Seconds between looks; enough of them for some blocks, mostly."""
ERROR_RATE = Objective(preset=Preset.ERROR_RATE, worse_than_stable=WorseThanStable(by="1%"))


@st.composite
def pods(draw: st.DrawFn, revision: str) -> tuple[PodLife, ...]:
    lives = []
    for number in range(draw(st.integers(1, 3))):
        starts_at = draw(st.integers(0, 90))
        ends_at = draw(st.integers(starts_at + 20, END))
        events = draw(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), min_size=1))
        first = draw(st.sampled_from(range(SCRAPE_SECONDS)))
        failed = draw(st.sets(st.integers(0, END // SCRAPE_SECONDS), max_size=12))
        lives.append(
            PodLife(
                name=f"fraud-{revision}-7d4b9-{number}",
                starts_at=starts_at,
                ends_at=ends_at,
                scrape_offset=first,
                events=tuple(events),
                restarts=frozenset(draw(st.sets(st.integers(starts_at, ends_at), max_size=2))),
                failed_scrapes=frozenset(_without_long_gaps(failed)),
            )
        )
    return tuple(lives)


def _without_long_gaps(failed: set[int]) -> set[int]:
    """Three failed scrapes in a row are bridged; more of them lose what they hid."""
    return {n for n in failed if not {n - 1, n - 2, n - 3} <= failed}


def look(watch: Watch, seen: list[Scraped], *, has_up: bool) -> Ledger:
    answers = {}
    for fetch in due_fetches(open_objectives(watch)):
        make = ups_of if fetch.query.startswith("up{") else series_of
        series = [one for each in seen for one in make(each)]
        if make is ups_of and not has_up:
            series = []
        answers[fetch] = within(series, fetch.until - fetch.window_seconds, fetch.until)
    opened = open_objectives(watch)
    return watch.current_ledger.extended(close_blocks(opened, count(opened, answers)))


def watch_at(
    second: float, ledger: Ledger, seen: list[Scraped], running: Iterable[Scraped]
) -> Watch:
    return Watch(
        namespace="prod",
        model="fraud",
        stable="aaa",
        canary="bbb",
        rollout="bbb/1",
        objectives=(ERROR_RATE,),
        ledger=ledger,
        evidence_since=START - timedelta(seconds=1),
        now=START + timedelta(seconds=second),
        interval_seconds=INTERVAL_SECONDS,
        scrape_interval_seconds=SCRAPE_SECONDS,
        pods_started_at={
            each.pod.name: START + timedelta(seconds=each.pod.starts_at) for each in seen
        },
        pods_running_since={
            each.pod.name: START + timedelta(seconds=each.pod.starts_at) for each in running
        },
    )


@given(
    canary=pods("bbb"),
    stable=pods("aaa"),
    pauses=PAUSES,
    has_up=st.booleans(),
)
def test_counts_equal_the_truth_minus_what_was_never_scraped(
    canary: tuple[PodLife, ...], stable: tuple[PodLife, ...], pauses: list[int], has_up: bool
) -> None:
    seen = [scrape(pod, START.timestamp(), SCRAPE_SECONDS) for pod in (*canary, *stable)]
    ledger, second = Ledger(), 0
    for pause in pauses:
        second += pause
        running = [each for each in seen if second < each.pod.ends_at]
        ledger = look(watch_at(second, ledger, seen, running), seen, has_up=has_up)
    blocks = ledger.of(objective_key(ERROR_RATE))
    if not blocks:
        return
    until = blocks[-1].until.timestamp()
    for revision, tallies in (
        ("bbb", [block.canary for block in blocks]),
        ("aaa", [block.stable for block in blocks]),
    ):
        of_track = [each for each in seen if revision in each.pod.name]
        bad = sum(each.truth(until, "500") for each in of_track)
        total = bad + sum(each.truth(until, "200") for each in of_track)
        counted_total = sum(tally.total for tally in tallies)
        counted_bad = sum(tally.bad for tally in tallies)
        is_visible = all(each.are_restarts_visible for each in of_track)
        event(f"visible: {is_visible}")
        if is_visible:
            assert (counted_total, counted_bad) == (total, bad)
        else:
            assert counted_total <= total


def test_a_container_that_ended_twice_within_a_minute_is_counted_on() -> None:
    """The kubelet remembers both beginnings; of one it does not know nothing is made yet."""
    lives = [
        PodLife(
            name=f"fraud-{revision}-7d4b9-0",
            starts_at=0,
            ends_at=END,
            scrape_offset=0,
            events=((5, 1),),
            restarts=frozenset(restarts),
            failed_scrapes=frozenset(),
        )
        for revision, restarts in (("bbb", {121, 161}), ("aaa", ()))
    ]
    seen = [scrape(life, START.timestamp(), SCRAPE_SECONDS) for life in lives]
    canary = lives[0].name
    young = replace(
        watch_at(200, Ledger(), seen, seen),
        pods_running_since={canary: START + timedelta(seconds=161), lives[1].name: START},
    )
    known = replace(young, pods_began_before={canary: (START, START + timedelta(seconds=121))})
    counted_until = [
        look(watch, seen, has_up=True).of(objective_key(ERROR_RATE))[-1].until
        for watch in (young, known)
    ]
    assert counted_until[0] <= START + timedelta(seconds=125)
    assert counted_until[1] >= START + timedelta(seconds=180)


@given(
    canary=pods("bbb"),
    stable=pods("aaa"),
    pauses=PAUSES,
    is_seen_twice=st.sampled_from(("aaa", "bbb", "")),
    later=st.integers(1, SCRAPE_SECONDS - 1),
)
def test_pods_that_two_jobs_scrape_are_never_counted_twice(
    canary: tuple[PodLife, ...],
    stable: tuple[PodLife, ...],
    pauses: list[int],
    is_seen_twice: str,
    later: int,
) -> None:
    """Both tracks or one of them, whatever the second job has in its labels and when it comes."""
    first = [scrape(pod, START.timestamp(), SCRAPE_SECONDS) for pod in (*canary, *stable)]
    second = [
        replace(
            scrape(_scraped_later(pod, later), START.timestamp(), SCRAPE_SECONDS), job="another"
        )
        for pod in (*canary, *stable)
        if is_seen_twice in pod.name
    ]
    ledger, now = Ledger(), 0
    for pause in pauses:
        now += pause
        ledger = look(watch_at(now, ledger, first, []), first + second, has_up=True)
    for revision, total in _counted(ledger).items():
        seen = [each for each in first + second if revision in each.pod.name]
        most = {each.pod.name: 0.0 for each in seen}
        for each in seen:
            truth = each.truth(inf, "200") + each.truth(inf, "500")
            most[each.pod.name] = max(most[each.pod.name], truth)
        assert total <= sum(most.values())


def _scraped_later(pod: PodLife, seconds: int) -> PodLife:
    return replace(pod, scrape_offset=(pod.scrape_offset + seconds) % SCRAPE_SECONDS)


def _counted(ledger: Ledger) -> dict[str, float]:
    blocks = ledger.of(objective_key(ERROR_RATE))
    return {
        "bbb": sum(block.canary.total for block in blocks),
        "aaa": sum(block.stable.total for block in blocks),
    }


@given(
    canary=pods("bbb"),
    stable=pods("aaa"),
    pauses=st.lists(st.integers(1, 60), min_size=1),
    are_running=st.booleans(),
)
def test_it_does_not_matter_when_we_looked(
    canary: tuple[PodLife, ...],
    stable: tuple[PodLife, ...],
    pauses: list[int],
    are_running: bool,
) -> None:
    """An operator that was away for a while comes to the same blocks, told the same of pods."""
    seen = [scrape(pod, START.timestamp(), SCRAPE_SECONDS) for pod in (*canary, *stable)]
    running = seen if are_running else []
    often, second = Ledger(), 0
    for pause in pauses:
        second = min(second + pause, 290)
        often = look(watch_at(second, often, seen, running), seen, has_up=True)
    once = look(watch_at(second, Ledger(), seen, running), seen, has_up=True)
    assert often == once
