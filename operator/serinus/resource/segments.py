"""Segments: an objective judged for some values of a label as well as for all."""

from __future__ import annotations

from collections.abc import Iterator

from serinus.resource.objective import Objective


def by_segment(objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
    """Return the objectives, and those of segments for each of theirs as well.

    Each is an objective like any other, with a part of the error budget of its own.
    """
    return tuple(part for each in objectives for part in _parts(each))


def by_objective(parts: tuple[Objective, ...]) -> tuple[Objective, ...]:
    """Return the objectives that `by_segment` made these of: a resource can hold no others."""
    found: list[Objective] = []
    for part in parts:
        if part.segments is None:
            found.append(part)
        else:
            whole = found.pop()
            segments = (*(whole.segments or ()), *part.segments)
            found.append(whole.model_copy(update={"by": part.by, "segments": segments}))
    return tuple(found)


def whole_of(title: str) -> str:
    """Return the title of the objective that one of a segment belongs to: itself otherwise."""
    return title.partition("[")[0]


def _parts(objective: Objective) -> Iterator[Objective]:
    if objective.segments is None:
        yield objective
        return
    yield objective.model_copy(update={"by": None, "segments": None})
    # Of a segment nobody counts the predictions: coverage is that of the whole.
    of_all = objective.model_copy(update={"min_coverage": None, "predicted": None})
    for segment in objective.segments:
        name = f"{objective.title}[{segment}]"
        yield of_all.model_copy(update={"name": name, "segments": (segment,)})
