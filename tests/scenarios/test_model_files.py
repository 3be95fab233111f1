"""Files that were replaced under their name: told once, and serving goes on."""

from __future__ import annotations

from tests.fakes.models import GOOD
from tests.fakes.world import FakeWorld, spec_of, world_of

BEFORE, AFTER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
URI = "s3://models/fraud"
CLAIM = "pvc://models/fraud"


async def from_a_bucket(uri: str = URI) -> FakeWorld:
    """Version 1 serves, with what the bucket held when its pods started."""
    world = world_of(spec_of(model={"version": "1", "uri": uri}))
    world.cluster.bucket = BEFORE
    await world.run(30)
    return world


def content(world: FakeWorld) -> tuple[str, str]:
    found = {each["type"]: each for each in world.status["conditions"]}["ContentUnchanged"]
    return found["status"], found["reason"]


async def test_a_pod_that_restarts_with_other_files_is_told_of_once() -> None:
    world = await from_a_bucket()
    assert list(world.status["contents"].values()) == [[BEFORE]]
    assert content(world) == ("True", "OneContent")

    world.cluster.bucket = AFTER
    world.cluster.pods.popitem()
    world.cluster.settle()
    await world.run(600)

    assert list(world.status["contents"].values()) == [[BEFORE, AFTER]]
    assert content(world) == ("False", "ModelContentChanged")
    assert world.reasons.count("ModelContentChanged") == 1
    assert world.status["phase"] == "Healthy", "nobody knows which of them is right"


async def test_a_new_version_of_other_files_is_no_change() -> None:
    world = await from_a_bucket()
    world.cluster.bucket = AFTER
    world.deploy("2", GOOD)
    world.edit(model={"version": "2", "uri": URI})
    await world.run(300)
    assert world.status["stable"]["version"] == "2"
    assert sorted(world.status["contents"].values()) == [[BEFORE], [AFTER]]
    assert content(world) == ("True", "OneContent")


async def test_a_version_that_comes_back_to_other_files_is_told() -> None:
    world = await from_a_bucket()
    world.edit(model={"version": "2", "uri": f"{URI}/2"})
    await world.run(300)
    world.cluster.bucket = AFTER
    world.edit(model={"version": "1", "uri": URI})
    await world.run(300)
    assert world.status["stable"]["version"] == "1"
    assert world.reasons.count("ModelContentChanged") == 1


async def test_the_pods_of_a_uri_find_the_files_where_the_docs_say() -> None:
    world = await from_a_bucket()
    (pod,) = [
        o["spec"]["template"]["spec"]
        for k, o in world.cluster.objects.items()
        if k[0] == "Deployment"
    ]
    assert pod["containers"][0]["volumeMounts"][0]["mountPath"] == "/mnt/models"
    assert [each["name"] for each in pod["initContainers"]] == [
        "model-initializer",
        "model-content",
    ]


async def test_files_on_a_claim_that_are_replaced_while_no_pod_starts_are_told_of_once() -> None:
    world = await from_a_bucket(CLAIM)
    world.cluster.read_claims()
    await world.run(600)
    assert content(world) == ("True", "OneContent")

    world.cluster.bucket = AFTER
    await world.run(600)
    assert content(world) == ("True", "OneContent"), "nobody has looked yet"
    for _ in range(3):
        world.cluster.read_claims()
        await world.run(600)

    assert list(world.status["contents"].values()) == [[BEFORE, AFTER]]
    assert content(world) == ("False", "ModelContentChanged")
    assert world.reasons.count("ModelContentChanged") == 1
    assert world.status["phase"] == "Healthy"


async def test_whoever_reads_a_claim_goes_with_the_revision_it_was_read_for() -> None:
    world = await from_a_bucket(CLAIM)
    first = world.status["stable"]["revision"]
    assert readers(world) == [first]
    world.edit(model={"version": "2", "uri": f"{CLAIM}/2"})
    await world.run(30)
    assert len(readers(world)) == 2, "a canary's files may be replaced as well"
    await world.run(600)
    assert world.status["stable"]["version"] == "2"
    assert readers(world) == [world.status["stable"]["revision"]]
    assert first not in readers(world)


async def test_nobody_reads_a_claim_for_a_model_that_is_scaled_to_nothing() -> None:
    world = await from_a_bucket(CLAIM)
    world.edit(replicas=0)
    await world.run(60)
    assert readers(world) == []

    world.edit(replicas=2)
    await world.run(60)
    assert readers(world) == [world.status["stable"]["revision"]]


async def test_nobody_reads_a_bucket_that_serves_no_pod_before_it_starts() -> None:
    assert readers(await from_a_bucket()) == []


def readers(world: FakeWorld) -> list[str]:
    """Revisions whose claim is read again."""
    return [
        cron_job["metadata"]["labels"]["serinus.dev/revision"]
        for (kind, _), cron_job in world.cluster.objects.items()
        if kind == "CronJob"
    ]
