from typing import Any

import pytest
from pydantic import ValidationError

from serinus.servers.ingredients import Ingredients
from serinus.servers.preset import ingredients_of


def test_the_standard_server_has_the_names_the_documentation_gives() -> None:
    standard = ingredients_of("standard")
    assert standard.errors is not None
    assert standard.errors.bad == ('model_requests_total{code=~"5.."}',)
    assert standard.latency is not None
    assert standard.latency.histogram == "model_request_duration_seconds"
    assert standard.null_outputs is not None
    assert standard.null_outputs.total == ("model_predictions_total",)
    assert standard.missing_inputs is not None
    assert standard.missing_inputs.bad == ("model_missing_inputs_total",)


def test_an_unknown_server_is_named() -> None:
    with pytest.raises(LookupError, match="'abacus'"):
        ingredients_of("abacus")


def test_what_a_server_does_not_show_is_named_by_who_asks_for_it() -> None:
    with pytest.raises(LookupError, match="time-to-first-token"):
        ingredients_of("mlserver").of("time-to-first-token")


def test_a_preset_file_with_a_mistake_is_refused_as_it_is_read() -> None:
    content = ingredients_of("standard").model_dump(by_alias=True)
    mistakes: tuple[dict[str, Any], ...] = (
        {"errors": {"bad": ["sum(a)"], "total": ["a"]}},
        {"errors": {"bad": [], "total": ["a"]}},
        {"errors": {"bad": ["a"], "good": ["b"], "total": ["c"]}},
        {"latency": {"histogram": "not a name"}},
        {"surprise": {}},
    )
    for mistake in mistakes:
        with pytest.raises(ValidationError):
            Ingredients.model_validate(content | mistake)
