"""Calibrations are made in another process, one at a time, and told when they are there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from serinus.adapters.calibrator import Calibrator, in_a_process_of_its_own, job_spec
from serinus.errors import OutsideUnavailable
from serinus.evidence.policy import policy_digest
from serinus.resource.body import Resource
from serinus.resource.calibration import Calibration
from serinus.resource.incident import incidents_digest
from serinus.resource.objectives import in_force
from serinus.resource.spec import parse_spec
from serinus.resource.status import Memory
from tests.fakes.world import spec_of
from tests.integration.within import until
from tests.unit.adapters.stub_prometheus import Reply, failure, serving, success

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
BEFORE_NOON = NOON - timedelta(minutes=1)
SPEC = parse_spec(spec_of())
FRAUD = Resource(namespace="prod", name="fraud", uid="1", generation=1, resource_version="1")
CHURN = replace(FRAUD, name="churn", uid="2")
NEW = Memory()
MINUTES = 7 * 24 * 60


class Workshop:
    """Makes calibrations as it is told, and remembers which were wanted."""

    def __init__(self, *, fails: bool = False) -> None:
        self.jobs: list[Mapping[str, Any]] = []
        self.at_once = self.most_at_once = 0
        self.fails = fails

    async def make(self, job: Mapping[str, Any]) -> Calibration:
        self.jobs.append(job)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.fails:
            raise OutsideUnavailable("Prometheus does not answer")
        incidents = incidents_digest(parse_spec(job["spec"]).rollout.incidents)
        return Calibration(policy=job["policy"], incidents=incidents, at=NOON, message="fine")


async def working(calibrator: Calibrator) -> None:
    """Have it make all that is wanted by now."""
    task = asyncio.create_task(calibrator.keep_calibrating())
    await asyncio.sleep(0)
    await until(lambda: not calibrator._wanted and calibrator._under_way is None)
    task.cancel()
    await asyncio.wait({task})


async def test_a_model_without_one_gets_one_and_is_woken() -> None:
    workshop, woken = Workshop(), list[tuple[str, str]]()
    calibrator = Calibrator(workshop.make, lambda: NOON)
    calibrator.on_made = lambda namespace, name: woken.append((namespace, name))

    assert calibrator.newest(FRAUD, SPEC, NEW) is None
    await working(calibrator)

    made = calibrator.newest(FRAUD, SPEC, NEW)
    assert made is not None
    assert made.policy == policy_digest(SPEC)
    assert woken == [("prod", "fraud")]


async def test_what_is_known_already_is_not_told_again_nor_made_again() -> None:
    workshop = Workshop()
    calibrator = Calibrator(workshop.make, lambda: NOON)
    known = Calibration(policy=policy_digest(SPEC), at=NOON, message="fine")

    assert calibrator.newest(FRAUD, SPEC, Memory(calibration=known)) is None
    await working(calibrator)
    assert workshop.jobs == []


async def test_an_incident_that_is_named_is_calibrated_without_once() -> None:
    outage = {"from": "2026-01-04T10:00:00Z", "until": "2026-01-04T11:00:00Z"}
    named = parse_spec(spec_of(rollout={"calibration": {"without": [outage]}}))
    workshop = Workshop()
    calibrator = Calibrator(workshop.make, lambda: NOON)
    policy = policy_digest(parse_spec(spec_of(rollout={})))
    memory = Memory(calibration=Calibration(policy=policy, at=BEFORE_NOON, message="fine"))

    for _ in range(3):
        calibrator.newest(FRAUD, named, memory)
        await working(calibrator)

    (job,) = workshop.jobs
    assert parse_spec(job["spec"]).rollout.incidents == named.rollout.incidents
    made = calibrator.newest(FRAUD, named, memory)
    assert made is not None
    assert made.policy == policy
    assert made.incidents == incidents_digest(named.rollout.incidents)


async def test_one_that_is_being_made_is_not_wanted_again() -> None:
    """A look comes every few seconds, and a replay takes longer."""
    workshop = Workshop()
    calibrator = Calibrator(workshop.make, lambda: NOON)

    async def make(job: Mapping[str, Any]) -> Calibration:
        calibrator.newest(FRAUD, SPEC, NEW)
        return await workshop.make(job)

    calibrator._make = make
    calibrator.newest(FRAUD, SPEC, NEW)
    await working(calibrator)

    assert len(workshop.jobs) == 1


def test_a_job_holds_objectives_by_segment_as_they_were_written() -> None:
    quality = {"preset": "quality", "limit": "10%", "by": "country", "segments": ["DE", "FR"]}
    rate = {"preset": "error-rate", "limit": "1%"}
    decided = in_force(parse_spec(spec_of(objectives=[quality, rate])), None)
    assert [each.title for each in decided.objectives] == [
        *("quality", "quality[DE]", "quality[FR]", "error-rate"),
    ]

    again = in_force(parse_spec(job_spec(decided)), None)

    assert again.objectives == decided.objectives
    assert policy_digest(again) == policy_digest(decided)


async def test_many_models_take_turns() -> None:
    workshop = Workshop()
    calibrator = Calibrator(workshop.make, lambda: NOON)

    for resource in (FRAUD, CHURN, FRAUD):
        calibrator.newest(resource, SPEC, NEW)
    await working(calibrator)

    assert [job["name"] for job in workshop.jobs] == ["fraud", "churn"]
    assert workshop.most_at_once == 1


async def test_one_that_failed_is_not_tried_at_every_look_and_ends_nothing() -> None:
    workshop = Workshop(fails=True)
    calibrator = Calibrator(workshop.make, lambda: NOON)

    for _ in range(3):
        calibrator.newest(FRAUD, SPEC, NEW)
        await working(calibrator)
    assert len(workshop.jobs) == 1

    calibrator.newest(CHURN, SPEC, NEW)
    await working(calibrator)
    assert len(workshop.jobs) == 2


def test_what_another_source_counts_is_calibrated_anew() -> None:
    mesh = parse_spec(spec_of(metrics={"source": "istio"}))
    own = parse_spec(spec_of())

    assert policy_digest(mesh) != policy_digest(own)
    assert policy_digest(parse_spec(job_spec(mesh))) == policy_digest(mesh)


def test_a_job_holds_the_whole_policy() -> None:
    again = parse_spec(job_spec(SPEC))

    assert policy_digest(again) == policy_digest(SPEC)
    assert again.objectives == SPEC.objectives


def a_week_of_two_pods() -> Reply:
    end = int(datetime.now(UTC).timestamp() // 60) * 60
    times = [end - 60 * back for back in range(MINUTES, -1, -1)]
    series = []
    for pod in ("fraud-aaaaaaaaaa-x-1", "fraud-aaaaaaaaaa-x-2"):
        for name in ("model_requests_total", "model_predictions_total"):
            labels = {"__name__": name, "namespace": "prod", "pod": pod, "code": "200"}
            values = [[at, str(600 * n)] for n, at in enumerate(times)]
            series.append({"metric": labels, "values": values})
    return success(*series)


async def calibrated_by(reply: Reply, monkeypatch: pytest.MonkeyPatch) -> tuple[Calibration, Any]:
    with serving(reply) as prometheus:
        monkeypatch.setenv("SERINUS_PROMETHEUS_URL", prometheus.url)
        job = {"namespace": "prod", "name": "fraud", "spec": job_spec(SPEC)}
        return await in_a_process_of_its_own(job), prometheus


async def test_the_process_asks_prometheus_and_says_how_often_it_would_have_been_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began = datetime.now(UTC)
    made, prometheus = await calibrated_by(a_week_of_two_pods(), monkeypatch)

    assert made.policy == policy_digest(SPEC)
    assert "would have rolled back 0 of" in made.message
    assert began <= made.at <= datetime.now(UTC)
    assert {each["path"] for each in prometheus.asked} == {"/api/v1/query_range"}
    assert all('namespace="prod"' in each["query"] for each in prometheus.asked)


async def test_a_process_that_can_not_ask_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OutsideUnavailable, match="parse error"):
        await calibrated_by(failure(400, "bad_data", "parse error"), monkeypatch)


async def test_too_little_of_a_past_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = await calibrated_by(
        Reply(json.loads('{"status":"success","data":{"resultType":"matrix","result":[]}}')),
        monkeypatch,
    )

    assert made.threshold is None
    assert "needed" in made.message
