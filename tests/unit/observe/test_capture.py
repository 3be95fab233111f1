"""A baseline captured of stable's traffic: when, of what, and what is compared with it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from serinus.errors import OutsideUnavailable
from serinus.evidence.captured import Captured, read_captured, write_captured
from serinus.observe.capture import Asked, capture_seconds, captured, in_scope
from serinus.resource.objective import Objective, Preset
from serinus.resource.objective_kinds import Against, Drifting
from serinus.resource.status import ServingRevision
from serinus.signals.series import KUBERNETES_LABELS, Series

MATCHER = re.compile(r'(\w+)(=~|=)"([^"]*)"')
NOW = datetime(2030, 1, 8, 14, 0, tzinfo=UTC)
DAY = 24 * 3600.0
STABLE = ServingRevision(revision="aaa", version="7", since=NOW - timedelta(days=2))
ASKED = Asked(
    namespace="prod", model="fraud", stable=STABLE, seconds=DAY, labels=KUBERNETES_LABELS
)
OF_ALL = Objective(preset=Preset.DRIFT, limit="0.2", against=Against.CAPTURED)


def grows(pod: str, metric: str, by: float, **labels: str) -> Series:
    """A counter of a pod that had counted 1,000 before, over the day that is asked for."""
    since = NOW.timestamp() - DAY
    its = {"__name__": metric, "namespace": "prod", "pod": pod, "instance": pod, **labels}
    samples = tuple((since + 900 * n, 1000 + by * n / 96) for n in range(97))
    return Series(labels=its, samples=samples)


def shown(pod: str) -> Iterable[Series]:
    yield grows(pod, "model_feature_values_total", 960, feature="age", upto="40")
    yield grows(pod, "model_feature_values_total", 96, feature="age", upto="+Inf")
    yield grows(pod, "model_feature_values_total", 192, feature="city", category="Rome")
    yield grows(pod, "model_prediction_values_total", 480, upto="0.5")
    yield grows(pod, "model_prediction_values_total", 576, upto="+Inf")


@dataclass
class Prometheus:
    """What it holds of some pods, and what it was asked."""

    series: tuple[Series, ...] = (*shown("fraud-aaa-1"), *shown("fraud-aaa-2"))
    is_away: bool = False
    asked: list[tuple[str, datetime, datetime, float]] = field(default_factory=list)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        raise AssertionError("raw samples of a day are too many")

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        self.asked.append((expression, since, until, step_seconds))
        if self.is_away:
            raise OutsideUnavailable("Prometheus does not answer")
        asked = {name: pattern for name, _, pattern in MATCHER.findall(expression)}
        return tuple(
            one
            for one in self.series
            if all(re.fullmatch(asked[name], one.labels[name]) for name in asked)
        )


async def test_all_that_stable_has_counted_in_the_time_is_captured_once() -> None:
    prometheus = Prometheus()
    found = await captured(ASKED, "", NOW, prometheus)
    assert found is not None
    assert found.bins == {
        "age": {"40": 1920, "+Inf": 192},
        "city": {"=Rome": 384},
        "": {"0.5": 960, "+Inf": 1152},
    }
    assert (found.revision, found.version) == ("aaa", "7")
    assert (found.since, found.until) == (NOW - timedelta(days=1), NOW)
    ((_, since, until, step),) = prometheus.asked
    assert (until - since).total_seconds() / step <= 96
    later = await captured(ASKED, write_captured(found), NOW + timedelta(days=9), prometheus)
    assert later == found
    assert len(prometheus.asked) == 1


async def test_the_pods_of_no_other_revision_or_model_are_in_it() -> None:
    others = (*shown("fraud-bbb-1"), *shown("churn-aaa-1"))
    found = await captured(ASKED, "", NOW, Prometheus(series=(*Prometheus().series, *others)))
    assert found is not None
    assert found.values == 2112


async def test_nothing_is_captured_before_stable_has_served_for_the_whole_time() -> None:
    prometheus = Prometheus()
    young = replace(ASKED, stable=STABLE.model_copy(update={"since": NOW - timedelta(hours=23)}))
    assert await captured(young, "", NOW, prometheus) is None
    assert not prometheus.asked


@pytest.mark.parametrize(
    "prometheus",
    [Prometheus(is_away=True), Prometheus(series=())],
    ids=["away", "tells nothing"],
)
async def test_what_prometheus_does_not_tell_is_asked_again(prometheus: Prometheus) -> None:
    assert await captured(ASKED, "", NOW, prometheus) is None
    assert await captured(ASKED, "", NOW, prometheus) is None
    assert len(prometheus.asked) == 2


async def test_another_stable_or_another_time_is_captured_anew() -> None:
    stored = write_captured(await made())
    newer = replace(ASKED, stable=STABLE.model_copy(update={"revision": "bbb"}))
    found = await captured(newer, stored, NOW, Prometheus(series=tuple(shown("fraud-bbb-1"))))
    assert found is not None
    assert found.revision == "bbb"
    longer = replace(ASKED, seconds=2 * DAY)
    found = await captured(longer, stored, NOW, Prometheus())
    assert found is not None
    assert found.seconds == 2 * DAY


async def made() -> Captured:
    found = await captured(ASKED, "", NOW, Prometheus())
    assert found is not None
    return found


async def test_its_digest_says_whether_it_was_changed_by_hand() -> None:
    found = await made()
    text = write_captured(found)
    assert read_captured(text) == found
    assert read_captured(text.replace("1920", "1921")) is None
    assert read_captured("{}") is None
    assert replace(found, version="8").digest != found.digest


async def test_an_objective_is_compared_with_its_own_part_of_it() -> None:
    bins = (await made()).bins
    assert in_scope(OF_ALL, bins).keys() == {"age", "city"}
    assert in_scope(OF_ALL.model_copy(update={"feature": "age"}), bins).keys() == {"age"}
    predictions = OF_ALL.model_copy(update={"of": Drifting.PREDICTIONS})
    assert in_scope(predictions, bins).keys() == {""}


def test_one_baseline_serves_all_objectives() -> None:
    short = OF_ALL.model_copy(update={"capture": 3600.0, "name": "short"})
    trained = Objective(preset=Preset.DRIFT, limit="0.2")
    assert capture_seconds([trained]) == 0
    assert capture_seconds([short, trained]) == 3600
    assert capture_seconds([short, OF_ALL]) == DAY
