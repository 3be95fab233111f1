"""What can be compared between two model servers: what both show, each in its own words."""

from __future__ import annotations

from collections.abc import Iterable

from serinus.resource.objective import Objective
from serinus.resource.revision import Shows
from serinus.servers.ingredients import INGREDIENT_OF, Ingredients, Latency, Share
from serinus.servers.preset import ingredients_of, source_names, source_of


def is_of_the_server(objective: Objective) -> bool:
    """Return whether it is the model server that shows what an objective is about."""
    return objective.preset is not None and objective.preset in INGREDIENT_OF


def why_alone(objective: Objective, canary: str, stable: Shows) -> str:
    """Return why an objective can't be judged, "" where a canary needs no stable for it."""
    if not objective.is_compared:
        return ""
    asked = [n for n in source_names() if objective.preset in source_of(n).metrics.presets]
    way_out = f"set metrics.source to {' or '.join(asked)}, " if asked else ""
    return (
        f"stable is on {stable.server}, which shows nothing to tell {objective.preset} by, so "
        f"there is nothing to compare {canary} with: {way_out}give the objective a limit alone, "
        "or promote by hand"
    )


def told_apart(
    objectives: Iterable[Objective], canary: Shows, stable: Shows, source: str | None
) -> tuple[str, bool]:
    """Return what to know of a rollout from one server to another, and whether that holds it up.

    "" where both are asked the same.
    """
    asked, known = (ingredients_of(each.server, source) for each in (canary, stable))
    compared = [each for each in objectives if is_of_the_server(each) and each.is_compared]
    alone = [each for each in compared if str(each.preset) not in known.presets]
    both = [each for each in compared if each not in alone]
    apart = [e.title for e in both if _of(asked, e) != _of(known, e)]
    faults = [f"{each.title}: {why_alone(each, canary.server, stable)}" for each in alone]
    if apart:
        faults.append(
            f"{', '.join(apart)}: stable is on {stable.server} and the canary on {canary.server}; "
            "each is counted as its own server shows it, and what they call a request, an error "
            "or a duration may differ a little (kubectl serinus presets)"
        )
    return "; ".join(faults), bool(alone)


def _of(ingredients: Ingredients, objective: Objective) -> Share | Latency | None:
    name = str(objective.preset)
    return ingredients.of(name) if name in ingredients.presets else None
