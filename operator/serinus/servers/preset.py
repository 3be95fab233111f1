"""Presets: what is known of each model server, one data file each."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from serinus.servers.ingredients import Ingredient, Ingredients, Workload

STANDARD = "standard"
Text = Annotated[str, StringConstraints(min_length=1)]
PortNumber = Annotated[int, Field(ge=1, le=65535)]


class ServerPort(Ingredient):
    """A port a server listens on."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,13}[a-z0-9])?$")]
    port: PortNumber


class Probe(Ingredient):
    """How a server says that it is ready, or alive."""

    path: Text | None = None
    """HTTP path; none for a server whose probes would be counted as requests: TCP then."""
    model_path: Text | None = None
    """The same for one model by its name, $(model)."""
    timeout_seconds: Annotated[int, Field(ge=1)] | None = None
    """For servers that take their time to answer; Kubernetes waits for one second."""


class MetricsPlace(Ingredient):
    """Where a server's metrics are."""

    port: PortNumber | None = None
    """The first of its ports where there is none."""
    path: Text = "/metrics"


class FilesPlace(Ingredient):
    """How a server is told where its model's files are, which are mounted in one $(folder)."""

    args: tuple[Text, ...] = ()
    """Of the stock image, where no command line is written; $(model) is the model's name."""
    programs: tuple[Text, ...] = ()
    """Whose command line, where it is written, takes the same flags."""
    also_called: tuple[Text, ...] = ()
    """Other flags that say where the model is."""
    env: dict[str, str] = Field(default_factory=dict)
    name: Text | None = None
    """What a model is called for a server that needs a name, where the user has none."""


class PodDefaults(Ingredient):
    """What a server's pod needs and its user need not write."""

    image: Text | None = None
    """The stock image, for a model that brings its files and no image."""
    files: FilesPlace = FilesPlace()
    ports: tuple[ServerPort, ...] = ()
    """The first is the one that requests come to."""
    ready: Probe | None = None
    live: Probe | None = None
    metrics: MetricsPlace = MetricsPlace()
    env: dict[str, str] = Field(default_factory=dict)
    flags: tuple[Text, ...] = ()
    """That metrics need: added to a command line of the server's that does not mention them."""
    config: Text | None = None
    """What is in the file that a flag names as $(config)."""


class Preset(Ingredient):
    """All that is known of a model server, or of who sees the requests of any server."""

    title: Text
    version: Text
    """The version looked at."""
    basis: Literal["live", "source", "documentation"]
    """How it was looked at: a running server, its source, or its documentation."""
    sources: tuple[Text, ...] = ()
    """Where that can be read again."""
    needs: str = ""
    """What has to be done so that there are metrics at all."""
    traps: tuple[Text, ...] = ()
    """What its numbers mean and do not mean."""
    instead: str = ""
    """Where a server shows nothing: what to do."""
    runs_your_code: bool = True
    """Whether a model can show metrics of its own beside the server's."""
    pod: PodDefaults = PodDefaults()
    workload: Workload | None = None
    """Set where series are a proxy's: how they name the workload behind it."""
    metrics: Ingredients = Ingredients()
    objectives: tuple[dict[str, Any], ...] = ()
    """Default objectives, as in a resource; none for those that every server has."""


@cache
def preset_of(server: str) -> Preset:
    """Return the preset of a model server.

    Raises:
        LookupError: if there is none.
    """
    return _read("presets", server)


@cache
def source_of(source: str) -> Preset:
    """Return the preset of somebody who sees the requests of any server.

    Raises:
        LookupError: if there is none.
    """
    return preset_of(STANDARD) if source == STANDARD else _read("sources", source)


@cache
def ingredients_of(server: str, source: str | None = None) -> Ingredients:
    """Return the metrics of a model server, those of a source taken first.

    What a model says of itself, such as null outputs, has the standard names on every server that
    runs its users' code.

    Raises:
        LookupError: if there is no such preset.
    """
    preset = preset_of(server)
    found = preset.metrics
    if preset.runs_your_code:
        standard = preset_of(STANDARD).metrics
        found = found.over(
            Ingredients(
                null_outputs=standard.null_outputs,
                missing_inputs=standard.missing_inputs,
                invalid_inputs=standard.invalid_inputs,
                out_of_range_inputs=standard.out_of_range_inputs,
                unseen_categories=standard.unseen_categories,
            )
        )
    if source is None:
        return found
    seen = source_of(source)
    return (seen.metrics.seen_at(seen.workload) if seen.workload else seen.metrics).over(found)


@cache
def server_names() -> tuple[str, ...]:
    """Return the model servers there are presets for."""
    return _names("presets")


@cache
def source_names() -> tuple[str, ...]:
    """Return who else can be asked: what is exported by the model itself, and proxies."""
    return tuple(sorted((STANDARD, *_names("sources"))))


def _names(folder: str) -> tuple[str, ...]:
    found = (files("serinus.servers") / folder).iterdir()
    return tuple(sorted(f.name.removesuffix(".yaml") for f in found if f.name.endswith(".yaml")))


def _read(folder: str, name: str) -> Preset:
    file = files("serinus.servers") / folder / f"{name}.yaml"
    if not file.is_file():
        raise LookupError(f"there are no metric names for model server {name!r}")
    # All of them are read at the start; what is written in C takes a tenth of the time.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return Preset.model_validate(content)


def _known(names: tuple[str, ...], what: str) -> Any:
    def check(name: str) -> str:
        if name not in names:
            raise ValueError(f"{name!r} is no {what}; there are {', '.join(names)}")
        return name

    return AfterValidator(check)


ServerName = Annotated[
    str,
    _known(server_names(), "model server"),
    WithJsonSchema({"type": "string", "enum": list(server_names())}),
]
SourceName = Annotated[
    str,
    _known(source_names(), "source of metrics"),
    WithJsonSchema({"type": "string", "enum": list(source_names())}),
]
