"""What a person may write into a pod's environment, and what they are told about the rest."""

import pytest

from demo.environment import Environment, SettingError


def test_an_unset_number_has_its_default() -> None:
    assert Environment({}).number("RATE", 2.5, 0, 10) == 2.5


def test_an_empty_variable_counts_as_unset() -> None:
    assert Environment({"RATE": " "}).number("RATE", 2.5, 0, 10) == 2.5


@pytest.mark.parametrize("written", ["many", "11", "-1", "nan", "inf"])
def test_a_number_out_of_its_range_is_refused_by_name(written: str) -> None:
    with pytest.raises(SettingError, match="RATE="):
        Environment({"RATE": written}).number("RATE", 1, 0, 10)


def test_a_whole_number_has_no_fraction() -> None:
    assert Environment({"PORT": "80"}).whole("PORT", 1, 0, 100) == 80
    with pytest.raises(SettingError, match="PORT"):
        Environment({"PORT": "80.5"}).whole("PORT", 1, 0, 100)


def test_a_share_lies_between_nothing_and_all() -> None:
    assert Environment({"FAIL_SHARE": "0.25"}).share("FAIL_SHARE") == 0.25
    with pytest.raises(SettingError, match="FAIL_SHARE"):
        Environment({"FAIL_SHARE": "25"}).share("FAIL_SHARE")


@pytest.mark.parametrize(("written", "on"), [("1", True), ("True", True), ("off", False)])
def test_a_switch_takes_the_usual_words(written: str, on: bool) -> None:
    assert Environment({"SWITCH": written}).switch("SWITCH") is on


def test_a_switch_takes_no_other_word() -> None:
    with pytest.raises(SettingError, match="SWITCH"):
        Environment({"SWITCH": "maybe"}).switch("SWITCH")


def test_a_text_without_a_default_must_be_set() -> None:
    with pytest.raises(SettingError, match="TARGET_URL must be set"):
        Environment({}).text("TARGET_URL")
