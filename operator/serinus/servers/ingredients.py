"""Ingredients: what a model server's metrics are called, so that queries can be made of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic import model_validator as validator
from pydantic.alias_generators import to_camel

from serinus.servers.selectors import read_selector


def _checked(text: str) -> str:
    read_selector(text)
    return text


SelectorText = Annotated[str, AfterValidator(_checked)]
LabelName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


class Ingredient(BaseModel):
    """A part of what is known of a server."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class Workload(Ingredient):
    """How series of somebody else's pods, such as a proxy's, name the workload they are about."""

    label: LabelName
    """The label that names it."""
    starts: str = "$(workload)"
    """What the label's value starts with; may hold $(workload) and $(namespace)."""
    namespace_label: LabelName | None = None
    """The label that holds its namespace; none where `starts` says it all."""

    def prefix(self, namespace: str, workload: str) -> str:
        """Return what the label's values start with for a workload."""
        return self.starts.replace("$(namespace)", namespace).replace("$(workload)", workload)


class Signal(Ingredient):
    """Series that are told apart by model, by pod or by workload."""

    model_label: LabelName | None = None
    """The label that names the model; what lacks it is counted for all models of a server."""
    workload: Workload | None = None
    """Set where the series are not the model's own pods'."""


class Share(Signal):
    """Counters of which some events are bad."""

    bad: tuple[SelectorText, ...] = ()
    good: tuple[SelectorText, ...] = ()
    """Where a server counts no failures: what is missing of the total was bad."""
    total: Annotated[tuple[SelectorText, ...], Field(min_length=1)]
    bad_is_shown_from_start: bool = False
    """Whether a server that counts bad events shows a zero before the first of them.

    If so, a pod without the counter does not count them, and its silence is no good news.
    """

    @validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.bad) == bool(self.good):
            raise ValueError("a share has either bad or good events")
        return self

    @property
    def marked(self) -> tuple[SelectorText, ...]:
        """The events that are counted apart from the total."""
        return self.bad or self.good


class Latency(Signal):
    """A histogram of a duration, scraped as a classic or as a native one."""

    histogram: SelectorText
    """A selector whose name has no `_bucket`."""
    formerly: tuple[SelectorText, ...] = ()
    """What older versions of the server call it, in the same unit."""
    seconds_per_unit: float = Field(1.0, gt=0)


class Mean(Ingredient):
    """A sum and how many are in it, to show where there is no histogram."""

    sum: SelectorText
    count: SelectorText
    seconds_per_unit: float = Field(1.0, gt=0)
    """1 for what is no duration."""


INGREDIENT_OF = {
    "error-rate": "errors",
    "latency": "latency",
    "time-to-first-token": "time_to_first_token",
    "time-per-token": "time_per_token",
    "queue-time": "queue_time",
    "null-outputs": "null_outputs",
    "missing-inputs": "missing_inputs",
    "invalid-inputs": "invalid_inputs",
    "out-of-range-inputs": "out_of_range_inputs",
    "unseen-categories": "unseen_categories",
}
"""Which ingredient the preset of an objective is made of."""


class Ingredients(Ingredient):
    """The metrics of one kind of model server; what it does not show is left out."""

    errors: Share | None = None
    latency: Latency | None = None
    time_to_first_token: Latency | None = None
    time_per_token: Latency | None = None
    queue_time: Latency | None = None
    null_outputs: Share | None = None
    missing_inputs: Share | None = None
    invalid_inputs: Share | None = None
    out_of_range_inputs: Share | None = None
    unseen_categories: Share | None = None
    mean_latency: Mean | None = None
    mean_queue_time: Mean | None = None
    batch_size: Mean | None = None
    tokens: SelectorText | None = None
    """Counter of generated tokens."""
    kv_cache: SelectorText | None = None
    """Gauge, 0 to 1; the fullest counts."""
    pending: SelectorText | None = None
    """Gauge of requests that wait."""

    @property
    def presets(self) -> frozenset[str]:
        """The presets of objectives that can be made of these."""
        return frozenset(
            preset for preset, name in INGREDIENT_OF.items() if getattr(self, name) is not None
        )

    def of(self, preset: str) -> Share | Latency:
        """Return what the preset of an objective is made of.

        Raises:
            LookupError: the server does not show it.
        """
        found: Share | Latency | None = getattr(self, INGREDIENT_OF[preset])
        if found is None:
            raise LookupError(f"the model server shows nothing to tell {preset} by")
        return found

    def over(self, other: Ingredients) -> Ingredients:
        """Return these, and the other's where these say nothing."""
        return other.model_copy(update=dict(self._said()))

    def seen_at(self, workload: Workload) -> Ingredients:
        """Return the same, told apart by the workload that the series are about."""
        return self.model_copy(
            update={
                name: signal.model_copy(update={"workload": workload})
                for name, signal in self._said()
                if isinstance(signal, Signal)
            }
        )

    def _said(self) -> Iterator[tuple[str, object]]:
        for name in type(self).model_fields:
            if (value := getattr(self, name)) is not None:
                yield name, value
