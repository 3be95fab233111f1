"""What stands in for evidence: never against evidence, never unasked, never early."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from serinus.decide.gaps import stood_in
from serinus.resource.objective import Objective, OnGap
from serinus.resource.status import VerdictValue
from serinus.signals.blocks import objective_key
from tests import build
from tests.build import NOW, ago, rollout, verdict

FRESH_SECONDS = 60.0
policies = st.sampled_from(OnGap)


@given(
    on_no_data=policies,
    on_error=policies,
    patience=st.integers(0, 900),
    value=st.sampled_from(VerdictValue),
    silent_seconds=st.integers(0, 1000),
    failing_seconds=st.none() | st.integers(0, 1000),
    needs_a_person=st.booleans(),
)
def test_only_a_gap_that_lasts_is_answered_and_only_as_was_asked_for(
    on_no_data: OnGap,
    on_error: OnGap,
    patience: int,
    value: VerdictValue,
    silent_seconds: int,
    failing_seconds: int | None,
    needs_a_person: bool,
) -> None:
    objective = Objective.model_validate(
        {"preset": "error-rate", "limit": "5%", "onNoData": on_no_data, "onError": on_error}
        | {"patience": float(patience)}
    )
    since = {} if failing_seconds is None else {"error-rate": ago(failing_seconds)}
    entered = NOW - timedelta(seconds=silent_seconds)
    under_way = rollout(
        started_at=ago(2000),
        capacity_asked_at=ago(2000),
        step_entered_at=entered,
        evidence_since=entered,
        failing_since=since,
    )
    seen = build.given().seen
    if failing_seconds is not None:
        seen = replace(seen, metrics_failures=frozenset({objective_key(objective)}))
    is_undecided = value is VerdictValue.UNDECIDED
    before = verdict(value, is_inconclusive=needs_a_person and is_undecided)

    after = stood_in(objective, before, under_way, seen, FRESH_SECONDS)

    lasting = silent_seconds if failing_seconds is None else failing_seconds
    policy = on_no_data if failing_seconds is None else on_error
    is_answered = (
        is_undecided
        and not needs_a_person
        and policy is not OnGap.HOLD
        and lasting > max(patience, FRESH_SECONDS)
    )
    assert (after == before) is not is_answered
    assert str(after.verdict) == (str(policy) if is_answered else str(before.verdict))
