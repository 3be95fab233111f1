import pytest

from serinus.resource.objective import Objective, Preset, WorseThanStable
from serinus.servers.preset import ingredients_of
from serinus.signals.compile import (
    Counted,
    Differenced,
    Gauged,
    Proof,
    Signal,
    Timed,
    Tracks,
    compile_objective,
)
from serinus.signals.series import ScrapeLabels

MARGIN = WorseThanStable(by="1%")


def compiled(objective: Objective, model: str = "fraud", **labels: str) -> Signal:
    tracks = Tracks(
        namespace="prod",
        model=model,
        stable="aaa",
        canary="bbb",
        labels=ScrapeLabels(**labels),
    )
    return compile_objective(objective, ingredients_of("standard"), tracks)


def test_one_query_serves_every_model_of_a_preset() -> None:
    objective = Objective(preset=Preset.NULL_OUTPUTS, worse_than_stable=MARGIN)
    of_fraud, of_churn = (compiled(objective, model) for model in ("fraud", "churn"))
    assert of_fraud == of_churn
    assert isinstance(of_fraud, Counted)
    assert {part.query for part in (*of_fraud.total, *of_fraud.marked)} == {
        '{__name__=~"model_null_outputs_total|model_predictions_total",pod!=""}'
    }


def test_errors_are_told_apart_in_the_answer_to_one_query() -> None:
    signal = compiled(Objective(preset=Preset.ERROR_RATE, limit="1%"))
    assert isinstance(signal, Counted)
    (total,), (bad,) = signal.total, signal.marked
    assert total.query == bad.query == 'model_requests_total{pod!=""}'
    error = {"__name__": "model_requests_total", "code": "500"}
    success = {"__name__": "model_requests_total", "code": "200"}
    assert bad.keep is not None
    assert (bad.keep.accepts(error), bad.keep.accepts(success)) == (True, False)


def test_latency_is_read_from_classic_and_native_histograms_by_one_query() -> None:
    signal = compiled(Objective(preset=Preset.LATENCY, limit="250ms"))
    assert isinstance(signal, Timed)
    (buckets,) = signal.buckets
    (native,) = signal.natives
    name = "model_request_duration_seconds"
    assert buckets.query == native.query == f'{{__name__=~"{name}|{name}_bucket",pod!=""}}'
    assert (buckets.shown, native.shown, native.limit) == (f"{name}_bucket", name, 0.25)
    assert signal.limit_seconds == 0.25


def test_an_own_sum_of_counters_is_fetched_for_both_tracks_at_once() -> None:
    signal = compiled(
        Objective(
            name="accuracy",
            good='sum(feedback_total{correct="true",$(selector)})',
            total="sum(feedback_total{$(selector)})",
            worse_than_stable=MARGIN,
        )
    )
    assert isinstance(signal, Counted)
    pods = 'namespace="prod",pod=~"(fraud-bbb-|fraud-aaa-).*"'
    assert signal.marked[0].query == f'feedback_total{{correct="true",{pods}}}'
    assert signal.total[0].query == f"feedback_total{{{pods}}}"
    assert signal.marked_are_good


@pytest.mark.parametrize(("field", "proof"), [("good", Proof.ANY_TRACK), ("bad", Proof.NOTHING)])
def test_a_counter_of_good_events_nobody_has_seen_may_be_a_slip_of_the_pen(
    field: str, proof: Proof
) -> None:
    signal = compiled(
        Objective.model_validate({"name": "a", field: "b", "total": "c", "limit": "1%"})
    )
    assert isinstance(signal, Counted)
    assert signal.proof is proof


def test_any_other_expression_is_evaluated_for_each_track() -> None:
    signal = compiled(
        Objective(
            name="mixed",
            bad="sum(a{$(selector)}) + sum(b{$(selector)})",
            total="sum(c{$(selector)})",
            limit="1%",
        )
    )
    assert isinstance(signal, Differenced)
    assert signal.total.canary == 'sum(c{namespace="prod",pod=~"fraud-bbb-.*"})'
    stable = 'namespace="prod",pod=~"fraud-aaa-.*"'
    assert signal.marked.stable == f"sum(a{{{stable}}}) + sum(b{{{stable}}})"


def test_a_gauge_is_evaluated_for_each_track() -> None:
    signal = compiled(Objective(name="drift", value="max(drift{$(selector)})", limit="0.2"))
    assert isinstance(signal, Gauged)
    assert signal.value.stable == 'max(drift{namespace="prod",pod=~"fraud-aaa-.*"})'


def test_labels_have_the_names_the_scrape_configuration_gave_them() -> None:
    objective = Objective(name="drift", value="max(drift{$(selector)})", limit="0.2")
    signal = compiled(objective, namespace="kubernetes_namespace", pod="kubernetes_pod_name")
    assert isinstance(signal, Gauged)
    assert signal.value.canary == (
        'max(drift{kubernetes_namespace="prod",kubernetes_pod_name=~"fraud-bbb-.*"})'
    )
    preset = compiled(Objective(preset=Preset.ERROR_RATE, limit="1%"), pod="kubernetes_pod_name")
    assert isinstance(preset, Counted)
    assert preset.total[0].query == 'model_requests_total{kubernetes_pod_name!=""}'


def test_a_dot_in_a_name_matches_a_dot_only() -> None:
    signal = compiled(Objective(name="g", value="g{$(selector)}", limit="1"), model="a.b")
    assert isinstance(signal, Gauged)
    assert signal.value.canary == 'g{namespace="prod",pod=~"a[.]b-bbb-.*"}'
