"""Every CEL rule lets one manifest in and keeps one out, in its own words; so does parse_spec."""

import re

import pytest

from serinus.errors import SpecInvalid
from serinus.resource.spec import parse_spec
from tests.integration.definition.cases import NAMES, PAIRS
from tests.integration.definition.front_door import Answer, FrontDoor
from tests.integration.definition.schema_walk import Rule, rules
from tests.unit.resource.manifests import spec

RULES = list(rules())
OF_SPEC = [rule for rule in RULES if rule.path]
OF_NAME = [rule for rule in RULES if not rule.path]


def test_the_walk_finds_the_rules() -> None:
    """Or the tests below would pass for want of anything to test."""
    assert len(RULES) >= 20
    assert {rule.path for rule in RULES} >= {"", "spec", "spec.objectives[]", "spec.rollout"}


def test_every_rule_has_its_pair_and_no_pair_is_left_over() -> None:
    messages = sorted(rule.message for rule in RULES)
    assert messages == sorted([*PAIRS, *NAMES])


@pytest.mark.parametrize("rule", OF_SPEC, ids=lambda rule: rule.message)
def test_what_keeps_a_rule_is_accepted(front_door: FrontDoor, rule: Rule) -> None:
    accepted, _ = PAIRS[rule.message]
    answer = front_door.ask(accepted)
    assert answer.message == ""
    assert parse_spec(accepted) == parse_spec(answer.stored["spec"])


@pytest.mark.parametrize("rule", OF_SPEC, ids=lambda rule: rule.message)
def test_what_breaks_a_rule_is_refused_in_its_words(front_door: FrontDoor, rule: Rule) -> None:
    _, refused = PAIRS[rule.message]
    assert_refused_for(front_door.ask(refused), rule)
    with pytest.raises(SpecInvalid) as invalid:
        parse_spec(refused)
    (fault,) = invalid.value.faults
    path, _, words = fault.partition(": ")
    assert (re.sub(r"\d+", "", path), words) == (rule.path, rule.message)


@pytest.mark.parametrize("rule", OF_NAME, ids=lambda rule: rule.message)
def test_a_name_is_held_to_its_rules(front_door: FrontDoor, rule: Rule) -> None:
    accepted, refused = NAMES[rule.message]
    assert front_door.ask(spec(), accepted).message == ""
    assert_refused_for(front_door.ask(spec(), refused), rule)


def assert_refused_for(answer: Answer, rule: Rule) -> None:
    """By this rule alone: a manifest that breaks two of them shows nothing about either."""
    assert not answer.is_accepted
    ((field, message),) = answer.causes
    assert re.sub(r"\d+", "", field).removeprefix("<nil>") == rule.path
    assert message.endswith(rule.message)
