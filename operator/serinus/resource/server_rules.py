"""What a model server can't show is refused where it is asked for, and the way out is named."""

from __future__ import annotations

from typing import Any

from serinus.resource.objective_kinds import Preset
from serinus.resource.schema import Rule
from serinus.servers.ingredients import INGREDIENT_OF
from serinus.servers.preset import (
    STANDARD,
    ingredients_of,
    preset_of,
    server_names,
    source_names,
    source_of,
)

_SERVER = f"(has(self.model.server) ? self.model.server : '{STANDARD}')"


def can_show(spec: Any, preset: str) -> bool:
    """Return whether a spec's model server, or the source it names, shows what a preset needs."""
    return _shows(preset, spec.model.server, spec.metrics.source)


def instead(preset: str) -> str:
    """Return what to do where a model server shows nothing to tell a preset by."""
    sources = _showing(preset)
    if sources == [STANDARD]:
        return (
            f"set metrics.source to {STANDARD}, and let a container of its pod that sees inputs "
            "and outputs count by serinus-sdk, or use PromQL"
        )
    if sources:
        return f"set metrics.source to {' or '.join(sources)}, or use PromQL"
    others = ", ".join(name for name in server_names() if _shows(preset, name))
    return f"no metrics.source does either: use PromQL, or a server that does ({others})"


def _shows(preset: str, server: str, source: str | None = None) -> bool:
    """Outcomes may come from anybody; distributions only from who counts by the SDK."""
    if preset == Preset.DRIFT:
        return source == STANDARD or preset_of(server).runs_your_code
    return preset not in INGREDIENT_OF or preset in ingredients_of(server, source).presets


def _showing(preset: str) -> list[str]:
    if preset == Preset.DRIFT:
        return [STANDARD]
    return [name for name in source_names() if preset in source_of(name).metrics.presets]


def _lacking(preset: str) -> list[str]:
    return [name for name in server_names() if not _shows(preset, name)]


def _is_shown(preset: str) -> str:
    """In CEL, on a spec."""
    shown = f"!({_SERVER} in {_lacking(preset)})"
    if sources := _showing(preset):
        source = "self.metrics.source"
        shown += f" || (has(self.metrics) && has({source}) && {source} in {sources})"
    return shown


def _asked_for(preset: Preset) -> Rule:
    """An objective with this preset is for servers that can show what it needs."""
    return Rule(
        # Most servers show it, and an objective is dear to look into (objective_rules.py).
        f"{_is_shown(preset)} || !has(self.objectives) || "
        f"!self.objectives.exists(o, has(o.preset) && o.preset == '{preset}')",
        f"objectives: this model.server shows nothing to tell {preset} by; {instead(preset)}",
        lambda spec: (
            "objectives" not in spec.model_fields_set
            or all(each.preset != preset for each in spec.objectives)
            or can_show(spec, preset)
        ),
    )


_STOCKED = [name for name in server_names() if preset_of(name).pod.image is not None]

HAS_AN_IMAGE = Rule(
    "has(self.template) || has(self.model.image) || "
    f"(has(self.model.uri) && {_SERVER} in {_STOCKED})",
    "a model needs model.image, or a template with its image; with model.uri the servers "
    f"{', '.join(_STOCKED)} have one of their own",
    lambda spec: (
        bool(spec.template)
        or spec.model.image is not None
        or (spec.model.uri is not None and spec.model.server in _STOCKED)
    ),
)
"""Of a spec."""

SERVER_RULES = (
    *(_asked_for(preset) for preset in Preset if _lacking(preset)),
    Rule(
        "has(self.objectives) || "
        "(has(self.objectiveTemplates) && self.objectiveTemplates.size() > 0) || "
        f"{_is_shown(Preset.ERROR_RATE)}",
        "metrics.source: this model.server shows no errors of its own; set it to "
        f"{' or '.join(_showing(Preset.ERROR_RATE))}, or write objectives in PromQL",
        lambda spec: (
            "objectives" in spec.model_fields_set
            or bool(spec.objective_templates)
            or can_show(spec, Preset.ERROR_RATE)
        ),
    ),
)
"""Of a spec."""
