"""A model whose files changed under their name is told once, whenever its pods have come up."""

from dataclasses import replace
from typing import Any

from serinus.decide.content import mixed_revisions
from serinus.observe.snapshot import ReadingSeen
from serinus.resource.status import Fate, Memory
from tests.build import CANARY, STABLE, Given, given, memory, record, rollout

A, B, C = (f"sha256:{letter * 64}" for letter in "abc")


def holding(case: Given, **contents: list[str]) -> Given:
    """The case with pods of these revisions that hold this."""
    seen = []
    for pod in case.seen.children.pods:
        of = contents.get({STABLE: "stable", CANARY: "canary"}[pod.revision], [])
        seen.append(replace(pod, content=of.pop(0) if of else ""))
    return case.with_children(pods=tuple(seen))


def told(case: Given) -> tuple[Memory, list[str]]:
    decision = case.decide()
    told = [each.message for each in decision.happenings if each.reason == "ModelContentChanged"]
    return decision.memory, told


def test_the_first_content_is_remembered_and_nothing_is_told() -> None:
    case = holding(given(), stable=[A, A, A, A], canary=[B])
    remembered, said = told(case)
    assert remembered.contents == {STABLE: (A,), CANARY: (B,)}
    assert said == []
    assert mixed_revisions(remembered) == ()


def test_another_content_under_the_same_name_is_told_once() -> None:
    known: dict[str, Any] = {STABLE: (A,)}
    before = memory(rollout=rollout(), contents=known)
    case = holding(given(memory=before), stable=[A, C])
    remembered, (words,) = told(case)
    assert "version 1 is no longer what it was" in words
    assert A in words
    assert C in words
    assert mixed_revisions(remembered) == ("1",)
    again = holding(given(memory=remembered), stable=[C, A])
    assert told(again) == (remembered, [])


def test_pods_that_tell_nothing_are_no_change() -> None:
    before = memory(rollout=rollout(), contents={STABLE: (A,)})
    assert told(given(memory=before)) == (before_decided(before), [])


def before_decided(before: Memory) -> Memory:
    return given(memory=before).decide().memory


def test_a_revision_that_comes_back_is_held_against_what_it_had() -> None:
    past = memory(
        rollout=rollout(),
        contents={CANARY: (A,), "ffffffffff": (B,)},
        history=(record(CANARY, Fate.PROMOTED),),
    )
    remembered, said = told(holding(given(memory=past), canary=[B]))
    assert remembered.contents == {CANARY: (A, B)}, "and what nobody knows is forgotten"
    assert len(said) == 1


def test_only_the_newest_of_many_contents_are_kept() -> None:
    many = tuple(f"sha256:{n:064d}" for n in range(8))
    before = memory(rollout=rollout(), contents={CANARY: many})
    remembered, _ = told(holding(given(memory=before), canary=[A]))
    assert remembered.contents[CANARY] == (*many[1:], A)


def read(case: Given, *contents: str, revision: str = STABLE) -> Given:
    """The case with pods that have read the claim of a revision since."""
    readings = tuple(
        ReadingSeen(name=f"{revision}-fraud-{n}", revision=revision, content=content)
        for n, content in enumerate(contents)
    )
    return case.with_children(readings=readings)


def test_a_claim_that_holds_what_pods_had_is_no_news() -> None:
    remembered, said = told(read(holding(given(), stable=[A, A]), A, A))
    assert (remembered.contents, said) == ({STABLE: (A,)}, [])


def test_a_claim_whose_files_were_replaced_while_no_pod_started_is_told_once() -> None:
    case = read(holding(given(), stable=[A, A, A, A]), A, B)
    remembered, (words,) = told(case)
    assert remembered.contents[STABLE] == (A, B)
    assert "version 1 is no longer what it was: pod aaaaaaaaaa-fraud-1 reads" in words
    assert "each container that restarts takes what is there now" in words
    assert A in words
    assert B in words
    again = read(holding(given(memory=remembered), stable=[A, A]), A, B)
    assert told(again) == (remembered, [])


def test_a_claim_is_held_against_what_pods_have_whoever_spoke_first() -> None:
    remembered, said = told(read(holding(given(), stable=[A]), B))
    assert (remembered.contents[STABLE], len(said)) == ((A, B), 1)


def test_what_was_read_for_a_revision_nobody_knows_is_left_aside() -> None:
    remembered, said = told(read(given(), A, B, revision="ffffffffff"))
    assert (remembered.contents, said) == ({}, [])
