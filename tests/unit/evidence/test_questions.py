"""What bets ask of their blocks: answered together as if each had asked alone."""

import numpy as np

from serinus.evidence.counts import Counts
from serinus.evidence.latency_bets import LatencyBets
from serinus.evidence.questions import Question, answered
from serinus.evidence.share_bets import ShareBets

EDGES = np.array([0.1, 0.25, 0.5])
SHARES = ShareBets(
    margin=np.array([0.005, 0.01, np.nan]),
    tolerance=np.array([0.00125, 0.0025, 0.0]),
    limit=np.array([0.01, np.nan, 0.05]),
    dispersion=np.array([0.02, 0.25, 0.0]),
)
SLOW = LatencyBets(
    edges=EDGES,
    quantile=np.array([0.99]),
    margin=np.array([0.1]),
    margin_is_relative=np.array([True]),
    limit=np.array([0.25]),
    dispersion=np.array([0.1]),
)


def counts(bad_canary: list[list[float]], bad_stable: list[list[float]]) -> Counts:
    """Of a tenth of a thousand requests for each place."""
    places = len(bad_canary)
    return Counts(
        bad_canary=np.array(bad_canary),
        canary=np.full(places, 100.0),
        bad_stable=np.array(bad_stable),
        stable=np.full(places, 900.0),
    )


def test_objectives_that_ask_together_are_told_the_same_bits_as_each_alone() -> None:
    of_shares = counts([[3.0], [0.0], [9.0]], [[5.0], [1.0], [40.0]])
    of_slow = counts([[30.0, 9.0, 1.0]], [[200.0, 12.0, 2.0]])
    asked = [SHARES.minute(of_shares).asked(of_shares), SLOW.minute(of_slow).asked(of_slow)]
    together = answered(asked)
    alone = [answered([each])[0] for each in asked]
    for of_one, of_both in zip(alone, together, strict=True):
        assert of_one.keys() == of_both.keys() == set(Question)
        for question, log_values in of_one.items():
            assert np.array_equal(log_values, of_both[question])
            assert np.any(log_values), "and something is told at all"


def test_who_does_not_ask_whether_a_canary_is_good_is_not_told() -> None:
    nothing_proven = ShareBets(
        margin=SHARES.margin,
        tolerance=SHARES.tolerance,
        limit=SHARES.limit,
        dispersion=SHARES.dispersion,
        proves=False,
    )
    seen = counts([[3.0], [0.0], [9.0]], [[5.0], [1.0], [40.0]])
    (answers,) = answered([nothing_proven.minute(seen).asked(seen)])
    assert answers.keys() == {Question.WHOSE, Question.ABOVE}
