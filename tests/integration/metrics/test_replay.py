"""Replays on a real Prometheus whose blocks hold the past come to what its samples come to."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from math import log
from pathlib import Path
from typing import TypeVar

import pytest
import yaml

from benchmarks.stub.open_metrics import open_metrics
from serinus.adapters.prometheus_settings import PrometheusSettings
from serinus.adapters.prometheuses import Prometheuses
from serinus.evidence.dispersion import UNVERIFIED_DIVISOR
from serinus.evidence.ledger import write_ledger
from serinus.observe.ask import MetricsReader
from serinus.replay.aa import Model, replayed
from serinus.replay.past import rollouts_of
from serinus.replay.play import play
from serinus.replay.power import found
from serinus.replay.recorded import read_recording
from serinus.replay.summary import calibration_of
from serinus.resource.spec import parse_spec
from serinus.signals.series import Series
from tests.architecture.sources import ROOT
from tests.integration.metrics.server import Server, programs

FILES = ROOT / "docs" / "replay"
DAY, ROLLOUT = (FILES / name for name in ("day.jsonl", "rollout.jsonl"))
FRAUD = Model(namespace="default", name="fraud")
T = TypeVar("T")


def series_of(file: Path) -> Iterator[Series]:
    for line in file.read_text().splitlines():
        raw = json.loads(line)
        if "samples" in raw:
            yield Series(labels=raw["labels"], samples=tuple(map(tuple, raw["samples"])))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    program = programs().get("node")
    if program is None or not program.with_name("promtool").exists():
        pytest.skip("no Prometheus with its promtool: `make cluster` builds both")
    directory = tmp_path_factory.mktemp("past") / "prometheus"
    server = Server(
        program=program,
        directory=directory,
        scrape_interval_seconds=5,
        options=("--storage.tsdb.retention.time=20y",),
    )
    with server.holding(open_metrics((*series_of(DAY), *series_of(ROLLOUT)))) as answering:
        yield answering


async def asked(server: Server, work: Callable[[MetricsReader], Awaitable[T]]) -> T:
    prometheuses = Prometheuses({"": PrometheusSettings(url=server.url, timeout=30.0)})
    try:
        return await work(prometheuses.source("", {}).reader)
    finally:
        await prometheuses.close()


async def test_a_day_of_stables_pods_comes_to_the_same_calibration(server: Server) -> None:
    spec = parse_spec(yaml.safe_load((FILES / "fraud.yaml").read_text())["spec"])
    samples, _ = read_recording(DAY.read_text())
    until = samples.ends_at

    from_file = await replayed(FRAUD, spec, samples, until, days=1)
    from_blocks = await asked(server, lambda m: replayed(FRAUD, spec, m, until, days=1))

    made = calibration_of(from_blocks, until)
    assert made == calibration_of(from_file, until)
    assert "0 of 384 A/A rollouts" in made.message
    assert made.message.endswith("and 3 by its error rate alone")
    assert made.log_threshold is not None
    (regression,) = found(from_blocks, made.log_threshold, [0.02])
    assert regression.found_share > 0.95


@pytest.mark.parametrize("weight", [25, 50])
async def test_an_injected_regression_is_found_as_predicted(server: Server, weight: int) -> None:
    """A point more of errors, at weights that four pods can have, from the start to the end."""
    resource = yaml.safe_load((FILES / "fraud.yaml").read_text())["spec"]
    steps = {"steps": [{"weight": weight}], "maxDuration": "1h"}
    spec = parse_spec({**resource, "rollout": {**resource["rollout"], **steps}})
    until = read_recording(DAY.read_text())[0].ends_at

    past = await asked(server, lambda m: replayed(FRAUD, spec, m, until, days=1))

    predicted = re.search(r"in about (\d+) min at", past.expected(None))
    assert predicted is not None
    to_fail = log(UNVERIFIED_DIVISOR / spec.rollout.alpha)
    (injected,) = found(past, to_fail, [0.01])
    told = f"{predicted[1]} min predicted, found in {injected.median_minutes:g} min"
    assert 0.7 < injected.median_minutes / float(predicted[1]) < 1.4, told


async def test_a_past_rollout_is_decided_alike_bit_for_bit(server: Server) -> None:
    _, records = read_recording(ROLLOUT.read_text())
    (past,) = rollouts_of(records)

    moments = await asked(server, lambda m: play(past, m, 5.0))

    looks = iter(moments)
    for record in past.records:
        again = next(each for each in looks if each.at == record.seen.now)
        assert again.decision.rule == record.rule
        assert again.decision.message == record.message
        assert write_ledger(again.ledger) == write_ledger(record.seen.ledger)
    assert moments[-1].at == past.ends_at < datetime.now(UTC)
