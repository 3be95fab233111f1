"""Objectives: numbers of the right kind, in the units of what they are compared with."""

from typing import Any

import pytest
from pydantic import ValidationError

from serinus.resource.objective import Kind, Objective

SHARE = {"preset": "error-rate"}
LATENCY = {"preset": "latency"}
COUNTS = {"name": "accuracy", "good": "g", "total": "t"}
GAUGE = {"name": "drift", "value": "v"}


def objective(**fields: Any) -> Objective:
    return Objective.model_validate({"limit": None} | fields)


@pytest.mark.parametrize(
    ("source", "kind", "title"),
    [
        (SHARE, Kind.SHARE, "error-rate"),
        (LATENCY, Kind.LATENCY, "latency"),
        (COUNTS, Kind.SHARE, "accuracy"),
        (GAUGE, Kind.GAUGE, "drift"),
        (SHARE | {"name": "errors"}, Kind.SHARE, "errors"),
    ],
)
def test_an_objective_has_a_kind_and_a_title(
    source: dict[str, str], kind: Kind, title: str
) -> None:
    told = objective(**source, limit="100ms" if kind is Kind.LATENCY else "0.2")
    assert (told.kind, told.title) == (kind, title)


@pytest.mark.parametrize(
    ("source", "limit", "number"),
    [
        (SHARE, "1%", 0.01),
        (SHARE, "0.02", 0.02),
        (COUNTS, "100%", 1.0),
        (LATENCY, "250ms", 0.25),
        (LATENCY, "2s", 2.0),
        (GAUGE, "0.2", 0.2),
        (GAUGE, "1500", 1500.0),
    ],
)
def test_a_limit_is_a_share_seconds_or_a_number(
    source: dict[str, str], limit: str, number: float
) -> None:
    assert objective(**source, limit=limit).limit_number == pytest.approx(number)


@pytest.mark.parametrize(
    ("source", "margin", "number", "is_relative"),
    [
        (SHARE, "1%", 0.01, False),
        (COUNTS, "2%", 0.02, False),
        (LATENCY, "50ms", 0.05, False),
        (LATENCY, "10%", 0.1, True),
        (GAUGE, "0.1", 0.1, False),
        (GAUGE, "150%", 1.5, True),
    ],
)
def test_a_margin_is_absolute_or_a_part_of_stables_own_value(
    source: dict[str, str], margin: str, number: float, is_relative: bool
) -> None:
    told = objective(**source, worseThanStable={"by": margin})
    assert told.margin_number == pytest.approx(number)
    assert told.margin_is_relative is is_relative


def test_what_is_not_asked_for_has_no_number() -> None:
    assert objective(**SHARE, limit="1%").margin_number is None
    assert objective(**SHARE, worseThanStable={"by": "1%"}).limit_number is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (SHARE | {"limit": "250ms"}, "the limit of a share is a percentage such as 1%"),
        (SHARE | {"limit": "101%"}, "the limit of a share is a percentage such as 1%"),
        (SHARE | {"limit": "1"}, "the limit of a share is a percentage such as 1%"),
        (SHARE | {"worseThanStable": {"by": "1"}}, "a share may be worse than stable by a perc"),
        (LATENCY | {"limit": "1%"}, "a latency limit is a duration such as 250ms"),
        (LATENCY | {"limit": "250"}, "a latency limit is a duration such as 250ms"),
        (GAUGE | {"limit": "5%"}, "the limit of a gauge is a plain number"),
        (GAUGE | {"limit": "nan"}, "should match pattern"),
        (GAUGE | {"limit": "-1"}, "should match pattern"),
        (SHARE | {"worseThanStable": {"by": "1s"}}, "a share may be worse than stable by a perc"),
        (LATENCY | {"worseThanStable": {"by": "1"}}, "latency may be worse than stable by a dur"),
        (GAUGE | {"worseThanStable": {"by": "1s"}}, "a gauge may be worse than stable by a plain"),
        (LATENCY | {"limit": "1s", "quantile": "0.0"}, "should match pattern"),
        (LATENCY | {"limit": "1s", "quantile": "1"}, "should match pattern"),
    ],
)
def test_a_number_of_the_wrong_kind_is_refused(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        objective(**fields)


def test_a_latency_is_judged_at_its_99th_percentile_unless_told_otherwise() -> None:
    assert objective(**LATENCY, limit="1s").quantile_share == 0.99
    assert objective(**LATENCY, limit="1s", quantile="0.5").quantile_share == 0.5


def test_a_gauge_gets_worse_upwards_unless_told_otherwise() -> None:
    assert objective(**GAUGE, limit="1").lower_is_worse is False
    assert objective(**GAUGE, limit="1", worse="lower").lower_is_worse is True


def compared(source: dict[str, str], by: str, **numbers: str) -> Objective:
    return objective(**source, worseThanStable={"by": by}, **numbers)


def test_what_must_not_get_through_is_the_margin_or_what_stable_allows() -> None:
    assert compared(SHARE, "1%").tested_margin_number == pytest.approx(0.01)
    assert compared(SHARE, "1%", margin="2%").tested_margin_number == pytest.approx(0.02)
    assert objective(**SHARE, limit="5%").tested_margin_number is None
    relative, absolute = (compared(LATENCY, "10%", margin=text) for text in ("20%", "5ms"))
    assert (relative.tested_margin_number, relative.tested_margin_is_relative) == (0.2, True)
    assert (absolute.tested_margin_number, absolute.tested_margin_is_relative) == (0.005, False)


def test_the_slack_of_a_limit_and_the_tolerance_have_defaults_of_their_own() -> None:
    plain = compared(SHARE, "1%")
    assert (plain.slack_number, plain.tolerance_number) == (None, None)
    own = compared(SHARE, "1%", margin="2%", tolerance="0.1%")
    assert own.slack_number == pytest.approx(0.02)
    assert own.tolerance_number == pytest.approx(0.001)


@pytest.mark.parametrize(
    "fields",
    [
        GAUGE | {"limit": "0.2", "margin": "0.1"},
        LATENCY | {"limit": "250ms", "margin": "10%"},
        SHARE | {"limit": "1%", "tolerance": "0.1%"},
        LATENCY | {"worseThanStable": {"by": "10%"}, "tolerance": "1%"},
        SHARE | {"limit": "1%", "margin": "5ms"},
    ],
)
def test_margin_and_tolerance_belong_to_what_can_be_tested(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        objective(**fields)


DRIFT = {"preset": "drift", "limit": "0.2"}
OUTCOMES = {"preset": "quality", "limit": "10%"}


@pytest.mark.parametrize(
    "fields",
    [
        DRIFT,
        DRIFT | {"of": "predictions", "against": "stable"},
        DRIFT | {"feature": "age", "statistic": "wasserstein"},
        DRIFT | {"drifted": "25%"},
        DRIFT | {"against": "stable", "statistic": "ks"},
        DRIFT | {"against": "stable", "statistic": "wasserstein"},
        DRIFT | {"against": "stable", "feature": "age", "statistic": "psi"},
        DRIFT | {"against": "stable", "of": "predictions", "statistic": "psi"},
        OUTCOMES | {"labelDelay": "1h", "minLabelled": 500, "requireBeforePromotion": False},
        OUTCOMES | {"by": "country", "segments": ["DE", "FR"]},
        COUNTS | {"limit": "1%", "labelDelay": "24h"},
        COUNTS
        | {
            "limit": "1%",
            "by": "c",
            "segments": ["x"],
            "total": "t{$(segment)}",
            "good": "g{$(segment)}",
        },
    ],
)
def test_drift_and_late_labels_are_asked_for_like_this(fields: dict[str, Any]) -> None:
    assert Objective.model_validate(fields).limit == fields["limit"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"of": "predictions"},
        {"feature": "age", "statistic": "psi"},
        {"against": "captured", "capture": "48h"},
        {"against": "baseline", "drifted": "10%"},
    ],
)
def test_drift_by_psi_from_a_baseline_has_a_usual_limit(fields: dict[str, Any]) -> None:
    asked = Objective.model_validate({"preset": "drift"} | fields)
    assert asked.limit_number == Objective.model_validate(DRIFT | fields).limit_number
    assert asked.has_usual_limit
    assert not Objective.model_validate(DRIFT | fields).has_usual_limit


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (DRIFT | {"limit": "20%"}, "plain number"),
        (DRIFT | {"limit": None, "statistic": "js"}, "drift needs a limit"),
        (DRIFT | {"limit": None, "against": "stable"}, "drift needs a limit"),
        (
            DRIFT | {"limit": None, "against": "stable", "statistic": "psi", "of": "predictions"},
            "drift needs a limit",
        ),
        (SHARE | {"limit": None}, "needs a limit, or worseThanStable"),
        (DRIFT | {"worseThanStable": {"by": "1"}}, "said by against"),
        (DRIFT | {"feature": "age", "of": "predictions"}, "one of the features"),
        (DRIFT | {"feature": "age", "drifted": "25%"}, "share of all features"),
        (DRIFT | {"drifted": "2"}, "percentage"),
        (
            DRIFT | {"against": "stable", "of": "predictions", "statistic": "wasserstein"},
            "no limit on shares",
        ),
        (DRIFT | {"feature": 'a"b'}, "pattern"),
        (SHARE | {"limit": "1%", "against": "stable"}, "belong to preset drift"),
        (SHARE | {"limit": "1%", "labelDelay": "1h"}, "belong to counters"),
        (OUTCOMES | {"by": "country"}, "by goes with segments"),
        (COUNTS | {"limit": "1%", "by": "c", "segments": ["x"]}, r"hold \$\(segment\)"),
    ],
)
def test_terms_that_do_not_go_together_are_refused(fields: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        Objective.model_validate(fields)
