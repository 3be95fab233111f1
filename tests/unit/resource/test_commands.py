"""Commands by annotation: bound to a revision, quiet about everything else."""

import pytest

from serinus.resource.commands import read_commands


@pytest.mark.parametrize("verb", ["promote", "abort", "retry", "approve"])
def test_a_command_names_its_revision_and_its_detail(verb: str) -> None:
    command = read_commands({f"serinus.dev/{verb}": "3f2a9c0d1e/2"})[verb]
    assert (command.name, command.revision, command.detail) == (verb, "3f2a9c0d1e", "2")
    assert command.text == "3f2a9c0d1e/2"


def test_a_detail_may_be_left_out_and_may_hold_slashes() -> None:
    assert read_commands({"serinus.dev/abort": " 3f2a9c0d1e "})["abort"].detail == ""
    assert read_commands({"serinus.dev/abort": "3f2a9c0d1e/a/b"})["abort"].detail == "a/b"


@pytest.mark.parametrize(
    "annotations",
    [
        {},
        {"serinus.dev/promote": ""},
        {"serinus.dev/promote": "  "},
        {"promote": "3f2a9c0d1e"},
        {"serinus.dev/frobnicate": "3f2a9c0d1e"},
        {"example.com/promote": "3f2a9c0d1e"},
    ],
)
def test_nothing_else_is_a_command(annotations: dict[str, str]) -> None:
    assert read_commands(annotations) == {}
