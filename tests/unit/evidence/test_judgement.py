from datetime import UTC, datetime, timedelta
from math import inf, nan

import pytest

from serinus.evidence.judgement import judge
from serinus.evidence.ledger import Block, Tally
from serinus.resource.objective import Objective, Preset, Worse, WorseThanStable
from serinus.resource.status import Verdict, VerdictValue

STEP = datetime(2030, 1, 1, 14, 3, tzinfo=UTC)
PASS, FAIL, UNDECIDED = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNDECIDED

NULLS = Objective(preset=Preset.NULL_OUTPUTS, worse_than_stable=WorseThanStable(by="1%"))
ERRORS = Objective(preset=Preset.ERROR_RATE, limit="5%")
EDGES = (0.1, 0.25, 1.0, inf)


def share(bad: float, total: float) -> Tally:
    return Tally(total=total, bad=bad)


def slow(*counts: float, edges: tuple[float, ...] = EDGES) -> Tally:
    return Tally(total=counts[-1], buckets=tuple(zip(edges, counts, strict=True)))


def blocks(*tallies: tuple[Tally, Tally], since: datetime = STEP) -> list[Block]:
    """One block after the other, (canary, stable) each."""
    return [
        Block(
            since=since + timedelta(seconds=15 * number),
            until=since + timedelta(seconds=15 * number + 15),
            canary=canary,
            stable=stable,
        )
        for number, (canary, stable) in enumerate(tallies)
    ]


def verdict(objective: Objective, *tallies: tuple[Tally, Tally], trouble: str = "") -> Verdict:
    return judge(objective, blocks(*tallies), STEP, trouble)


def test_a_failure_is_told_with_all_its_numbers() -> None:
    bad = (share(12, 500), share(25, 5000))
    worst = (share(25, 1040), share(52, 10310))
    good = (share(0, 500), share(25, 5000))
    failed = verdict(NULLS, bad, good, bad, good, worst)
    assert failed.verdict is FAIL
    assert failed.message == (
        "canary 2.4 % null outputs (49 of 2,040) against 0.5 % of stable (102 of 20,310); "
        "at most 1 % more is allowed; bad in 3 of the last 5 windows"
    )
    assert (failed.canary, failed.stable, failed.limit) == ("2.4 %", "0.5 %", "≤ stable + 1 %")
    assert (failed.canary_samples, failed.stable_samples) == (2040, 20310)


def test_what_holds_passes() -> None:
    passed = verdict(NULLS, (share(3, 1200), share(3, 3000)))
    assert passed.verdict is PASS
    assert passed.message == (
        "canary 0.25 % null outputs (3 of 1,200) against 0.1 % of stable (3 of 3,000); "
        "at most 1 % more is allowed"
    )


def test_too_few_samples_decide_nothing_and_say_how_many_are_missing() -> None:
    undecided = verdict(ERRORS, (share(12, 12), share(0, 300)))
    assert undecided.verdict is UNDECIDED
    assert undecided.message == "12 of 50 requests needed so far"


def test_a_few_good_samples_pass_nothing_however_good_the_step_before() -> None:
    earlier = blocks((share(0, 500), share(0, 500)), since=STEP - timedelta(minutes=5))
    assert judge(ERRORS, [*earlier, *blocks((share(0, 12), share(0, 12)))], STEP).verdict is (
        UNDECIDED
    )


def test_a_stable_with_too_few_samples_is_compared_with_nothing() -> None:
    undecided = verdict(NULLS, (share(30, 120), share(0, 3)))
    assert undecided.verdict is UNDECIDED
    assert undecided.message.endswith("stable has shown 3 of 50 outputs needed to compare")


def test_an_absolute_limit_needs_no_stable() -> None:
    assert verdict(ERRORS, (share(1, 120), share(0, 0))).verdict is PASS
    broken = [(share(20, 120), share(0, 0))] * 3
    assert verdict(ERRORS, *broken).verdict is FAIL


def test_without_a_block_there_is_no_data() -> None:
    assert verdict(ERRORS).verdict is UNDECIDED
    assert verdict(ERRORS).message == "no data from the canary on this step yet"


def test_evidence_of_an_earlier_step_lets_nothing_pass() -> None:
    earlier = blocks((share(0, 500), share(0, 500)), since=STEP - timedelta(minutes=5))
    assert judge(ERRORS, earlier, STEP).verdict is UNDECIDED
    assert judge(ERRORS, earlier, None).verdict is PASS


def test_bad_windows_of_an_earlier_step_still_fail() -> None:
    bad = (share(50, 500), share(0, 500))
    earlier = blocks(bad, bad, bad, since=STEP - timedelta(minutes=5))
    assert judge(ERRORS, earlier, STEP).verdict is FAIL


def test_a_few_bad_windows_hold_without_failing() -> None:
    good, bad = (share(0, 500), share(0, 500)), (share(50, 500), share(0, 500))
    held = verdict(ERRORS, good, good, bad)
    assert held.verdict is UNDECIDED
    assert held.message.endswith("bad in 1 of the last 3 windows, 3 of 5 fail")
    assert verdict(ERRORS, good, bad, good).verdict is PASS  # 3.3 % over all, and over


def test_old_bad_windows_are_forgiven() -> None:
    bad, good = (share(50, 500), share(0, 500)), (share(0, 500), share(0, 500))
    assert verdict(ERRORS, bad, bad, *[good] * 4, bad).verdict is UNDECIDED
    assert verdict(ERRORS, bad, bad, *[good] * 6).verdict is PASS


def test_small_blocks_are_judged_together() -> None:
    """Twenty requests a block with one error each are 5 %, however the errors fall."""
    lumpy = [(share(3 * (number % 3 == 0), 20), share(0, 20)) for number in range(15)]
    assert verdict(ERRORS, *lumpy).verdict is PASS


def test_a_limit_that_is_met_exactly_holds() -> None:
    exact = (share(7, 100), share(6, 100))
    assert verdict(NULLS, exact).verdict is PASS


def test_trouble_lets_nothing_pass_but_undoes_no_failure() -> None:
    good, bad = (share(0, 500), share(0, 500)), (share(50, 500), share(0, 500))
    assert verdict(ERRORS, bad, bad, bad, trouble="Prometheus is down").verdict is FAIL
    held = verdict(ERRORS, good, trouble="Prometheus is down")
    assert held.verdict is UNDECIDED
    assert held.message.startswith("Prometheus is down; before: canary 0 % errors (0 of 500)")
    assert verdict(ERRORS, trouble="Prometheus is down").message == "Prometheus is down"


LATENCY = Objective(preset=Preset.LATENCY, limit="250ms")


def test_latency_is_judged_by_the_share_beyond_its_limit() -> None:
    fast, slower = slow(900, 995, 1000, 1000), slow(900, 980, 1000, 1000)
    passed = verdict(LATENCY, (fast, fast))
    assert passed.verdict is PASS
    assert passed.message.startswith("canary p99 242 ms (1,000 requests) against 242 ms of stable")
    failed = verdict(LATENCY, *[(slower, fast)] * 3)
    assert failed.verdict is FAIL
    assert "2 % took longer than 250 ms, at most 1 % may" in failed.message


def test_a_limit_between_edges_is_judged_at_the_next_edge_and_says_so() -> None:
    between = Objective(preset=Preset.LATENCY, limit="200ms")
    passed = verdict(between, (slow(900, 995, 1000, 1000), slow(900, 995, 1000, 1000)))
    assert passed.verdict is PASS
    assert "longer than 250 ms (the histogram's edge next to 200 ms)" in passed.message


def test_a_limit_beyond_all_edges_can_be_held_but_not_broken() -> None:
    beyond = Objective(preset=Preset.LATENCY, limit="3s")
    stable = slow(1000, 1000, 1000, 1000)
    assert verdict(beyond, (slow(900, 950, 995, 1000), stable)).verdict is PASS
    undecided = verdict(beyond, *[(slow(900, 950, 980, 1000), stable)] * 9)
    assert undecided.verdict is UNDECIDED
    assert undecided.canary == "at least 1 s"
    assert undecided.message.endswith("the histogram's largest edge is too low to say")


@pytest.mark.parametrize("quantile", ["0.5", "0.7", "0.9", "0.95", "0.99", "0.999"])
def test_a_tail_of_exactly_what_is_allowed_holds(quantile: str) -> None:
    objective = Objective(preset=Preset.LATENCY, quantile=quantile, limit="250ms")
    within = float(quantile) * 3000
    assert verdict(objective, (slow(0, within, 3000, 3000), share(0, 0))).verdict is PASS


@pytest.mark.parametrize(
    ("margin", "value"), [("380ms", FAIL), ("390ms", PASS), ("150%", FAIL), ("160%", PASS)]
)
def test_latency_is_compared_with_stable(margin: str, value: VerdictValue) -> None:
    objective = Objective(preset=Preset.LATENCY, worse_than_stable=WorseThanStable(by=margin))
    # Interpolated: 0.25 + 0.75 × 10/20 s = 625 ms against 0.1 + 0.15 × 90/95 s = 242 ms.
    pair = (slow(900, 980, 1000, 1000), slow(900, 995, 1000, 1000))
    assert verdict(objective, *[pair] * 3).verdict is value


def test_two_tails_beyond_the_largest_edge_cannot_be_compared() -> None:
    objective = Objective(preset=Preset.LATENCY, worse_than_stable=WorseThanStable(by="50ms"))
    lost = slow(0, 0, 500, 1000)
    assert verdict(objective, *[(lost, lost)] * 5).verdict is UNDECIDED


def readings(*values: float) -> Tally:
    return Tally(total=len(values), bad=sum(values))


def test_a_gauge_is_judged_by_the_mean_of_its_readings() -> None:
    drift = Objective(name="drift", value="d", limit="0.2", min_samples=2)
    assert verdict(drift, (readings(0.1, 0.2), readings())).verdict is PASS
    failed = verdict(drift, *[(readings(0.3, 0.32), readings(0.1, 0.1))] * 3)
    assert failed.verdict is FAIL
    assert failed.message == (
        "canary 0.31 (6 readings) against 0.1 of stable (6); at most 0.2 is allowed; "
        "bad in 3 of the last 3 windows"
    )


def test_a_gauge_may_be_worse_when_it_is_lower() -> None:
    accuracy = Objective(
        name="accuracy",
        value="a",
        worse=Worse.LOWER,
        limit="0.8",
        worse_than_stable=WorseThanStable(by="5%"),
        min_samples=1,
    )
    good = verdict(accuracy, (readings(0.88), readings(0.9)))
    assert (good.verdict, good.limit) == (PASS, "≥ 0.8, ≥ stable − 5 %")
    assert "at least 0.8 is allowed; at most 5 % less than stable is allowed" in good.message
    assert verdict(accuracy, *[(readings(0.84), readings(0.9))] * 3).verdict is FAIL
    assert verdict(accuracy, *[(readings(0.79), readings(0.8))] * 3).verdict is FAIL


@pytest.mark.parametrize("number", [nan, inf, -inf])
def test_what_is_no_number_decides_nothing(number: float) -> None:
    for tally in (share(number, 500), share(0, number), share(number, number)):
        assert verdict(NULLS, *[(tally, share(1, 500))] * 9).verdict is UNDECIDED
        assert verdict(NULLS, *[(share(1, 500), tally)] * 9).verdict is UNDECIDED
    assert verdict(LATENCY, *[(slow(1, number, 500, 500), share(0, 0))] * 9).verdict is UNDECIDED


def test_an_advisory_objective_is_marked() -> None:
    assert verdict(ERRORS.model_copy(update={"advisory": True})).advisory
