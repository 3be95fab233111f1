"""Every preset counts exactly what happened, whatever else its server counts."""

import pytest

from serinus.observe.measure import measure
from serinus.resource.objective import Objective, WorseThanStable
from serinus.resource.objective import Preset as ObjectivePreset
from serinus.resource.objective_kinds import DURATIONS
from serinus.servers.preset import (
    STANDARD,
    ingredients_of,
    preset_of,
    server_names,
    source_names,
)
from tests.presets.counted import Reader, asked, counts, scraped, watch_at
from tests.presets.rules import SAID_BY_MODELS, told_by_model
from tests.presets.shows import SECONDS, names, shows
from tests.presets.stories import STORIES, count
from tests.presets.table import said

ERRORS = Objective(
    preset=ObjectivePreset.ERROR_RATE, limit="5%", worse_than_stable=WorseThanStable(by="1%")
)
LATENCY = Objective(preset=ObjectivePreset.LATENCY, worse_than_stable=WorseThanStable(by="10%"))
NULLS = Objective(preset=ObjectivePreset.NULL_OUTPUTS, worse_than_stable=WorseThanStable(by="1%"))


def test_every_server_with_a_signal_is_stated() -> None:
    signalling = {n for n in server_names() if "error-rate" in ingredients_of(n).presets}
    assert set(names()) == signalling | set(source_names())


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("name", names())
async def test_requests_and_errors_are_counted_exactly(name: str, story: str) -> None:
    tracks = STORIES[story]
    tallies = await counts(Reader(scraped(name, *tracks)), name, ERRORS)
    for tally, happened in zip(tallies, tracks, strict=True):
        told = (tally.total, tally.bad)
        assert told == (count(happened, "good", "bad"), count(happened, "bad"))


DURATIONS_SHOWN = [
    (name, preset)
    for name in names()
    for preset in sorted(DURATIONS)
    if preset in ingredients_of(*asked(name)).presets
]


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize(("name", "preset"), DURATIONS_SHOWN)
async def test_durations_are_counted_exactly(
    name: str, preset: ObjectivePreset, story: str
) -> None:
    tracks = STORIES[story]
    kinds = shows(name).told_by(preset)
    assert kinds
    objective = Objective(preset=preset, worse_than_stable=WorseThanStable(by="10%"))
    canary, stable = await counts(Reader(scraped(name, *tracks)), name, objective)
    assert canary.total == count(tracks[0], *kinds)
    # Where a server times its good answers only, a canary that has none waits, and stable with it.
    assert stable.total == (count(tracks[1], *kinds) if canary.total else 0)
    for tally in (canary, stable):
        if tally.total:
            # Every request takes as long, so all are slower than each edge below that, in seconds.
            assert all((n == tally.total) == (edge >= SECONDS) for edge, n in tally.buckets)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("preset", sorted(SAID_BY_MODELS))
async def test_what_a_model_says_of_itself_is_counted_exactly(preset: str, story: str) -> None:
    tracks = STORIES[story]
    objective = Objective(
        preset=ObjectivePreset(preset), worse_than_stable=WorseThanStable(by="1%")
    )
    tallies = await counts(Reader(scraped(STANDARD, *tracks)), STANDARD, objective)
    each = 1 if preset == "null-outputs" else max(shows(STANDARD).amounts.values())
    for tally, happened in zip(tallies, tracks, strict=True):
        assert tally.total == each * count(happened, "good", "bad")
        faulty = shows(STANDARD).shares[preset] * each * count(happened, "bad")
        assert tally.bad == pytest.approx(faulty)


@pytest.mark.parametrize("name", server_names())
def test_what_was_tested_of_that_is_asked_of_every_server_that_runs_its_users_code(
    name: str,
) -> None:
    assert said(name) == (said(STANDARD) if preset_of(name).runs_your_code else {})
    assert set(said(STANDARD)) == SAID_BY_MODELS == set(shows(STANDARD).shares)


@pytest.mark.parametrize("name", [n for n in names() if "error-rate" in told_by_model(n)])
async def test_a_label_selects_one_model_of_a_server(name: str) -> None:
    """Another model of the same pod fails; only who asks for its name sees it."""
    label = shows(name).model_label or ""
    tracks = STORIES["5 % errors among noisy probes"]
    mine = scraped(name, *tracks)
    theirs = [
        type(one)(labels={**one.labels, label: "other"}, samples=one.samples)
        for one in scraped(name, *STORIES["100 % errors from the first request"])
        if one.labels.get(label) == "fraud"
    ]
    reader = Reader([*mine, *theirs])
    canary, _ = await counts(reader, name, ERRORS, served_name="fraud")
    assert (canary.total, canary.bad) == (
        count(tracks[0], "good", "bad"),
        count(tracks[0], "bad"),
    )
    both, _ = await counts(reader, name, ERRORS)
    assert both.bad > canary.bad


async def test_what_names_no_model_is_of_the_one_that_is_asked_for() -> None:
    """A server that shows the standard metrics of one model needs no label to tell it by."""
    tracks = STORIES["5 % errors among noisy probes"]
    named = scraped(STANDARD, *tracks)
    nameless = [
        type(one)(
            labels={k: v for k, v in one.labels.items() if k != "model"}, samples=one.samples
        )
        for one in named
    ]
    for objective in (ERRORS, LATENCY, NULLS):
        of_both = [
            await counts(Reader(series), STANDARD, objective, served_name="fraud")
            for series in (named, nameless)
        ]
        assert of_both[0] == of_both[1]
        assert of_both[0][0].total == count(tracks[0], "good", "bad")


async def test_what_a_model_says_of_itself_is_told_by_its_name_too() -> None:
    tracks = STORIES["5 % errors among noisy probes"]
    series = scraped(STANDARD, *tracks)
    canary, _ = await counts(Reader(series), STANDARD, NULLS, served_name="adapter")
    assert canary.total == 0
    watch = watch_at(STANDARD, NULLS, 4, served_name="adapter")
    measured = await measure(watch, Reader(series))
    assert "of model adapter, but of fraud (spec.model.name)" in measured.trouble


def test_every_label_that_a_preset_selects_a_model_by_is_stated() -> None:
    """So that the rule tester sees two models in one server of each."""
    labelled = {name: bool(told_by_model(name)) for name in names()}
    assert labelled == {name: shows(name).model_label is not None for name in names()}


async def test_a_lora_adapter_that_no_metric_names_is_told_with_the_names_there_are() -> None:
    """vLLM's metrics name the model it serves, never the adapter on it."""
    reader = Reader(scraped("vllm", *STORIES["5 % errors among noisy probes"]))
    measured = await measure(watch_at("vllm", LATENCY, 4, served_name="adapter"), reader)
    assert (
        "show no vllm:e2e_request_latency_seconds_bucket of model adapter, but of llama "
        "(spec.model.name)" in measured.trouble
    )


async def test_a_label_that_the_scrape_configuration_renames_is_read_all_the_same() -> None:
    """The Prometheus operator adds an `endpoint`, so BentoML's becomes `exported_endpoint`."""
    tracks = STORIES["5 % errors among noisy probes"]
    renamed = []
    for one in scraped("bentoml", *tracks):
        labels = dict(one.labels)
        if "endpoint" in labels:
            labels["exported_endpoint"] = labels["endpoint"]
        renamed.append(type(one)(labels={**labels, "endpoint": "http"}, samples=one.samples))
    canary, stable = await counts(Reader(renamed), "bentoml", ERRORS)
    assert (canary.total, canary.bad) == (count(tracks[0], "good", "bad"), count(tracks[0], "bad"))
    assert stable.total == count(tracks[1], "good", "bad")


async def test_a_server_that_has_to_be_told_to_show_metrics_is_silent_with_advice() -> None:
    everything = scraped("sglang", *STORIES["no traffic, but probes"])
    reader = Reader([one for one in everything if one.labels["__name__"] == "up"])
    measured = await measure(watch_at("sglang", ERRORS, 4), reader)
    assert measured.trouble.endswith(
        "its pods are scraped, but show no sglang:http_responses_total "
        "(sglang needs --enable-metrics, and --host 0.0.0.0)"
    )
