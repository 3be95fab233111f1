"""What holds of every decision, whatever it is made from."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from serinus.decide.decision import Decision
from serinus.resource.status import (
    Memory,
    Phase,
    Status,
    TerminalKind,
    VerdictValue,
    parse_status,
)
from tests.build import Given, ledger
from tests.properties.cases import ON_THE_WAY, QUICK, VALUES, cases


def weight(memory: Memory) -> int:
    return memory.rollout.weight if memory.rollout else 0


def rises(case: Given, decision: Decision) -> bool:
    """Whether the canary of before gets more traffic than before."""
    before, after = case.memory.rollout, decision.memory.rollout
    is_same = before is not None and after is not None and before.id == after.id
    return is_same and weight(decision.memory) > weight(case.memory)


def ends(case: Given, decision: Decision) -> TerminalKind | None:
    """How the rollout ends by this decision, None where it does not or that was decided before."""
    if case.memory.decision is not None or decision.memory.decision is None:
        return None
    return decision.memory.decision.kind


@QUICK
@given(cases())
def test_every_case_is_decided_and_always_in_the_same_way(case: Given) -> None:
    assert case.decide() == case.decide()


@QUICK
@given(cases())
def test_a_decision_covers_both_tracks_and_its_memory_can_be_stored(case: Given) -> None:
    decision = case.decide()

    named = {decision.stable, decision.canary} - {""}
    named |= {gone.revision for gone in decision.memory.draining}
    assert named == decision.sizes.keys()
    assert min(decision.sizes.values(), default=0) >= 0
    assert (decision.split is None) == (not decision.stable)
    assert decision.look_again_after_seconds >= 0
    stored = Status(**dict(decision.memory)).model_dump(mode="json", by_alias=True)
    assert parse_status(stored).memory() == decision.memory


@QUICK
@given(cases())
def test_a_split_is_the_one_remembered(case: Given) -> None:
    """Or a restart would read another one from the status."""
    decision = case.decide()
    if decision.split is not None:
        assert decision.split.canary == weight(decision.memory)


@QUICK
@given(cases(ON_THE_WAY))
def test_a_weight_never_rises_on_a_failing_objective(case: Given) -> None:
    decision = case.decide()
    if any(v.verdict is VerdictValue.FAIL for v in decision.verdicts) and weight(case.memory):
        assert not rises(case, decision)


@QUICK
@given(cases(ON_THE_WAY))
def test_a_weight_rises_only_with_ready_pods_to_carry_it(case: Given) -> None:
    decision = case.decide()
    if rises(case, decision):
        ready = case.seen.ready_count(decision.canary)
        assert ready * 100 >= max(1, case.spec.replicas) * weight(decision.memory)
        assert ready >= 1


@QUICK
@given(cases(ON_THE_WAY))
def test_a_promotion_is_decided_only_with_ready_pods_for_everything(case: Given) -> None:
    decision = case.decide()
    if ends(case, decision) is TerminalKind.PROMOTE:
        assert case.seen.ready_count(decision.canary) >= max(1, case.spec.replicas)


@QUICK
@given(cases(ON_THE_WAY, ("undecided",), talks=False))
def test_evidence_that_is_missing_neither_promotes_nor_rolls_back(case: Given) -> None:
    """Policies may, once the time is over, and so may pods and a spec that is taken back."""
    decision = case.decide()
    if not decision.verdicts or case.memory.decision is not None or not weight(case.memory):
        return
    of_pods = {"CanaryCrashLooping", "CanaryLost", "CanaryCannotStart"}
    asked = {"Inconclusive", "Reverted", "AnalysisSkipped"}
    assert ends(case, decision) is None or decision.reason in of_pods | asked


@QUICK
@given(cases())
def test_a_suspended_resource_gets_no_new_end_and_no_higher_weight(case: Given) -> None:
    paused = replace(case, spec=case.spec.model_copy(update={"paused": True}))
    decision = paused.decide()
    if case.memory.decision is None:
        assert decision.memory.decision is None
        assert not rises(paused, decision)


@QUICK
@given(cases(ON_THE_WAY))
def test_what_ends_a_rollout_has_one_id_and_is_not_taken_twice(case: Given) -> None:
    decision = case.decide()
    end = decision.memory.decision
    if end is None:
        return
    assert case.memory.rollout is not None
    assert end.id == f"{end.kind}/{case.memory.rollout.id}"

    again = replace(case, memory=decision.memory).decide()

    if again.memory.decision is not None and again.reason != "CanaryLost":
        assert again.memory.decision == end


@QUICK
@given(cases(ON_THE_WAY, talks=False), st.integers(0, 1))
def test_a_failing_objective_never_makes_an_outcome_better(case: Given, which: int) -> None:
    outcomes = []
    for value in VALUES:
        verdicts = ["pass", "pass"]
        verdicts[which] = value
        seen = replace(case.seen, ledger=ledger(case.spec, case.memory, *verdicts))
        outcomes.append(_outcome(replace(case, seen=seen)))
    with_pass, with_undecided, with_fail = outcomes
    assert with_fail <= with_undecided
    assert with_fail <= with_pass
    if case.spec.rollout.on_inconclusive != "promote":
        assert with_undecided <= with_pass


def _outcome(case: Given) -> tuple[int, int, int]:
    """Rolled back, held, further on, promoted: the more the better."""
    decision = case.decide()
    order = {TerminalKind.ROLLBACK: -1, None: 0, TerminalKind.PROMOTE: 1}
    rollout = decision.memory.rollout
    return (order[ends(case, decision)], weight(decision.memory), rollout.step if rollout else 0)


@QUICK
@given(cases())
def test_nothing_is_settled_while_there_is_something_to_do(case: Given) -> None:
    decision = case.decide()
    if decision.is_settled:
        assert decision.phase is Phase.HEALTHY
        assert not decision.canary
        assert decision.memory.decision is None
        assert decision.sizes.keys() == {decision.stable}
