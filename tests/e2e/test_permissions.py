"""Runs last: what the operator asked for while all other tests ran was granted."""

from tests.e2e.node import Node


def test_operator_was_refused_nothing_under_its_own_account(node: Node) -> None:
    """By its own count and by its log, those of operators killed meanwhile included."""
    node.operator.note_refusals()
    assert node.operator.refusals == []
    assert sum(node.operator.requests().values()) > 0
