from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf, log

import pytest

from serinus.evidence.account import Account, Told
from serinus.evidence.block import Block
from serinus.evidence.error_rates import ErrorRates
from serinus.evidence.sequential import Hearing, Progress, judge_together, parts_of
from serinus.evidence.simulated import KnownDuration
from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.resource.status import Verdict, VerdictValue
from serinus.signals.tally import Tally
from tests.architecture.sources import ROOT
from tests.unit.evidence import bookkeeping
from tests.unit.evidence.bookkeeping import staked

START = datetime(2030, 1, 1, tzinfo=UTC)
RATES = ErrorRates(false_rollback=0.01, false_promote=0.05)
STEP = Progress(weight_percent=10, next_weight_percent=50, step_entered_at=START)
ERRORS = Objective(preset=Preset.ERROR_RATE, worse_than_stable=WorseThanStable(by="0.5%"))
NULLS = Objective(preset=Preset.NULL_OUTPUTS, limit="2%")
INPUTS = Objective(preset=Preset.MISSING_INPUTS, limit="5%")
GAUGE = Objective(name="drift", value="drift", limit="0.5")


def blocks(canary: Tally, stable: Tally, minutes: int = 6) -> list[Block]:
    return [
        Block(
            since=START + timedelta(minutes=number),
            until=START + timedelta(minutes=number + 1),
            canary=Tally(total=canary.total / minutes, bad=canary.bad / minutes),
            stable=Tally(total=stable.total / minutes, bad=stable.bad / minutes),
        )
        for number in range(minutes)
    ]


BAD = blocks(Tally(total=2540, bad=61), Tally(total=25310, bad=127))
GOOD = blocks(Tally(total=25400, bad=60), Tally(total=253100, bad=600))
FEW = blocks(Tally(total=216, bad=1), Tally(total=4104, bad=20))


def heard(
    objective: Objective, seen: list[Block], part: float = 0.0, **changes: object
) -> Hearing:
    said = bookkeeping.told(staked(Account(), objective, seen, None), objective)
    hearing = Hearing(objective=objective, blocks=seen, told=said, part=part)
    return replace(hearing, **changes)  # type: ignore[arg-type] # fields of a hearing


def told(objective: Objective, against: float, part: float, bad: float = 100.0) -> Hearing:
    said = Told(against=against, within=(5.0,) * 5, bad=bad)
    return Hearing(objective=objective, blocks=GOOD, told=said, part=part)


def verdicts(*hearings: Hearing, progress: Progress = STEP) -> list[Verdict]:
    return list(judge_together(hearings, RATES, progress))


def values(*hearings: Hearing, progress: Progress = STEP) -> list[str]:
    return [str(verdict.verdict) for verdict in verdicts(*hearings, progress=progress)]


def test_a_failure_explains_itself_with_numbers() -> None:
    (verdict,) = verdicts(heard(ERRORS, BAD))
    assert verdict.verdict is VerdictValue.FAIL
    assert verdict.message.startswith(
        "canary 2.4 % errors vs 0.5 % (61 of 2,540 vs 127 of 25,310) in 6 min; "
        "chance of this if it were no worse than stable: under 1 in "
    )
    assert verdict.calibration == "unverified"


def test_a_pass_says_what_is_proven() -> None:
    (verdict,) = verdicts(heard(ERRORS, GOOD))
    assert verdict.verdict is VerdictValue.PASS
    assert verdict.message == (
        "canary 0.24 % errors vs 0.24 % (60 of 25,400 vs 600 of 253,100) in 6 min; proven (5 % "
        "chance to be wrong) to be less than 1 point worse than stable, as 50 % "
        "of the traffic asks"
    )


def test_waiting_says_what_is_missing_and_how_long_it_takes() -> None:
    """At 12 requests a second and 5 %; the last step asks for the margin itself."""
    progress = replace(STEP, weight_percent=5, next_weight_percent=100)
    objective = ERRORS.model_copy(update={"worse_than_stable": WorseThanStable(by="1%")})
    (verdict,) = verdicts(heard(objective, FEW), progress=progress)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert verdict.message.startswith(
        "canary 0.46 % errors vs 0.49 % (1 of 216 vs 20 of 4,104) in 6 min; not yet proven to be "
        "less than 1 point worse than stable, as all of the traffic asks; at 12 requests/s "
        "and 5 % a 1-point regression shows in about "
    )


def test_the_documentation_shows_what_is_told() -> None:
    progress = replace(STEP, weight_percent=5, next_weight_percent=100)
    objective = ERRORS.model_copy(update={"worse_than_stable": WorseThanStable(by="1%")})
    shown = " ".join((ROOT / "docs" / "evidence.md").read_text().split())
    (failed,), (waits,) = (
        verdicts(heard(ERRORS, BAD)),
        verdicts(heard(objective, FEW), progress=progress),
    )
    for verdict in (failed, waits):
        assert f"{verdict.objective}: {verdict.message}" in shown


@pytest.mark.parametrize(
    ("limit", "than"),
    [
        ("250ms", "250 ms"),
        ("200ms", "250 ms (the histogram's edge next to 200 ms)"),
        ("2s", "1 s (the histogram's edge next to 2 s)"),
    ],
)
def test_a_limit_on_latency_is_told_with_the_edge_it_is_judged_at(limit: str, than: str) -> None:
    """What is below it can't be told, so nothing may be said of it."""
    objective = Objective(preset=Preset.LATENCY, limit=limit)
    buckets = ((0.1, 900.0), (0.25, 999.0), (1.0, 1000.0), (inf, 1000.0))
    many = [
        replace(block, canary=Tally(total=1000, buckets=buckets), stable=Tally())
        for block in blocks(Tally(), Tally(), minutes=20)
    ]
    (verdict,) = verdicts(heard(objective, many))
    assert verdict.verdict is VerdictValue.PASS
    assert f"to be slower than {than} in less than 2 % of requests" in verdict.message


def test_a_higher_weight_asks_for_more() -> None:
    assert values(heard(ERRORS, FEW)) == ["undecided"]
    low = replace(STEP, weight_percent=1, next_weight_percent=5)
    some = blocks(Tally(total=600, bad=3), Tally(total=59400, bad=297))
    assert values(heard(ERRORS, some), progress=low) == ["pass"]
    high = replace(STEP, weight_percent=50, next_weight_percent=100)
    assert values(heard(ERRORS, some), progress=high) == ["undecided"]


def test_a_limit_that_stable_breaks_as_well_holds_and_does_not_fail() -> None:
    outage = blocks(Tally(total=2540, bad=254), Tally(total=25310, bad=2531))
    assert values(heard(NULLS, outage)) == ["undecided"]
    alone = blocks(Tally(total=2540, bad=254), Tally(total=25310, bad=25))
    (verdict,) = verdicts(heard(NULLS, alone))
    assert verdict.verdict is VerdictValue.FAIL
    assert "if it held its limit, or were no worse than stable" in verdict.message


def test_without_stable_a_limit_speaks_for_itself() -> None:
    """As on a step with all of the traffic."""
    bad = blocks(Tally(total=2540, bad=254), Tally())
    assert values(heard(NULLS, bad)) == ["fail"]
    held = blocks(Tally(total=2540, bad=25), Tally())
    assert values(heard(NULLS, held)) != ["fail"]
    assert values(heard(ERRORS, bad)) == ["undecided"]


def test_one_budget_serves_all_objectives() -> None:
    part = log(1 / 3)
    enough = log(200 * 3) + 0.01
    assert values(told(ERRORS, enough, part), told(NULLS, 0, part), told(INPUTS, 0, part)) == [
        "fail",
        "pass",
        "pass",
    ]
    assert values(told(ERRORS, enough - 0.1, part), told(NULLS, -9, part))[0] != "fail"


def test_several_that_are_a_little_suspect_fail_together() -> None:
    part, some = log(1 / 3), log(200 * 3 / 2)
    assert values(told(ERRORS, some, part), told(NULLS, some, part), told(INPUTS, 0, part)) == [
        "fail",
        "fail",
        "pass",
    ]


def test_fewer_than_four_bad_events_are_a_coincidence() -> None:
    assert values(told(ERRORS, 50.0, 0.0, bad=3.0)) == ["pass"]
    assert values(told(ERRORS, 50.0, 0.0, bad=4.0)) == ["fail"]


def test_a_rate_below_half_the_margin_never_ends_a_rollout() -> None:
    """However good stable is: 0.2 % is no harm to whom half a point is."""
    stable = Tally(total=253100)
    (low,) = verdicts(heard(ERRORS, blocks(Tally(total=25400, bad=50), stable)))
    (high,) = verdicts(heard(ERRORS, blocks(Tally(total=25400, bad=150), stable)))
    assert low.verdict is VerdictValue.PASS
    assert high.verdict is VerdictValue.FAIL


def test_an_advisory_one_is_judged_on_its_own() -> None:
    advisory = NULLS.model_copy(update={"advisory": True})
    part = log(0.5)
    assert values(told(ERRORS, 0.0, part), told(advisory, 50.0, part)) == ["pass", "fail"]


def test_what_an_advisory_one_says_neither_blames_the_others_nor_holds_them_up() -> None:
    advisory = NULLS.model_copy(update={"advisory": True})
    part, nearly = log(0.5), log(390)
    assert values(told(ERRORS, nearly, part), told(advisory, nearly, part))[0] != "fail"
    assert values(told(ERRORS, nearly, part), told(NULLS, nearly, part)) == ["fail", "fail"]
    calm = Told(against=0.0, within=(0.0, 5.0, 5.0, 5.0, 5.0), bad=9.0)
    hearing = Hearing(objective=ERRORS, blocks=GOOD, told=calm, part=part)
    assert values(hearing, told(advisory, 50.0, part)) == ["pass", "fail"]
    assert values(hearing, told(NULLS, 5.0, part)) == ["undecided", "pass"]


def test_a_suspect_canary_is_not_let_on_before_the_whole_margin_is_excluded() -> None:
    suspect = Told(against=2.0, within=(0.0, 5.0, 5.0, 5.0, 5.0), bad=9.0)
    hearing = Hearing(objective=ERRORS, blocks=GOOD, told=suspect)
    (verdict,) = verdicts(hearing)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert "suspect" in verdict.message
    cleared = replace(hearing, told=replace(suspect, within=(5.0,) * 5))
    assert values(cleared) == ["pass"]


def test_without_fresh_evidence_nothing_passes_and_what_failed_still_fails() -> None:
    trouble = "Prometheus does not answer"
    (held,) = verdicts(heard(ERRORS, GOOD, trouble=trouble))
    assert held.verdict is VerdictValue.UNDECIDED
    assert held.message.startswith("Prometheus does not answer; before: canary 0.24 % errors")
    assert values(heard(ERRORS, BAD, trouble=trouble)) == ["fail"]
    (blind,) = verdicts(Hearing(objective=ERRORS, blocks=[], trouble=trouble))
    assert blind.message == trouble


def test_a_step_without_any_data_of_its_own_is_not_passed() -> None:
    entered = replace(STEP, step_entered_at=START + timedelta(minutes=6))
    (verdict,) = verdicts(heard(ERRORS, GOOD), progress=entered)
    assert verdict.verdict is VerdictValue.UNDECIDED
    assert verdict.message == "no data from the canary on this step yet"


def test_what_else_is_to_be_told_is_told_and_decides_nothing() -> None:
    note = "the canary gets 2 % of the requests, by its weight 10 %"
    (verdict,) = verdicts(heard(ERRORS, GOOD, note=note))
    assert verdict.verdict is VerdictValue.PASS
    assert verdict.message.endswith(f"; {note}")


def test_a_gauge_holds_and_never_fails() -> None:
    bad = blocks(Tally(total=600, bad=600), Tally(total=600, bad=600))
    assert values(Hearing(objective=GAUGE, blocks=bad)) == ["undecided"]


def test_without_weights_all_have_even_parts() -> None:
    assert parts_of({}, ["a", "b"]) == pytest.approx({"a": -log(2), "b": -log(2)})
    assert parts_of({"a": -10_000, "b": 0}, ["a"]) == {"a": -1.0}


HOUR = KnownDuration(seconds=3600, minutes=65, looks_a_minute=4, largest_weight_percent=50)
KNOWN = replace(RATES, duration=HOUR)
ENOUGH_IN_TIME = log(200) - 0.2
"""Of evidence with a dispersion that is guessed: too little at any time."""


def known(*hearings: Hearing, minutes: float = 10, rates: ErrorRates = KNOWN) -> list[Verdict]:
    return list(judge_together([replace(h, minutes=minutes) for h in hearings], rates, STEP))


def test_less_evidence_is_enough_where_the_duration_is_known() -> None:
    suspect = told(ERRORS, ENOUGH_IN_TIME, part=0.0)

    (in_time,) = known(suspect)

    assert values(suspect) != ["fail"]
    assert in_time.verdict is VerdictValue.FAIL
    assert "1 in 156 is enough, as simulated for 60 min" in in_time.message


def test_once_it_is_over_more_is_asked_for_than_at_any_time() -> None:
    suspect = told(ERRORS, log(390), part=0.0)

    (too_late,) = known(suspect, minutes=65)

    assert values(suspect) == ["fail"]
    assert too_late.verdict is not VerdictValue.FAIL
    assert "1 in 400 is asked for, since the 60 min simulated are over" in too_late.message


def test_where_the_duration_is_known_each_objective_has_to_be_enough_by_itself() -> None:
    both = [told(each, log(390), part=-log(2)) for each in (ERRORS, NULLS)]

    assert values(*both) == ["fail", "fail"]
    assert "fail" not in [str(each.verdict) for each in known(*both, minutes=65)]


def test_an_objective_that_nothing_was_simulated_of_keeps_its_part() -> None:
    slow = Objective(preset=Preset.LATENCY, limit="250ms")
    hearing = replace(told(slow, log(390), part=-log(2)), minutes=None)

    def fails(against: float) -> bool:
        heard = replace(hearing, told=replace(hearing.told, against=against))
        return judge_together([heard], KNOWN, STEP)[0].verdict is VerdictValue.FAIL

    assert not fails(log(399))
    assert fails(log(401))


def test_replays_may_ask_for_more_than_a_simulated_threshold_does() -> None:
    suspect = replace(told(ERRORS, log(300), part=0.0), is_calibrated=True)

    (quiet,) = known(suspect, rates=replace(KNOWN, calibrated_to_fail=log(85)))
    (noisy,) = known(suspect, rates=replace(KNOWN, calibrated_to_fail=log(1000)))

    assert quiet.verdict is VerdictValue.FAIL
    assert noisy.verdict is not VerdictValue.FAIL
    assert "simulated" not in noisy.message
