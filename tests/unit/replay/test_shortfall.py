"""What is missing for a calibration is said as a person would."""

import pytest

from serinus.replay.pseudo import Cuts
from serinus.replay.shortfall import shortfall

NOTHING_CUT = Cuts(deploys=0, single=0, incidents=0)


@pytest.mark.parametrize(
    ("found", "minutes", "says"),
    [
        (0, 3, "0 pseudo-rollouts of 3 min in the past, 200 needed: about 5 h more"),
        (190, 3, "190 pseudo-rollouts of 3 min in the past, 200 needed: about 15 min more"),
        (100, 1, "100 pseudo-rollouts of 1 min in the past, 200 needed: about 50 min more"),
        (150, 60, "150 pseudo-rollouts of 1 h in the past, 200 needed: about 25 h more"),
        (48, 60, "48 pseudo-rollouts of 1 h in the past, 200 needed: about 3.2 days more"),
    ],
)
def test_times_are_told_in_minutes_hours_or_days_whichever_are_few(
    found: int, minutes: int, says: str
) -> None:
    assert shortfall(found, NOTHING_CUT, minutes) == f"{says}, or more pods"


def test_nothing_is_missing_of_enough() -> None:
    assert shortfall(200, NOTHING_CUT, 60) == ""


def test_one_pod_is_told_to_be_too_few_and_deploys_to_be_cut_out() -> None:
    assert "stable has one pod" in shortfall(0, NOTHING_CUT._replace(single=4), 60)
    assert "(3 stretches with deploys are cut out)" in shortfall(
        10, NOTHING_CUT._replace(deploys=3), 60
    )
