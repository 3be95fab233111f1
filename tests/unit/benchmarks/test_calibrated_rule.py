"""The rule whose threshold comes from its own pseudo-rollouts."""

from math import log

import numpy as np
import pytest

from benchmarks.verdicts.rules import calibrated
from benchmarks.verdicts.rules.calibrated import Calibrated, thresholds
from benchmarks.verdicts.rules.ours import FALSE_ROLLBACK_RATE
from benchmarks.verdicts.scenario import Disturbance, Scenario


@pytest.fixture
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrated, "SERVICES", 2)
    monkeypatch.setattr(calibrated, "AT_ONCE", 2)
    monkeypatch.setattr(calibrated, "EARLIER_ROLLOUTS", 60)


@pytest.mark.usefixtures("_few")
def test_bursts_of_one_track_raise_the_threshold_and_quiet_services_keep_it() -> None:
    quiet, bursts = (
        thresholds(Calibrated(), Scenario(rate=1000, base=0.005, disturbance=each))
        for each in (Disturbance.IID, Disturbance.ARMBURST)
    )

    assert quiet == pytest.approx(-log(FALSE_ROLLBACK_RATE), abs=1.0)
    assert np.all(bursts > quiet)


def test_services_alike_have_traffic_of_their_own() -> None:
    first, second = (Scenario(rate=10, base=0.005, service=number) for number in (1, 2))

    assert first.seed != second.seed
    assert Scenario(rate=10, base=0.005).seed == Scenario(rate=10, base=0.005, service=0).seed
