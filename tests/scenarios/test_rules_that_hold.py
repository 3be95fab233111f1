"""The twelve rules that hold always, each with a test that fails when it is broken."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from serinus.errors import NameTaken, StatusUnreadable
from serinus.observe.ledgers import Ledgers
from serinus.reconcile import reconcile
from serinus.resource.names import entry_service_name
from serinus.resource.revision import identify
from tests.fakes.cluster import Pod
from tests.fakes.models import ERRING, GOOD, NULLS, STUCK, Behaviour
from tests.fakes.world import START, FakeWorld, serving, serving_by_config, spec_of, world_of


def split_goes_to_ready_pods_only(world: FakeWorld) -> None:
    """An invariant: every Service with weight has a ready pod, or lost it this very second."""
    for service, weight in world.cluster.weights().items():
        pods = [p for p in world.cluster.pods.values() if service == f"fraud-{p.revision}"]
        assert not weight or any(world.cluster.is_ready(pod) for pod in pods), service


async def test_rule_01_a_canary_that_loses_its_last_ready_pod_gets_no_traffic_at_once() -> None:
    world = await serving()
    world.deploy("2", Behaviour(dies_at=50))
    world.invariants.append(split_goes_to_ready_pods_only)

    await world.run(19)
    assert world.status["weight"] == 10
    await world.run(20)

    assert world.status["weight"] == 0
    assert "CanaryLost" in world.reasons


@pytest.mark.parametrize("skips", [False, True], ids=["step by step", "without analysis"])
async def test_rule_01_a_canary_gets_no_traffic_before_its_service_leads_to_it(
    skips: bool,
) -> None:
    """Pods are ready before they are in an EndpointSlice; a route to nowhere answers with 500."""
    world = await serving(spec_of(skipAnalysis=skips))
    world.deploy("2", GOOD)
    service = f"fraud-{identify(world.resource.raw_spec, {}).digest}"
    world.cluster.held_endpoints[service] = frozenset()

    await world.run(30)
    assert service not in world.cluster.weights()
    assert f"Service {service} does not lead to its pods yet" in world.status["message"]

    world.cluster.held_endpoints.clear()
    await world.run(30)
    assert world.cluster.weights()[service] == (100 if skips else 10)


async def test_rule_02_promotion_is_a_swap_and_no_model_is_loaded_twice() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(60)
    canary = world.status["rollout"]["revision"]
    template = world.cluster.objects["Deployment", f"fraud-{canary}"]["spec"]["template"]
    await world.run(140)

    assert world.status["stable"]["revision"] == canary
    assert world.cluster.objects["Deployment", f"fraud-{canary}"]["spec"]["template"] == template
    assert world.cluster.pods_made == 8, "four pods for each version, none made anew by promotion"
    assert not any("track" in key for key in template["metadata"]["labels"])
    entry = world.cluster.objects["Service", entry_service_name("fraud")]
    assert entry["spec"]["selector"]["serinus.dev/revision"] == canary


async def test_rule_02_old_pods_drain_only_after_no_service_leads_to_them() -> None:
    world = await serving()
    old = world.status["stable"]["revision"]
    world.deploy("2", GOOD)

    for _ in range(240):
        await world.second()
        entry = world.cluster.objects["Service", "fraud"]["spec"]["selector"]
        is_used = entry["serinus.dev/revision"] == old or f"fraud-{old}" in world.cluster.weights()
        assert not is_used or ("Deployment", f"fraud-{old}") in world.cluster.objects
    assert ("Deployment", f"fraud-{old}") not in world.cluster.objects


async def test_rule_02_old_pods_stay_as_long_as_a_service_still_leads_to_them() -> None:
    world = await serving()
    old = world.status["stable"]["revision"]
    pods = frozenset(name for name, pod in world.cluster.pods.items() if pod.revision == old)
    world.cluster.held_endpoints["fraud"] = pods
    world.deploy("2", GOOD)
    await world.run(240)

    assert world.status["phase"] == "Promoting"
    assert "waiting until Service fraud holds only the new pods" in world.status["message"]
    assert pods <= world.cluster.pods.keys()
    assert await world.look() > 0, "waiting is no reason to look again and again"

    world.cluster.held_endpoints.clear()
    await world.run(60)
    assert world.status["phase"] == "Healthy"
    assert not pods & world.cluster.pods.keys()


@pytest.mark.parametrize("outage", ["down", "no scrapes", "no traffic"])
async def test_rule_03_no_data_neither_promotes_nor_rolls_back(outage: str) -> None:
    world = await serving()
    world.deploy("2", ERRING)
    world.prometheus.is_up = outage != "down"
    world.prometheus.scrapes = outage != "no scrapes"
    world.prometheus.rate_per_second *= outage != "no traffic"

    await world.run(1500)

    assert (world.status["phase"], world.status["weight"]) == ("Progressing", 10)
    assert {v["verdict"] for v in world.status["verdicts"]} == {"undecided"}
    assert ("MetricsUnavailable" in world.reasons) is (outage != "no traffic")


async def test_rule_03_an_outage_in_mid_rollout_holds_the_weight() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(25)
    world.prometheus.is_up = False
    await world.run(300)
    assert (world.status["phase"], world.status["weight"]) == ("Progressing", 10)

    world.prometheus.is_up = True
    await world.run(300)
    assert world.status["stable"]["version"] == "2"


async def test_rule_04_a_verdict_carries_its_evidence() -> None:
    world = await serving()
    world.deploy("2", NULLS)
    await world.run(180)

    verdict = next(v for v in world.status["verdicts"] if v["objective"] == "null-outputs")
    assert verdict["verdict"] == "fail"
    assert verdict["canarySamples"] > 0
    assert verdict["stableSamples"] > 0
    assert "10" in verdict["canary"]
    assert verdict["limit"]
    assert "%" in verdict["message"]


async def test_rule_05_a_rollback_restores_the_route_before_anything_else() -> None:
    world = await serving()
    world.deploy("2", NULLS)
    while not world.status["weight"]:
        await world.second()
    done = len(world.cluster.writes)
    await world.run(120)

    writes = [w for w in world.cluster.writes[done:] if w[2] != "fraud-evidence"]
    assert writes[0] == ("apply", "HTTPRoute", "fraud")
    assert world.status["phase"] == "RolledBack"


async def test_rule_05_no_status_tells_of_a_rollback_before_the_route_is_stable_s() -> None:
    world = TellingWorld(**vars(await serving()))
    stable = world.status["stable"]["revision"]
    world.deploy("2", NULLS)
    await world.run(160)
    assert world.status["phase"] == "RolledBack"
    assert world.splits_told
    assert all(split == {f"fraud-{stable}": 100} for split in world.splits_told)


@dataclass
class TellingWorld(FakeWorld):
    """Keeps how traffic was split when a status told of a rollback."""

    splits_told: list[dict[str, int]] = field(default_factory=list)

    async def write_status(self, namespace: str, name: str, status: Mapping[str, Any]) -> None:
        if (status.get("decision") or {}).get("kind") == "rollback":
            self.splits_told.append(self.cluster.weights())
        await super().write_status(namespace, name, status)


async def test_rule_05_a_rollback_needs_no_record_of_stable() -> None:
    world = await serving()
    stable = world.status["stable"]["revision"]
    world.deploy("2", NULLS)
    while not world.status["weight"]:
        await world.second()
    pods_made = world.cluster.pods_made
    kept = world.cluster.objects["ControllerRevision", f"fraud-{stable}"]["data"]["podTemplate"]
    world.cluster.delete("ControllerRevision", f"fraud-{stable}")
    await world.run(160)

    assert world.status["history"][0]["reason"] == "ObjectiveFailed"
    assert world.cluster.weights() == {f"fraud-{stable}": 100}
    again = world.cluster.objects["ControllerRevision", f"fraud-{stable}"]["data"]
    assert (again["version"], again["podTemplate"]) == ("1", kept)
    assert world.cluster.pods_made == pods_made, "stable's pods are left as they are"


async def test_rule_05_a_failed_revision_is_remembered_over_a_restart() -> None:
    world = await serving()
    world.deploy("2", NULLS)
    await world.run(180)

    world = world.with_a_new_process()  # a new process knows the cluster only
    await world.run(300)
    assert world.status["phase"] == "RolledBack"
    assert world.reasons.count("RolloutStarted") == 1

    world.deploy("3", GOOD)
    await world.run(240)
    assert world.status["stable"]["version"] == "3"


async def test_rule_06_changed_objectives_start_anew_and_are_no_new_revision() -> None:
    world = await serving(spec_of(rollout={"advance": "time"}))
    world.deploy("2", GOOD)
    await world.run(28)
    canary = world.status["rollout"]["revision"]
    assert {v["verdict"] for v in world.status["verdicts"]} == {"pass"}

    world.edit(objectives=[{"preset": "error-rate", "limit": "3%"}])
    await world.second()

    assert world.status["rollout"]["revision"] == canary
    assert [v["verdict"] for v in world.status["verdicts"]] == ["undecided"]


async def test_rule_06_changed_objectives_prove_all_of_it_anew() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    while world.status["weight"] != 50:
        await world.second()
    await world.run(20)
    assert world.status["weight"] == 50
    assert {v["verdict"] for v in world.status["verdicts"]} == {"pass"}

    world.edit(objectives=[{"preset": "error-rate", "limit": "3%"}])
    await world.second()

    assert [v["verdict"] for v in world.status["verdicts"]] == ["undecided"]
    assert world.status["phase"] == "Progressing"


async def test_rule_06_a_canary_that_keeps_dying_comes_back_twice_at_the_lowest_step() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(45)
    assert world.status["weight"] == 50

    weights = []
    for _ in range(3):
        for pod in world.cluster.pods.values():
            pod.is_lost = pod.is_lost or pod.version == "2"
        await world.run(3)
        weights.append(world.status["weight"])
        for pod in world.cluster.pods.values():
            pod.is_lost = False
        await world.run(4)
        weights.append(world.status["weight"])

    assert weights == [0, 10, 0, 10, 0, 0]
    assert world.status["history"][0]["reason"] == "CanaryLost"


async def test_rule_07_a_stored_decision_is_finished_by_the_next_process_and_not_taken_twice() -> (
    None
):
    """The operator dies after each of its looks; only what is stored goes on."""
    world = await serving()
    world.deploy("2", NULLS)
    for _ in range(180):
        world = world.with_a_new_process()
        await world.second()

    assert world.status["phase"] == "RolledBack"
    assert world.reasons.count("RolledBack") == 1
    assert world.reasons.count("ObjectiveFailed") == 1


async def test_rule_07_a_rollback_seen_only_on_the_route_is_finished() -> None:
    """Killed between the route's write and the status': the route carries the decision."""
    world = await serving()
    world.deploy("2", NULLS)
    before = world.resource
    while "serinus.dev/decision" not in _route_annotations(world):
        before = world.resource
        await world.second()
    world.resource = before  # the status was never written
    world.prometheus.is_up = False  # and what was known can't be asked again

    await world.run(60)

    assert world.status["phase"] == "RolledBack"
    assert world.status["history"][0]["reason"] == "ObjectiveFailed"


async def test_rule_07_evidence_survives_a_restart() -> None:
    world = await serving(spec_of(rollout={"minTime": "10m"}))
    world.deploy("2", GOOD)
    await world.run(110)
    ledger = json.loads(world.cluster.objects["ConfigMap", "fraud-evidence"]["data"]["ledger"])
    first = {key: blocks[0] for key, blocks in ledger["blocks"].items()}

    world.ledgers = Ledgers()  # the process is gone
    world.prometheus.stored.clear()  # Prometheus forgot, the ConfigMap did not
    await world.run(70)

    after = json.loads(world.cluster.objects["ConfigMap", "fraud-evidence"]["data"]["ledger"])
    assert len(first) == 2
    assert {key: blocks[0] for key, blocks in after["blocks"].items()} == first


async def test_rule_07_what_was_not_stored_yet_is_counted_anew_after_a_restart() -> None:
    """Bit by bit the same: the same samples, cut at the same points of the grid."""
    worlds = [await serving(spec_of(rollout={"minTime": "10m"})) for _ in range(2)]
    for world in worlds:
        world.deploy("2", GOOD)
        await world.run(100)
    worlds[1].ledgers = Ledgers()
    for world in worlds:
        await world.run(37)

    going, restarted = (w.ledgers.known("prod", "fraud", w.evidence).newest for w in worlds)
    assert going == restarted
    assert sum(len(blocks) for blocks in going.blocks.values()) > 20


async def test_evidence_is_not_stored_at_every_look() -> None:
    world = await serving(spec_of(rollout={"minTime": "10m"}))
    world.deploy("2", GOOD)
    await world.run(30)
    stored = set[str]()
    for _ in range(180):
        await world.second()
        stored.add(world.evidence)
    assert 3 <= len(stored) <= 4


async def test_rule_08_the_operator_never_writes_the_spec_and_takes_over_nothing() -> None:
    world = world_of()
    spec = json.dumps(dict(world.resource.raw_spec))
    world.cluster.foreign.add(("Service", "fraud"))

    await world.run(60)

    assert json.dumps(dict(world.resource.raw_spec)) == spec
    ready = next(c for c in world.status["conditions"] if c["type"] == "Stalled")
    assert (ready["status"], ready["reason"]) == ("True", NameTaken.__name__)
    assert "Service 'fraud'" in world.status["message"]


async def test_rule_08_stable_can_be_reached_although_the_routes_name_is_taken() -> None:
    world = world_of()
    world.cluster.foreign.add(("HTTPRoute", "fraud"))

    await world.run(60)

    stable = world.status["stable"]["revision"]
    for name in ("fraud", "fraud-stable", "fraud-canary"):
        selector = world.cluster.objects["Service", name]["spec"]["selector"]
        assert selector["serinus.dev/revision"] == stable
    assert "HTTPRoute 'fraud' exists and belongs to kubectl" in world.status["message"]
    stalled = next(c for c in world.status["conditions"] if c["type"] == "Stalled")
    assert (stalled["status"], stalled["reason"]) == ("True", NameTaken.__name__)
    assert world.reasons.count("NameTaken") == 1
    done = list(world.cluster.writes)
    await world.run(600)
    assert world.cluster.writes == done

    world.cluster.foreign.clear()
    await world.run(61)
    assert world.cluster.weights() == {f"fraud-{stable}": 100}, "whoever frees it waits no longer"


async def test_rule_02_a_superseded_canary_stays_while_its_route_cannot_be_written() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)
    canary, stable = (world.status[k]["revision"] for k in ("rollout", "stable"))
    world.cluster.foreign.add(("HTTPRoute", "fraud"))

    world.deploy("3", GOOD)
    await world.run(120)

    assert world.cluster.weights() == {f"fraud-{stable}": 90, f"fraud-{canary}": 10}
    assert any(world.cluster.is_ready(p) for p in world.cluster.pods.values() if p.version == "2")

    world.cluster.foreign.clear()
    await world.run(60)
    assert ("Deployment", f"fraud-{canary}") not in world.cluster.objects


async def test_rule_08_what_others_change_on_our_objects_is_repaired() -> None:
    world = await serving()
    world.cluster.edited.add(("HTTPRoute", "fraud"))
    world.next_look = 0
    done = len(world.cluster.writes)

    await world.run(5)

    assert world.cluster.writes[done:] == [("apply", "HTTPRoute", "fraud")]


async def test_rule_08_a_workload_that_somebody_scales_is_set_back_and_the_way_to_scale_told() -> (
    None
):
    world = await serving()
    (name,) = (name for kind, name in world.cluster.objects if kind == "Deployment")
    size = world.cluster.objects["Deployment", name]["spec"]["replicas"]
    world.cluster.objects["Deployment", name]["spec"]["replicas"] = size + 3
    world.cluster.edited.add(("Deployment", name))
    await world.look()
    await world.run(10)

    assert world.cluster.objects["Deployment", name]["spec"]["replicas"] == size
    (told,) = (each for _, each in world.happenings if each.reason == "ScaledBack")
    assert f"scaled Deployment '{name}' to {size + 3}, and it is {size} again" in told.message
    assert "kubectl scale mlmodeldeployments fraud" in told.message


async def test_rule_08_another_edit_of_a_workload_is_no_scaling() -> None:
    world = await serving()
    (name,) = (name for kind, name in world.cluster.objects if kind == "Deployment")
    world.cluster.edited.add(("Deployment", name))
    await world.look()
    assert ("Deployment", name) not in world.cluster.edited
    world.edit(replicas=6)
    await world.run(60)

    assert world.cluster.objects["Deployment", name]["spec"]["replicas"] == 6
    assert "ScaledBack" not in world.reasons


async def test_rule_09_orphan_leaves_the_last_stable_serving() -> None:
    world = await serving(spec_of(deletionPolicy="Orphan"))
    world.deploy("2", GOOD)
    await world.run(20)
    stable = world.status["stable"]["revision"]
    assert not any("ownerReferences" in o["metadata"] for o in world.cluster.objects.values())

    await world.let_go()

    assert world.cluster.weights() == {f"fraud-{stable}": 100}
    assert {pod.revision for pod in world.cluster.pods.values()} == {stable}


@pytest.mark.parametrize("taken", [("HTTPRoute", "fraud"), ("Service", "fraud")])
async def test_rule_09_a_name_that_somebody_else_has_leaves_no_canary_behind(
    taken: tuple[str, str],
) -> None:
    world = world_of(spec_of(deletionPolicy="Orphan"))
    world.cluster.foreign.add(taken)
    await world.run(60)
    stable = world.status["stable"]["revision"]
    world.deploy("2", GOOD)
    await world.run(20)
    assert len({pod.revision for pod in world.cluster.pods.values()}) == 2

    await world.let_go()

    assert {pod.revision for pod in world.cluster.pods.values()} == {stable}
    assert taken not in world.cluster.objects


async def test_rule_09_what_stable_needs_outlives_a_resource_that_is_orphaned_late() -> None:
    """Its pods mount the copy of the ConfigMap that it was analysed with."""
    world = await serving_by_config("thresholds")
    stable = world.status["stable"]["revision"]
    world.deploy("2", GOOD)
    await world.run(20)

    world.edit(deletionPolicy="Orphan")
    await world.run(5)

    copy = world.cluster.objects["ConfigMap", f"fraud-{stable}-thresholds"]
    assert copy["data"] == {"THRESHOLD": "0.5"}
    assert not any("ownerReferences" in o["metadata"] for o in world.cluster.objects.values())


async def test_rule_09_what_orphan_left_behind_goes_with_the_resource_after_all() -> None:
    """Records of the past, evidence, stable's own record and copies: nobody writes them anew."""
    world = await serving_by_config("thresholds")
    world.edit(deletionPolicy="Orphan")
    world.deploy("2", NULLS)
    await world.run(180)
    world.deploy("3", GOOD)
    await world.run(20)
    kinds = {kind for kind, _ in world.cluster.objects}
    assert kinds == {"ConfigMap", "ControllerRevision", "Deployment", "HTTPRoute", "Service"}

    world.edit(deletionPolicy="Delete")
    await world.run(5)

    owned = {key: o["metadata"].get("ownerReferences") for key, o in world.cluster.objects.items()}
    assert [key for key, owners in owned.items() if not owners] == []
    assert all(owners[0]["uid"] == "uid-1" for owners in owned.values())
    done = len(world.cluster.writes)
    await world.look()
    assert len(world.cluster.writes) == done


async def test_rule_09_what_an_earlier_life_left_serving_is_nobodys_before_this_one_serves() -> (
    None
):
    """Deleted again before that, the resource must not take it along."""
    world = await serving(spec_of(deletionPolicy="Orphan"))
    await world.let_go()

    world.resource = replace(world.resource, uid="uid-2", raw_status={}, generation=1)
    world.edit(deletionPolicy="Delete")
    world.deploy("2", STUCK)
    await world.run(30)

    old = [
        key
        for key in world.cluster.objects
        if "ownerReferences" not in world.cluster.objects[key]["metadata"]
    ]
    assert ("Service", "fraud") in old
    assert len([key for key in old if key[0] == "Deployment"]) == 1


async def test_rule_09_the_end_of_a_namespace_waits_for_nothing_to_be_left_serving() -> None:
    world = await serving(spec_of(deletionPolicy="Orphan"))
    world.cluster.is_going = True
    world.cluster.delete("Service", "fraud")

    await world.let_go()

    assert ("Service", "fraud") not in world.cluster.objects


async def test_rule_09_delete_leaves_all_to_the_garbage_collector() -> None:
    world = await serving()
    done = len(world.cluster.writes)

    await world.let_go()

    assert len(world.cluster.writes) == done
    owners = [o["metadata"].get("ownerReferences") for o in world.cluster.objects.values()]
    assert all(owner and owner[0]["uid"] == "uid-1" for owner in owners)


async def test_rule_09_a_resource_made_anew_takes_its_orphans_back_without_an_outage() -> None:
    world = await serving(spec_of(deletionPolicy="Orphan"))
    await world.let_go()
    pods = set(world.cluster.pods)

    world.resource = replace(world.resource, uid="uid-2", raw_status={}, generation=1)
    world.next_look = 0
    await world.run(30)

    assert world.status["phase"] == "Healthy"
    assert set(world.cluster.pods) == pods
    assert world.prometheus.unserved == 0


async def test_rule_10_bad_input_names_its_field_and_the_last_good_state_serves() -> None:
    world = await serving()
    writes, pods = list(world.cluster.writes), set(world.cluster.pods)

    world.edit(objectives=[{"preset": "latency", "limit": "fast"}], replicas=-1)
    await world.run(60)

    assert world.status["phase"] == "Invalid"
    assert "spec.objectives[0].limit" in world.status["message"]
    assert "spec.replicas" in world.status["message"]
    assert (world.cluster.writes, set(world.cluster.pods)) == (writes, pods)
    assert world.reasons.count("InvalidSpec") == 1


async def test_rule_10_a_status_that_cannot_be_read_is_told_and_what_serves_goes_on() -> None:
    """After a downgrade, say: nothing may be decided on half of what is remembered."""
    world = await serving()
    writes = list(world.cluster.writes)
    unknown = {**world.status["history"][0], "fate": "Ascended"}
    raw = {**world.resource.raw_status, "history": [unknown]}

    with pytest.raises(StatusUnreadable, match=r"status.history\[0\].fate"):
        await reconcile(replace(world.resource, raw_status=raw), world)

    assert world.reasons[-1] == "StatusUnreadable"
    assert world.cluster.writes == writes


async def test_rule_10_a_missing_config_map_is_named_and_stable_serves() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    template = json.loads(json.dumps(world.resource.raw_spec["template"]))
    template["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "nowhere"}}]
    world.edit(template=template)
    await world.run(30)

    assert "nowhere" in world.status["message"]
    assert "spec.template.spec.containers[0].envFrom[0]" in world.status["message"]
    assert world.status["stable"]["version"] == "1"
    assert len(world.cluster.pods) == 4


async def test_rule_10_a_canary_whose_edit_names_a_missing_config_map_holds_and_says_why() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)
    template = json.loads(json.dumps(world.resource.raw_spec["template"]))
    template["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": "nowhere"}}]
    world.edit(template=template)
    await world.run(300)

    assert (world.status["phase"], world.status["weight"]) == ("Paused", 10)
    assert "holding version 2 at 10 %" in world.status["message"]
    assert "'nowhere' does not exist" in world.status["message"]
    assert world.reasons.count("ReferenceMissing") == 1

    world.configs["nowhere"] = {"data": {"A": "1"}}
    await world.run(30)
    assert world.reasons[-2:] == ["Superseded", "StepEntered"]


async def test_rule_10_a_bad_canary_is_rolled_back_while_the_spec_is_invalid() -> None:
    world = await serving()
    world.deploy("2", NULLS)
    while not world.status["weight"]:
        await world.second()
    world.edit(objectives=[{"preset": "latency"}])
    await world.second()
    assert (world.status["phase"], world.status["weight"]) == ("Invalid", 10)
    await world.run(160)

    assert world.status["history"][0]["reason"] == "ObjectiveFailed"
    assert world.status["phase"] == "Invalid"
    assert set(world.cluster.weights().values()) == {100}
    assert world.reasons.count("InvalidSpec") == 2, "once of the canary, once of what is left"


async def test_rule_10_a_secret_that_we_may_not_read_holds_a_canary_that_is_judged_on() -> None:
    """To add trackSecrets where the chart grants it not must not leave a bad version unwatched."""
    world = await serving()
    world.deploy("2", NULLS)
    while not world.status["weight"]:
        await world.second()
    world.unreadable = "spec.trackSecrets: this operator may not read Secrets"
    world.edit(trackSecrets=["token"])
    await world.run(5)
    assert (world.status["phase"], world.status["weight"]) == ("Paused", 10)
    assert "may not read Secrets" in world.status["message"]
    await world.run(160)

    assert world.status["history"][0]["reason"] == "ObjectiveFailed"
    assert "may not read Secrets" in world.status["message"]

    world.unreadable = ""
    await world.run(30)
    assert world.reasons.count("RolloutStarted") == 2, "nobody tells of the right"


async def test_rule_10_so_is_it_by_an_operator_that_starts_while_the_spec_is_invalid() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    while not world.status["weight"]:
        await world.second()
    await world.run(20)
    world.edit(objectives=[{"preset": "latency"}])
    world = world.with_a_new_process()
    world.cluster.behaviours["2"] = NULLS
    await world.run(200)

    assert world.status["history"][0]["reason"] == "ObjectiveFailed"
    assert "null outputs" in world.status["history"][0]["message"]
    assert set(world.cluster.weights().values()) == {100}


async def test_rule_10_the_objectives_that_were_asked_for_last_are_those_it_is_judged_by() -> None:
    """Null outputs are no objective any more when the next edit is invalid."""
    world = await serving()
    world.deploy("2", NULLS)
    while not world.status["weight"]:
        await world.second()
    errors_only = world.resource.raw_spec["objectives"][:1]
    world.edit(objectives=errors_only)
    await world.second()
    world.edit(objectives=[{"preset": "latency"}])
    world = world.with_a_new_process()
    await world.run(300)
    assert (world.status["phase"], world.status["weight"]) == ("Invalid", 10)


async def test_rule_10_the_route_stays_at_the_gateway_that_was_asked_for_last() -> None:
    """Also where the invalid edit and the new operator follow at once."""
    world = await serving()
    world.deploy("2", GOOD)
    while not world.status["weight"]:
        await world.second()
    await world.run(15)
    world.edit(traffic={"gatewayAPI": {"parentRefs": [{"name": "internal"}]}})
    await world.second()
    world.edit(objectives=[{"preset": "latency"}])
    world = world.with_a_new_process()
    await world.run(60)

    route = world.cluster.objects["HTTPRoute", "fraud"]
    assert [parent["name"] for parent in route["spec"]["parentRefs"]] == ["internal"]


async def test_rule_10_a_good_canary_goes_no_further_while_the_spec_is_invalid() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    await world.run(20)
    good = dict(world.resource.raw_spec)
    world.edit(replicas=-1)
    await world.run(600)
    assert (world.status["phase"], world.status["weight"]) == ("Invalid", 10)
    assert _conditions(world) == {"Ready": "False", "Reconciling": "False", "Stalled": "True"}

    world.edit(**good)
    await world.run(240)
    assert world.status["stable"]["version"] == "2"


async def test_rule_11_conditions_follow_kstatus() -> None:
    world = await serving()
    assert _conditions(world) == {"Ready": "True", "Reconciling": "False", "Stalled": "False"}

    world.deploy("2", NULLS)
    await world.run(20)
    assert _conditions(world) == {"Ready": "False", "Reconciling": "True", "Stalled": "False"}
    assert world.status["observedGeneration"] == world.resource.generation

    await world.run(160)
    assert _conditions(world) == {"Ready": "False", "Reconciling": "False", "Stalled": "True"}


async def test_rule_12_replicas_and_selector_cover_stable_only() -> None:
    world = await serving()
    stable = world.status["stable"]["revision"]
    world.deploy("2", GOOD)
    await world.run(45)

    assert len(world.cluster.pods) > 4
    assert (world.status["replicas"], world.status["readyReplicas"]) == (4, 4)
    assert f"serinus.dev/revision={stable}" in world.status["selector"]


async def test_rule_12_stable_is_not_scaled_down_while_a_rollout_goes_on() -> None:
    world = await serving()
    stable = world.status["stable"]["revision"]
    world.deploy("2", GOOD)
    await world.run(20)

    world.edit(replicas=2)
    await world.run(5)
    assert world.cluster.objects["Deployment", f"fraud-{stable}"]["spec"]["replicas"] == 4

    await world.run(300)
    assert world.status["replicas"] == 2


async def test_rule_12_a_weight_rises_only_after_its_capacity_is_ready() -> None:
    world = await serving(spec_of(replicas=10))
    world.deploy("2", Behaviour(start_seconds=15))

    for _ in range(240):
        await world.second()
        rollout = world.status.get("rollout")
        if rollout and world.status["phase"] == "Progressing":
            ready = [
                p
                for p in world.cluster.pods.values()
                if p.revision == rollout["revision"] and world.cluster.is_ready(p)
            ]
            assert len(ready) * 10 >= world.status["weight"]
    assert world.status["stable"]["version"] == "2"


async def test_rule_12_pods_lost_after_the_decision_are_waited_for() -> None:
    world = await serving()
    world.deploy("2", GOOD)
    lost = await _lose_all_pods_but_one_once_promotion_is_decided(world)

    await world.run(30)
    assert world.status["phase"] == "Promoting"
    assert "1 of 4 pods are ready to carry all traffic" in world.status["message"]
    assert max(world.cluster.weights().values()) == 50, "the route stays as the last step left it"

    for pod in lost:
        pod.is_lost = False
    await world.run(5)
    assert world.status["stable"]["version"] == "2"


async def test_rule_12_a_promotion_whose_pods_do_not_come_back_is_rolled_back() -> None:
    world = await serving(spec_of(rollout={"progressDeadline": "60s"}))
    stable = world.status["stable"]["revision"]
    world.deploy("2", GOOD)
    await _lose_all_pods_but_one_once_promotion_is_decided(world)

    await world.run(75)

    assert world.status["history"][0]["reason"] == "CanaryCannotStart"
    assert world.cluster.weights()[f"fraud-{stable}"] == 100
    assert "Promoted" not in world.reasons


async def test_a_steady_look_writes_nothing() -> None:
    world = await serving()
    await world.run(60)
    writes, resource = len(world.cluster.writes), world.resource

    await reconcile(world.resource, world)

    assert len(world.cluster.writes) == writes
    assert world.resource is resource


async def test_a_stable_without_a_ready_pod_is_degraded_and_written_once() -> None:
    world = await serving()
    for pod in world.cluster.pods.values():
        pod.is_lost = True
    await world.run(5)
    assert world.status["phase"] == "Degraded"
    told = world.resource

    await world.run(700)
    assert world.resource is told

    for pod in world.cluster.pods.values():
        pod.is_lost = False
    await world.run(5)
    assert world.status["phase"] == "Healthy"


async def _lose_all_pods_but_one_once_promotion_is_decided(world: FakeWorld) -> list[Pod]:
    """Look by look, so that the pods go between storing the decision and carrying it out."""
    for _ in range(300):
        if world.status.get("decision"):
            break
        world.cluster.seconds += 1
        world.prometheus.serve_one_second(START.timestamp() + world.cluster.seconds)
        await world.look()
    canary = world.status["decision"]["revision"]
    lost = [pod for pod in world.cluster.pods.values() if pod.revision == canary][1:]
    for pod in lost:
        pod.is_lost = True
    return lost


def _route_annotations(world: FakeWorld) -> dict[str, str]:
    route = world.cluster.objects.get(("HTTPRoute", "fraud"))
    return dict(route["metadata"]["annotations"]) if route else {}


def _conditions(world: FakeWorld) -> dict[str, str]:
    conditions = {c["type"]: c["status"] for c in world.status["conditions"]}
    return {kind: conditions[kind] for kind in ("Ready", "Reconciling", "Stalled")}
