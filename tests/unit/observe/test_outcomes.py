"""Outcomes: late truths count for the version that predicted, whichever pod hears of them."""

from datetime import UTC, datetime, timedelta

from serinus.evidence.ledger import Ledger
from serinus.observe.measure import Measured, measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.segments import by_segment
from serinus.signals.blocks import objective_key
from serinus.signals.tally import Tally, tallied
from tests.unit.observe.served import Pod, Prometheus

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
SCRAPES = 8
COUNTED = SCRAPES - 1
"""The newest scrape may be under way."""
BY_COUNTRY = {"segments": {"country": ["DE", "FR"]}}
QUALITY = Objective(preset=Preset.QUALITY, worse_than_stable=WorseThanStable(by="2%"))


async def measured(
    *objectives: Objective, versions: tuple[str, str] = ("7", "8")
) -> tuple[Measured, list[tuple[Tally, Tally]]]:
    """Stable's pod hears of all truths: at each scrape 9 right and 1 wrong of its own, and of the
    canary's 3 right in DE and 1 wrong in FR."""
    stable = Pod("fraud-aaa-1", None, versions[0], BY_COUNTRY)
    canary = Pod("fraud-bbb-1", None, versions[1], BY_COUNTRY)
    hears = stable.monitor.record_outcome_of
    for scrape in range(-2, SCRAPES + 1):
        for right in [True] * 9 + [False]:
            hears("yes", "yes" if right else "no", version=versions[0])
        for country in ["DE", "DE", "DE", "FR"] if scrape >= 1 else []:
            truth = "yes" if country == "DE" else "no"
            hears("yes", truth, version=versions[1], segments={"country": country})
        for pod in (stable, canary):
            pod.scraped(START + timedelta(seconds=15 * scrape))
    watch = Watch(
        namespace="prod", model="fraud", stable="aaa", canary="bbb", rollout="r1",
        objectives=objectives, ledger=Ledger(), evidence_since=START,
        now=START + timedelta(seconds=15 * SCRAPES), interval_seconds=15.0,
        versions=versions,
    )  # fmt: skip
    found = await measure(watch, Prometheus((stable, canary)))
    blocks = [found.ledger.of(objective_key(each)) for each in objectives]
    return found, [
        (tallied(b.canary for b in those), tallied(b.stable for b in those)) for those in blocks
    ]


async def test_a_truth_heard_by_stables_pod_counts_for_the_canary_that_predicted() -> None:
    found, [(canary, stable)] = await measured(QUALITY)
    assert found.troubles == {}
    assert canary == Tally(total=4 * COUNTED, bad=COUNTED)
    assert stable == Tally(total=10 * COUNTED, bad=COUNTED)


async def test_queries_of_ones_own_name_the_version_and_are_counted_as_exactly() -> None:
    counted = 'model_outcomes_total{model_version="$(version)",$(segment)'
    own = Objective(
        name="accuracy",
        good=f'sum({counted},correct="true"}})',
        total=f"sum({counted}}})",
        limit="50%",
    )
    _, [(canary, stable)] = await measured(own)
    assert canary == Tally(total=4 * COUNTED, bad=COUNTED)
    assert stable == Tally(total=10 * COUNTED, bad=COUNTED)


async def test_two_revisions_of_one_version_are_not_compared_with_themselves() -> None:
    """Nothing but the version tells them apart, so what is counted would be the same of both."""
    counted = 'model_outcomes_total{model_version="$(version)"'
    good, total = f'{counted},correct="true"}}', f"{counted}}}"
    own = Objective(name="own", good=f"sum({good})", total=f"sum({total})", limit="50%")
    found, [(canary, _)] = await measured(own, versions=("7", "7"))
    assert "the same for canary and stable" in found.trouble
    assert canary == Tally()


async def test_each_segment_is_an_objective_beside_the_whole() -> None:
    by_country = QUALITY.model_copy(update={"by": "country", "segments": ("DE", "FR")})
    parts = by_segment((by_country,))
    assert [each.title for each in parts] == ["quality", "quality[DE]", "quality[FR]"]
    _, tallies = await measured(*parts)
    assert [canary for canary, _ in tallies] == [
        Tally(total=4 * COUNTED, bad=COUNTED),
        Tally(total=3 * COUNTED),
        Tally(total=COUNTED, bad=COUNTED),
    ]


async def test_versions_of_one_name_are_told_apart_by_their_pods() -> None:
    _, [(canary, stable)] = await measured(QUALITY, versions=("7", "7"))
    assert canary == Tally()
    assert stable == Tally(total=14 * COUNTED, bad=2 * COUNTED)


async def test_no_objective_has_segments_that_it_was_not_given() -> None:
    assert by_segment((QUALITY,)) == (QUALITY,)


def test_outcomes_count_once_labels_have_had_time_to_come() -> None:
    """Of both tracks: complaints come before praise, and stable's are of all ages."""
    quality = Objective(preset=Preset.QUALITY, limit="10%", label_delay="1h")
    watch = Watch(
        namespace="prod", model="fraud", stable="aaa", canary="bbb", rollout="r1",
        objectives=(quality,), ledger=Ledger(), evidence_since=START,
        now=START + timedelta(minutes=5), interval_seconds=15.0,
    )  # fmt: skip
    assert watch.current_ledger.begun[objective_key(quality)] == START + timedelta(hours=1)


async def test_labels_are_a_share_of_what_was_predicted_as_much_earlier_as_they_are_late() -> None:
    canary = Pod("fraud-bbb-1", None, "8")
    delay, quality = 60, Objective(preset=Preset.QUALITY, limit="10%", label_delay="1m")
    for scrape in range(16):
        # 10 predictions before each scrape, 100 once their labels come too late to be seen.
        made = 10 if scrape <= 10 else 100
        canary.answer([["x"]] * made, ["yes"] * made)
        if scrape >= 4:
            canary.monitor.record_outcome_of("yes", "yes", version="8")
        canary.scraped(START + timedelta(seconds=15 * scrape))
    watch = Watch(
        namespace="prod", model="fraud", stable="aaa", canary="bbb", rollout="r1",
        objectives=(quality,), ledger=Ledger(), evidence_since=START,
        now=START + timedelta(seconds=15 * 15), interval_seconds=15.0, versions=("7", "8"),
    )  # fmt: skip
    found = await measure(watch, Prometheus((canary,)))
    counted = tallied(b.canary for b in found.ledger.of(objective_key(quality)))
    scrapes = (15 * 14 - delay) / 15
    assert (counted.total, counted.predicted) == (scrapes, 10 * scrapes)
