from typing import Any

import pytest
from pydantic import ValidationError

from serinus.resource.objective import Preset
from serinus.signals.ingredients import Ingredients, ingredients_of


def test_the_standard_server_has_the_names_the_documentation_gives() -> None:
    standard = ingredients_of("standard")
    assert standard.errors.bad == ('model_requests_total{code=~"5.."}',)
    assert standard.latency.histogram == "model_request_duration_seconds"
    assert standard.share(Preset.NULL_OUTPUTS).total == ("model_predictions_total",)
    assert standard.share(Preset.MISSING_INPUTS).bad == ("model_missing_inputs_total",)


def test_an_unknown_server_is_named() -> None:
    with pytest.raises(LookupError, match="'abacus'"):
        ingredients_of("abacus")


def test_a_preset_file_with_a_mistake_is_refused_as_it_is_read() -> None:
    content = ingredients_of("standard").model_dump(by_alias=True)
    mistakes: tuple[dict[str, Any], ...] = (
        {"errors": {"bad": ["sum(a)"], "total": ["a"]}},
        {"errors": {"bad": [], "total": ["a"]}},
        {"latency": {"histogram": "not a name"}},
        {"surprise": {}},
    )
    for mistake in mistakes:
        with pytest.raises(ValidationError):
            Ingredients.model_validate(content | mistake)
