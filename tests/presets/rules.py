"""Test files for Prometheus' own rule tester: what is shown of each preset, and must be said."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from serinus.servers.ingredients import INGREDIENT_OF, Signal
from serinus.servers.preset import STANDARD, ingredients_of
from serinus.servers.promql import Shown, Whose
from tests.presets.counted import CANARY, STABLE, asked
from tests.presets.shows import (
    MODEL,
    NAMESPACE,
    SCRAPE_SECONDS,
    SECONDS,
    Shows,
    another_model,
    shows,
    target,
    unlabelled,
)
from tests.presets.stories import (
    FEW_ERRORS,
    IDLE,
    MOSTLY_FAILING,
    SCRAPES,
    STORIES,
    Interval,
    Story,
    steady,
)

QUANTILE = 0.5
LAST_SECONDS = (SCRAPES - 1) * SCRAPE_SECONDS
WINDOW_SCRAPES = 20
Sample = float | None
"""What a query must say; None where it must say nothing."""
OTHER, NOBODY = "other", "nobody"
"""A second model in the same pod, and a name that no metric has, such as a LoRA adapter's."""
SAID_BY_MODELS = frozenset(
    (
        "null-outputs",
        "missing-inputs",
        "invalid-inputs",
        "out-of-range-inputs",
        "unseen-categories",
    )
)
"""What a model says of itself, by the same names on every server."""


def queries(name: str, revision: str, served_name: str | None = None) -> dict[str, str]:
    """Return the queries that are shown of a track."""
    whose = Whose(namespace=NAMESPACE, workload=f"{MODEL}-{revision}", served_name=served_name)
    return Shown(whose=whose, quantile=QUANTILE).queries(ingredients_of(*asked(name)))


def told_by_model(name: str) -> frozenset[str]:
    """Return the queries of a preset that a label can narrow to one model of a server."""
    ingredients = ingredients_of(*asked(name))
    signals = {preset: getattr(ingredients, part) for preset, part in INGREDIENT_OF.items()}
    signals["request-rate"] = ingredients.errors
    return frozenset(
        query
        for query, signal in signals.items()
        if isinstance(signal, Signal) and signal.model_label
    ) - (SAID_BY_MODELS - set(shows(name).shares))


def expected(name: str, query: str, story: Story) -> Sample:
    """Return what a query must say at the end of a story, by what happened in its last minutes."""
    return _expected(shows(name), query, story)


def _expected(server: Shows, query: str, story: Story) -> Sample:
    window = story[-WINDOW_SCRAPES:]
    requests = _count(window, "good", "bad")
    if query == "request-rate":
        return _rate(requests) or 0.0
    if query == "error-rate":
        return _count(window, "bad") / requests if requests else None
    if query in server.shares:
        return server.shares[query] * _count(window, "bad") / requests if requests else None
    if query in server.rates:
        return _rate(_count(window, server.rates[query]))
    gauges = dict(server.gauges.values())
    if query in gauges:
        return gauges[query]
    if query in server.numbers:
        return server.numbers[query] if _count(window, "good") else None
    return _duration(server, query) if _count(window, *server.told_by(query)) else None


def _rate(events: int) -> Sample:
    """A counter without an event in a story is not there at all."""
    return events / WINDOW_SCRAPES / SCRAPE_SECONDS if events else None


def _count(window: Sequence[Interval], *kinds: str) -> int:
    return sum(getattr(interval, kind) for interval in window for kind in kinds)


def _duration(server: Shows, query: str) -> float:
    """The median of equal durations lies in the middle of their bucket; a mean is exact."""
    if query.startswith("mean-"):
        return SECONDS
    timed = next(each for each in server.timed if query in each.tells.split())
    edges = sorted([0.0, *(edge * timed.unit for edge in timed.edges)])
    above = next(n for n, edge in enumerate(edges) if edge >= timed.value)
    return edges[above - 1] + QUANTILE * (edges[above] - edges[above - 1])


def rule_test(name: str) -> dict[str, Any]:
    """Return the test file of a preset, a group for each story."""
    return {
        "evaluation_interval": f"{SCRAPE_SECONDS:g}s",
        "fuzzy_compare": True,
        "tests": [
            {
                "name": story,
                "interval": f"{SCRAPE_SECONDS:g}s",
                "input_series": [
                    *_input(shows(name), CANARY, canary),
                    *_input(shows(name), STABLE, stable),
                ],
                "promql_expr_test": [
                    *_assertions(name, CANARY, canary),
                    *_assertions(name, STABLE, stable),
                ],
            }
            for story, (canary, stable) in STORIES.items()
        ]
        + ([_two_models(name)] if told_by_model(name) else [])
        + ([_no_model(name)] if name == STANDARD else []),
    }


def _two_models(name: str) -> dict[str, Any]:
    """One pod, two models, one of them slow and failing: a label tells which is asked for."""
    mine, other = shows(name), another_model(shows(name), OTHER)
    here, there = steady(FEW_ERRORS), steady(MOSTLY_FAILING)
    alone = {each["series"] for each in _input(mine, CANARY, here)}
    return {
        "name": "two models in one server",
        "interval": f"{SCRAPE_SECONDS:g}s",
        "input_series": [
            *_input(mine, CANARY, here),
            # What does not name the model is there once, and no query here asks for it.
            *(each for each in _input(other, CANARY, there) if each["series"] not in alone),
        ],
        "promql_expr_test": [
            _assertion(expression, _expected(server, query, story))
            for served, server, story in (
                (mine.model, mine, here),
                (OTHER, other, there),
                (NOBODY, mine, steady(IDLE)),
            )
            for query, expression in queries(name, CANARY, served).items()
            if query in told_by_model(name)
        ],
    }


def _no_model(name: str) -> dict[str, Any]:
    """A server that names no model: what it shows is of the one that is asked for."""
    story = steady(FEW_ERRORS)
    return {
        "name": "a model that is not named",
        "interval": f"{SCRAPE_SECONDS:g}s",
        "input_series": [*_input(unlabelled(shows(name)), CANARY, story)],
        "promql_expr_test": [
            _assertion(expression, expected(name, query, story))
            for query, expression in queries(name, CANARY, MODEL).items()
            if query in told_by_model(name)
        ],
    }


def _input(server: Shows, revision: str, story: Story) -> Iterator[dict[str, str]]:
    workload = f"{MODEL}-{revision}"
    more = ",".join(f'{k}="{v}"' for k, v in target(server.pod(workload)).items())
    for series, values in server.values(story, workload).items():
        text = f"{series[:-1]},{more}}}" if series.endswith("}") else f"{series}{{{more}}}"
        yield {"series": text, "values": " ".join(_text(value) for value in values)}


def _text(value: Sample) -> str:
    return "_" if value is None else f"{value:.9g}"


def _assertions(name: str, revision: str, story: Story) -> Iterator[dict[str, Any]]:
    for query, expression in queries(name, revision).items():
        if query in SAID_BY_MODELS - set(shows(name).shares):  # the model's own, not the server's
            continue
        yield _assertion(expression, expected(name, query, story))


def _assertion(expression: str, value: Sample) -> dict[str, Any]:
    return {
        # The tester tells apart what is a few bits apart.
        "expr": f"round({expression}, 1e-7)",
        "eval_time": f"{LAST_SECONDS:g}s",
        "exp_samples": [] if value is None else [{"labels": "{}", "value": round(value, 7)}],
    }


def judge(promtool: Path, name: str, folder: Path) -> str:
    """Return what the rule tester has to object to a preset, "" where all is as it must be."""
    return objections(promtool, rule_test(name), folder / f"{name}.json")


def objections(promtool: Path, content: dict[str, Any], file: Path) -> str:
    """Return what the rule tester says of a test file that fails."""
    file.write_text(json.dumps(content))  # JSON is YAML
    command = [str(promtool), "test", "rules", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr
