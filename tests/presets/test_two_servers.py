"""A rollout from one model server to another: each track is counted as its own server shows it."""

from collections.abc import Sequence

import pytest

from serinus.evidence.ledger import Ledger
from serinus.observe.measure import Measured, measure
from serinus.resource.objective import Objective, WorseThanStable
from serinus.resource.objective import Preset as ObjectivePreset
from serinus.resource.revision import Shows
from serinus.signals.blocks import objective_key
from serinus.signals.series import Series
from serinus.signals.tally import tallied
from tests.presets.counted import CANARY, STABLE, Reader, scraped, watch_at
from tests.presets.shows import MODEL
from tests.presets.stories import SCRAPES, STORIES, count

TRACKS = STORIES["5 % errors among noisy probes"]
ERRORS = Objective(preset=ObjectivePreset.ERROR_RATE, worse_than_stable=WorseThanStable(by="1%"))
LATENCY = Objective(preset=ObjectivePreset.LATENCY, worse_than_stable=WorseThanStable(by="10%"))


def of_track(series: Sequence[Series], revision: str) -> list[Series]:
    return [s for s in series if s.labels["pod"].startswith(f"{MODEL}-{revision}-")]


def seen(canary: str, stable: str) -> list[Series]:
    """What Prometheus has of a canary on one server and stable on another."""
    return [
        *of_track(scraped(canary, *TRACKS), CANARY),
        *of_track(scraped(stable, *TRACKS), STABLE),
    ]


async def measured(
    canary: str, stable: Shows | None, series: Sequence[Series], objective: Objective
) -> tuple[Measured, Ledger]:
    ledger, reader, found = Ledger(), Reader(series), Measured()
    for minute in range(4, SCRAPES // 4 + 5, 4):
        watch = watch_at(canary, objective, minute, ledger, stable_shows=stable)
        found = await measure(watch, reader)
        ledger = found.ledger
    return found, ledger


@pytest.mark.parametrize(
    ("canary", "stable"),
    [("kserve", "mlserver"), ("vllm", "tgi"), ("fastapi", "bentoml"), ("triton", "torchserve")],
)
async def test_each_track_is_counted_as_its_own_server_shows_it(canary: str, stable: str) -> None:
    _, ledger = await measured(canary, Shows(server=stable), seen(canary, stable), ERRORS)
    blocks = ledger.of(objective_key(ERRORS))
    told, known = (tallied(getattr(b, track) for b in blocks) for track in ("canary", "stable"))
    assert (told.total, told.bad) == (count(TRACKS[0], "good", "bad"), count(TRACKS[0], "bad"))
    assert (known.total, known.bad) == (count(TRACKS[1], "good", "bad"), count(TRACKS[1], "bad"))


async def test_without_that_stable_would_be_empty() -> None:
    _, ledger = await measured("kserve", None, seen("kserve", "mlserver"), ERRORS)
    blocks = ledger.of(objective_key(ERRORS))
    assert tallied(block.stable for block in blocks).total == 0


async def test_a_model_that_was_renamed_is_counted_by_both_its_names() -> None:
    old = [
        Series(labels={**s.labels, "model": "old"}, samples=s.samples)
        if "model" in s.labels
        else s
        for s in of_track(scraped("mlserver", *TRACKS), STABLE)
    ]
    new = of_track(scraped("mlserver", *TRACKS), CANARY)
    watch = watch_at(
        "mlserver",
        ERRORS,
        4,
        served_name="fraud",
        stable_shows=Shows(server="mlserver", served_name="old"),
    )
    ledger = (await measure(watch, Reader([*new, *old]))).ledger
    blocks = ledger.of(objective_key(ERRORS))
    assert tallied(block.stable for block in blocks).total > 0
    assert tallied(block.canary for block in blocks).total > 0


async def test_what_stables_server_does_not_show_is_told_and_holds() -> None:
    stable = Shows(server="torchserve")
    found, ledger = await measured("triton", stable, seen("triton", "torchserve"), LATENCY)
    assert ledger.of(objective_key(LATENCY)) == ()
    assert found.trouble.startswith(
        "latency: stable is on torchserve, which shows nothing to tell latency by, so there is "
        "nothing to compare triton with: set metrics.source to envoy-gateway or"
    )


async def test_a_limit_alone_needs_no_stable_to_compare_with() -> None:
    limit = Objective(preset=ObjectivePreset.LATENCY, limit="250ms")
    stable = Shows(server="torchserve")
    found, ledger = await measured("triton", stable, seen("triton", "torchserve"), limit)
    assert not found.trouble
    told = tallied(block.canary for block in ledger.of(objective_key(limit)))
    assert told.total == count(TRACKS[0], "good")
