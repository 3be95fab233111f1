"""Ingredients: what a model server's metrics are called, so that queries can be made of them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from serinus.resource.objective import Preset
from serinus.signals.selectors import read_selector


def _checked(text: str) -> str:
    read_selector(text)
    return text


SelectorText = Annotated[str, AfterValidator(_checked)]
MetricName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]


class _Ingredient(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class Share(_Ingredient):
    """Counters of which some events are bad."""

    bad: Annotated[tuple[SelectorText, ...], Field(min_length=1)]
    total: Annotated[tuple[SelectorText, ...], Field(min_length=1)]
    bad_is_shown_from_start: bool = False
    """Whether a server that counts bad events shows a zero before the first of them.

    If so, a pod without the counter does not count them, and its silence is no good news.
    """


class Latency(_Ingredient):
    """A histogram of the time from request to answer."""

    histogram: MetricName
    """Name without `_bucket`."""
    seconds_per_unit: float = Field(1.0, gt=0)


class Ingredients(_Ingredient):
    """The metrics of one kind of model server."""

    server: str
    errors: Share
    latency: Latency
    null_outputs: Share
    missing_inputs: Share
    invalid_inputs: Share
    out_of_range_inputs: Share
    unseen_categories: Share

    def share(self, preset: Preset) -> Share:
        """Return what a preset that is a share is made of.

        Raises:
            LookupError: for a preset that is none.
        """
        return {
            Preset.ERROR_RATE: self.errors,
            Preset.NULL_OUTPUTS: self.null_outputs,
            Preset.MISSING_INPUTS: self.missing_inputs,
            Preset.INVALID_INPUTS: self.invalid_inputs,
            Preset.OUT_OF_RANGE_INPUTS: self.out_of_range_inputs,
            Preset.UNSEEN_CATEGORIES: self.unseen_categories,
        }[preset]


@cache
def ingredients_of(server: str) -> Ingredients:
    """Return the ingredients of a model server by the name of its preset.

    Raises:
        LookupError: if there is no such preset.
    """
    file = files("serinus.signals") / "presets" / f"{server}.yaml"
    if not file.is_file():
        raise LookupError(f"there are no metric names for model server {server!r}")
    return Ingredients.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
