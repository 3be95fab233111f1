"""Templates: what is written keeps an objective's rules, the rest does once it is filled in."""

from typing import Any

import pytest
from pydantic import ValidationError

from serinus.resource.objective_template import (
    ObjectiveTemplateSpec,
    TemplateReference,
    filled_in,
    named_arguments,
)

SHARE = {"preset": "error-rate", "limit": "1%"}


def template(*objectives: dict[str, Any], **fields: Any) -> ObjectiveTemplateSpec:
    return ObjectiveTemplateSpec.model_validate({"objectives": list(objectives), **fields})


@pytest.mark.parametrize(
    "objective",
    [
        SHARE,
        SHARE | {"limit": "$(args.limit)"},
        SHARE | {"limit": "$(args.percent)%"},
        SHARE
        | {"passLimit": "$(args.pass)", "worseThanStable": {"by": "1%", "passBy": "$(args.p)"}},
        SHARE | {"name": "errors-$(args.suffix)"},
        {"preset": "error-rate", "worseThanStable": {"by": "$(args.by)"}},
        {"preset": "latency", "quantile": "$(args.quantile)", "limit": "250ms"},
        {"name": "queue", "value": 'avg(queue{kind="$(args.kind)",$(selector)})', "limit": "20"},
    ],
)
def test_every_text_may_hold_an_argument(objective: dict[str, Any]) -> None:
    assert template(objective).objectives[0].title


@pytest.mark.parametrize(
    ("objective", "words"),
    [
        (SHARE | {"limit": "250ms"}, "the limit of a share is a percentage"),
        (SHARE | {"limit": "much"}, "pattern"),
        (SHARE | {"name": "Errors"}, "pattern"),
        (SHARE | {"worse": "lower"}, "worse belongs to value"),
        (SHARE | {"limit": None}, "needs a limit, or worseThanStable, or both"),
        (SHARE | {"passLimit": "250ms"}, "the limit of a share is a percentage"),
        (
            {"preset": "error-rate", "worseThanStable": {"by": "1%", "passBy": "5ms"}},
            "may be worse than",
        ),
        ({"preset": "latency", "worseThanStable": {"by": "10"}}, "by a duration or by a percent"),
        (SHARE | {"limit": "$(args.a)", "worseThanStable": {"by": "5ms"}}, "may be worse than"),
    ],
)
def test_what_is_wrong_whatever_the_arguments_is_refused(
    objective: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        template(objective)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"objectives": []}, "objectives"),
        ({"objectives": [SHARE, SHARE]}, "two objectives have the same name"),
        ({"objectives": [SHARE], "args": [{"name": "a"}, {"name": "a"}]}, "two arguments"),
        ({"objectives": [SHARE], "args": [{"name": "a b"}]}, "args.0.name"),
        ({"objectives": [SHARE], "metrics": []}, "metrics"),
    ],
)
def test_a_template_is_refused_as_a_whole(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ObjectiveTemplateSpec.model_validate(fields)


def test_a_reference_is_to_a_template_beside_the_model_unless_it_says_else() -> None:
    reference = TemplateReference.model_validate({"name": "serving"})
    assert str(reference) == "ObjectiveTemplate 'serving'"
    with pytest.raises(ValidationError, match="two arguments"):
        TemplateReference.model_validate(
            {"name": "x", "args": [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]}
        )


def test_arguments_take_their_place_in_texts_and_nowhere_else() -> None:
    raw = {"limit": "$(args.a)%", "query": ["x{$(selector)} $(args.a)/$(args.b)"], "minSamples": 5}
    assert filled_in(raw, {"a": "1", "b": "$(args.a)"}) == {
        "limit": "1%",
        "query": ["x{$(selector)} 1/$(args.a)"],
        "minSamples": 5,
    }
    assert [*named_arguments(raw)] == ["a", "a", "b"]
