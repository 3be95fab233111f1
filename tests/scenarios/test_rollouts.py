"""Stories of rollouts: what the versions do, and what becomes of them."""

from __future__ import annotations

import pytest

from serinus.report.record import replay_record
from tests.fakes.models import CRASHING, ERRING, GOOD, NULLS, STUCK, Behaviour
from tests.fakes.world import FakeWorld, serving, serving_by_config, spec_of, world_of


def phases(world: FakeWorld) -> list[str]:
    """The phases gone through, each once in a row."""
    trail = [phase for phase, _, _ in world.trail]
    return [phase for n, phase in enumerate(trail) if n == 0 or trail[n - 1] != phase]


def weights(world: FakeWorld) -> list[int]:
    """The canary's weights gone through, each once in a row."""
    trail = [weight for _, weight, _ in world.trail]
    return [weight for n, weight in enumerate(trail) if n == 0 or trail[n - 1] != weight]


async def test_the_first_revision_serves_once_it_is_ready() -> None:
    world = world_of(v1=Behaviour(start_seconds=10))

    await world.run(5)
    assert world.status["phase"] == "Pending"
    assert world.cluster.weights() == {}

    await world.run(20)
    assert world.status["phase"] == "Healthy"
    assert world.status["stable"]["version"] == "1"
    assert list(world.cluster.weights().values()) == [100]


async def test_a_good_version_is_promoted_step_by_step() -> None:
    world = await serving()

    world.deploy("2", GOOD)
    await world.run(240)

    assert weights(world) == [0, 10, 50, 0]  # the router is quick: 100 % is over before it is told
    assert world.status["stable"]["version"] == "2"
    assert phases(world)[-3:] == ["Progressing", "Promoting", "Healthy"]
    assert world.prometheus.unserved == 0
    assert {v["verdict"] for v in world.status["verdicts"]} == {"pass"}


async def test_a_promotion_that_the_router_holds_up_tells_after_a_while_what_it_waits_for() -> (
    None
):
    world = await serving()
    world.deploy("2", GOOD)
    while "2" not in (world.status.get("decision") or {}).get("message", ""):
        await world.run(1)
    world.cluster.router_lag_seconds = 20.0

    await world.run(9)
    assert (world.status["weight"], "moving all traffic" in world.status["message"]) == (50, False)
    await world.run(2)
    assert (world.status["weight"], "moving all traffic" in world.status["message"]) == (100, True)
    await world.run(20)
    assert world.status["phase"] == "Healthy"


async def test_a_version_with_null_outputs_is_rolled_back_at_the_first_step() -> None:
    world = await serving()

    world.deploy("2", NULLS)
    await world.run(180)

    assert world.status["phase"] == "RolledBack"
    assert max(weights(world)) == 10
    assert world.status["stable"]["version"] == "1"
    assert "null-outputs" in world.status["message"]
    assert "RolledBack" in world.reasons
    assert len(world.cluster.pods) == 4
    assert world.prometheus.unserved == 0


async def test_a_version_with_errors_is_rolled_back_with_numbers_in_its_record() -> None:
    world = await serving()

    world.deploy("2", ERRING)
    await world.run(180)

    record = world.status["history"][0]
    assert (record["version"], record["fate"]) == ("2", "RolledBack")
    assert "20" in record["message"]
    assert "5 %" in record["message"]


async def test_a_version_that_crashes_on_load_never_gets_a_request() -> None:
    world = await serving()

    world.deploy("2", CRASHING)
    await world.run(60)

    assert world.status["phase"] == "RolledBack"
    assert "CanaryCrashLooping" in world.reasons
    assert "2" not in world.prometheus.requests_by_version


async def test_a_version_that_never_gets_ready_is_given_up_at_its_deadline() -> None:
    world = await serving(spec_of(rollout={"progressDeadline": "60s"}))

    world.deploy("2", STUCK)
    await world.run(50)
    assert world.status["phase"] == "Progressing"
    await world.run(30)

    assert world.status["phase"] == "RolledBack"
    assert world.status["history"][0]["reason"] == "CanaryCannotStart"
    assert "2" not in world.prometheus.requests_by_version


async def test_a_version_whose_pods_a_quota_refuses_is_given_up_in_its_words() -> None:
    world = await serving(spec_of(rollout={"progressDeadline": "60s"}))
    world.cluster.refusal = 'FailedCreate: pods "fraud-1" is forbidden: exceeded quota: gpus'
    world.deploy("2", GOOD)
    await world.run(30)
    assert "0 of 1 pods of version 2 are ready for 10 %: FailedCreate" in world.status["message"]

    await world.run(60)

    assert (world.status["phase"], world.status["weight"]) == ("RolledBack", 0)
    assert "CanaryUnschedulable" in world.reasons
    assert "exceeded quota: gpus" in world.status["message"]
    assert "exceeded quota: gpus" in replay_record(world.records[-2]).message


WEBHOOK = 'admission webhook "signed.example.com" denied the request: spec.containers[0].image'
NO_ROOM = "forbidden: exceeded quota: workloads, requested: count/deployments.apps=1"


@pytest.mark.parametrize(
    ("words", "reason"),
    [(WEBHOOK, "CanaryCannotStart"), (NO_ROOM, "CanaryUnschedulable")],
    ids=["a webhook", "a quota"],
)
async def test_a_version_whose_workload_is_refused_is_given_up_in_the_refusals_words(
    words: str, reason: str
) -> None:
    """Also by an operator that has only just started."""
    world = await serving(spec_of(rollout={"progressDeadline": "60s"}))
    world.cluster.refused_kinds["Deployment"] = words
    world.deploy("2", GOOD)
    await world.run(30)
    assert "WriteRefused" in world.reasons

    for _ in range(40):
        world = world.with_a_new_process()
        await world.second()

    assert world.status["phase"] == "RolledBack"
    end = world.status["history"][0]
    assert (end["reason"], words in end["message"]) == (reason, True)
    told = {each.reason: each.message for _, each in world.happenings}
    assert words in told[reason]
    assert words in told["RolledBack"]
    ready = next(c for c in world.status["conditions"] if c["type"] == "Ready")
    assert (ready["reason"], words in ready["message"]) == (reason, True), "nothing is left to do"
    assert words in world.status["message"]
    assert words in replay_record(world.records[-2]).message


async def test_a_third_version_supersedes_the_second_and_stable_is_untouched() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)
    assert world.status["weight"] == 10

    world.deploy("3", GOOD)
    await world.second()
    assert world.cluster.weights() == {f"fraud-{world.status['stable']['revision']}": 100}
    await world.run(240)

    assert world.status["stable"]["version"] == "3"
    assert [r["fate"] for r in world.status["history"]] == ["Promoted", "Superseded", "Installed"]
    assert world.prometheus.unserved == 0


async def test_superseded_pods_stay_as_long_as_the_router_may_send_to_them() -> None:
    world = await serving(v3=STUCK)
    world.deploy("2", GOOD)
    await world.run(40)
    superseded = f"fraud-{world.status['rollout']['revision']}"
    world.cluster.router_works = False

    world.deploy("3")
    await world.run(120)
    assert ("Deployment", superseded) in world.cluster.objects

    world.cluster.router_works = True
    await world.run(30)
    assert ("Deployment", superseded) not in world.cluster.objects


async def test_going_back_to_a_version_that_failed_tries_it_no_second_time() -> None:
    world = await serving(v2=CRASHING)
    world.deploy("2")
    await world.run(60)
    world.deploy("3", GOOD)
    await world.run(20)

    world.deploy("2")
    await world.run(60)

    assert (world.status["phase"], world.status["stable"]["version"]) == ("RolledBack", "1")
    assert world.reasons.count("CanaryCrashLooping") == 1
    assert "change the spec, or retry" in world.status["message"]
    assert world.prometheus.unserved == 0


async def test_going_back_to_the_stable_spec_rolls_back_cleanly() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)

    world.deploy("1")
    await world.second()
    assert sum(world.cluster.weights().values()) == 100
    assert len(world.cluster.weights()) == 1
    await world.run(60)

    assert world.status["phase"] == "Healthy"
    assert world.status["history"][0]["fate"] == "Reverted"
    assert len(world.cluster.pods) == 4

    world.deploy("2")
    await world.run(240)
    assert world.status["stable"]["version"] == "2", "a reverted version has not failed"


async def test_a_pause_without_a_duration_waits_for_a_person() -> None:
    steps = [{"weight": 10, "pause": {}}, {"weight": 50}]
    world = await serving(spec_of(rollout={"steps": steps, "maxDuration": "2m"}))
    world.deploy("2", GOOD)
    await world.run(600)
    assert (world.status["phase"], world.status["weight"]) == ("Paused", 10)

    world.annotate("approve", world.status["rollout"]["revision"])
    await world.run(240)

    assert world.status["stable"]["version"] == "2"


async def test_a_pause_with_a_duration_is_sat_out_and_can_be_cut_short() -> None:
    steps = [{"weight": 10, "pause": {"duration": "5m"}}]
    world = await serving(spec_of(rollout={"steps": steps}))
    world.deploy("2", GOOD)
    await world.run(200)
    assert (world.status["phase"], world.status["weight"]) == ("Paused", 10)

    world.annotate("approve", world.status["rollout"]["revision"])
    await world.run(60)

    assert world.status["stable"]["version"] == "2"


async def test_a_person_promotes_past_the_remaining_steps() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(10)

    world.annotate("promote", world.status["rollout"]["revision"])
    await world.run(30)

    assert world.status["stable"]["version"] == "2"
    assert world.prometheus.unserved == 0


async def test_an_aborted_version_stays_out_until_it_is_retried() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)
    revision = world.status["rollout"]["revision"]

    world.annotate("abort", f"{revision}/1")
    await world.run(120)
    assert world.status["phase"] == "RolledBack"
    assert world.status["history"][0]["fate"] == "Aborted"

    world.annotate("retry", f"{revision}/1")
    await world.run(240)
    assert world.status["stable"]["version"] == "2"


async def test_a_command_for_another_revision_is_refused_and_said_so() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(10)

    world.annotate("abort", "0123456789")
    await world.run(10)

    assert world.status["phase"] == "Progressing"
    assert "CommandRefused" in world.reasons


async def test_skip_analysis_promotes_as_soon_as_the_pods_are_ready() -> None:
    world = await serving(spec_of(skipAnalysis=True))

    world.deploy("2", ERRING)
    await world.run(20)

    assert world.status["stable"]["version"] == "2"
    assert world.prometheus.unserved == 0


async def test_an_advisory_objective_is_recorded_and_decides_nothing() -> None:
    objectives = [
        {"preset": "error-rate", "limit": "5%"},
        {"preset": "null-outputs", "worseThanStable": {"by": "2%"}, "advisory": True},
    ]
    world = await serving(spec_of(objectives=objectives))

    world.deploy("2", NULLS)
    await world.run(240)

    assert world.status["stable"]["version"] == "2"
    nulls = next(v for v in world.status["verdicts"] if v["objective"] == "null-outputs")
    assert (nulls["verdict"], nulls["advisory"]) == ("fail", True)


async def test_a_suspended_resource_starts_nothing_until_it_is_resumed() -> None:
    world = await serving()
    world.edit(paused=True)
    world.deploy("2", GOOD)
    await world.run(120)
    assert world.status["phase"] == "Suspended"
    assert len(world.cluster.pods) == 4

    world.edit(paused=False)
    await world.run(240)
    assert world.status["stable"]["version"] == "2"


async def test_a_dry_run_says_what_it_would_do_and_writes_nothing() -> None:
    world = await serving()
    world.edit(dryRun=True)
    world.deploy("2", GOOD)
    before = list(world.cluster.writes)
    await world.run(120)

    assert world.cluster.writes == before
    assert "dry run: would be Progressing (RolloutStarted)" in world.status["message"]
    assert world.reasons.count("DryRun") == 1


async def test_restart_at_restarts_the_pods_without_a_new_revision() -> None:
    world = await serving()
    revision = world.status["stable"]["revision"]
    world.edit(restartAt="2026-01-05T12:02:00Z")
    await world.run(400)

    workload = world.cluster.objects["Deployment", f"fraud-{revision}"]
    annotations = workload["spec"]["template"]["metadata"]["annotations"]
    assert annotations["serinus.dev/restarted-at"] == "2026-01-05T12:02:00+00:00"
    assert world.status["phase"] == "Healthy"
    assert world.status["stable"]["revision"] == revision


async def test_the_next_restart_restarts_nothing_before_its_time() -> None:
    world = await serving()
    workload = f"fraud-{world.status['stable']['revision']}"
    world.edit(restartAt="2026-01-05T12:01:00Z")
    await world.run(60)
    restarted = world.cluster.objects["Deployment", workload]["spec"]["template"]

    world.edit(restartAt="2026-01-05T23:00:00Z")
    await world.run(30)

    assert "12:01:00" in repr(restarted)
    assert world.cluster.objects["Deployment", workload]["spec"]["template"] == restarted


async def test_a_changed_config_map_is_a_new_revision_with_its_own_copy() -> None:
    world = await serving_by_config("thresholds")
    stable = world.status["stable"]["revision"]

    world.configs["thresholds"] = {"data": {"THRESHOLD": "0.9"}}
    world.next_look = 0
    await world.run(30)

    canary = world.status["rollout"]["revision"]
    copies = {
        n: o["data"] for (k, n), o in world.cluster.objects.items() if n.endswith("thresholds")
    }
    assert copies[f"fraud-{stable}-thresholds"] == {"THRESHOLD": "0.5"}
    assert copies[f"fraud-{canary}-thresholds"] == {"THRESHOLD": "0.9"}


async def test_running_out_of_time_undecided_does_what_on_inconclusive_says() -> None:
    for policy, phase, version in (
        ("hold", "Progressing", "1"),
        ("rollback", "RolledBack", "1"),
        ("promote", "Healthy", "2"),
    ):
        rollout = {"maxDuration": "2m", "onInconclusive": policy}
        world = await serving(spec_of(rollout=rollout))
        world.prometheus.rate_per_second = 0.1
        world.deploy("2", GOOD)
        await world.run(300)

        assert (world.status["phase"], world.status["stable"]["version"]) == (phase, version)
        assert ("Inconclusive" in world.reasons) or policy == "promote"


async def test_what_stable_suffers_as_well_is_no_reason_to_roll_back() -> None:
    """The limit is 5 %: both break it, so the canary is not let on, and it is not blamed."""
    world = await serving(v1=ERRING)

    world.deploy("2", ERRING)
    await world.run(900)

    assert world.status["phase"] == "Progressing"
    assert (world.status["weight"], max(weights(world))) == (10, 10)
    verdict = world.status["verdicts"][0]
    assert (verdict["verdict"], verdict["calibration"]) == ("undecided", "unverified")
    assert verdict["canary"] == verdict["stable"] == "20 %"
    assert "not yet proven to be" in verdict["message"]


async def test_classic_mode_counts_windows_and_knows_no_calibration() -> None:
    world = await serving(spec_of(rollout={"advance": "time"}), v1=ERRING)

    world.deploy("2", ERRING)
    await world.run(300)

    assert world.status["phase"] == "RolledBack"
    assert "bad in 3 of the last" in world.status["message"]
    assert not any("calibration" in verdict for verdict in world.status["verdicts"])


async def test_a_restart_at_any_look_ends_a_rollout_at_the_same_second() -> None:
    """The evidence is what is stored: a new process goes on with the same bits."""
    ends = []
    for restarts in (False, True):
        world = await serving()
        world.deploy("2", NULLS)
        while world.status["phase"] != "RolledBack":
            await world.second()
            if restarts:
                world = world.with_a_new_process()
        ends.append((world.cluster.seconds, world.status["history"][0]["message"]))
    assert ends[0][1] == ends[1][1]
    assert abs(ends[0][0] - ends[1][0]) <= 10


async def test_a_rollout_without_objectives_says_once_that_nothing_is_judged() -> None:
    world = await serving(spec_of(objectives=[]))
    world.deploy("2", GOOD)
    await world.run(240)

    assert world.status["stable"]["version"] == "2"
    assert world.reasons.count("NothingIsJudged") == 1
    judged = next(c for c in world.status["conditions"] if c["type"] == "Judged")
    assert (judged["status"], judged["reason"]) == ("False", "NothingIsJudged")
    assert "there is no objective: nothing is judged" in judged["message"]


async def test_a_limit_that_may_be_a_hundred_times_what_was_meant_is_told_once_a_rollout() -> None:
    world = await serving(spec_of(objectives=[{"preset": "error-rate", "limit": "0.5"}]))
    told = world.reasons.count("LimitIsLarge")
    world.deploy("2", GOOD)
    await world.run(240)

    assert world.status["stable"]["version"] == "2"
    assert world.reasons.count("LimitIsLarge") == told + 1


async def test_a_rollout_whose_objectives_are_taken_away_says_so_as_well() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(15)
    assert all(c["type"] != "Judged" for c in world.status["conditions"])

    advisory = {"preset": "error-rate", "limit": "5%", "advisory": True}
    world.edit(objectives=[advisory])
    await world.run(10)

    assert world.reasons.count("NothingIsJudged") == 1
    assert any("every objective is advisory" in c["message"] for c in world.status["conditions"])
