"""What the rule of failures in a row lets through, on counts of which it is known."""

from itertools import accumulate

from tests.e2e.failures_in_a_row import Answered, FailuresInARow

RULE = FailuresInARow(limit_share=0.02)


def checks(*bad_of_a_hundred: int, before: int = 7) -> list[Answered]:
    """A hundred answers an interval, after some bad ones of an earlier time."""
    bad = accumulate(bad_of_a_hundred, initial=before)
    return [Answered(answers=100 * number, bad=count) for number, count in enumerate(bad)]


def test_it_is_out_with_the_fifth_failure_in_a_row_and_not_before() -> None:
    assert RULE.bad_when_out(checks(10, 10, 10, 10)) is None
    assert RULE.bad_when_out(checks(10, 10, 10, 10, 10, 10)) == 50


def test_an_interval_within_the_limit_lets_it_begin_anew() -> None:
    assert RULE.bad_when_out(checks(10, 10, 10, 10, 2, 10, 10, 10, 10)) is None
    assert RULE.bad_when_out(checks(10, 2, 3, 3, 3, 3, 3)) == 27


def test_an_interval_without_an_answer_is_no_failure() -> None:
    idle = [Answered(answers=0, bad=0)] * 6
    assert RULE.bad_when_out(idle) is None


def test_another_number_of_failures_is_another_rule() -> None:
    assert FailuresInARow(limit_share=0.02, in_a_row=2).bad_when_out(checks(5, 5)) == 10
