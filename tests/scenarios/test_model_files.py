"""Files that were replaced under their name: told once, and serving goes on."""

from __future__ import annotations

from tests.fakes.models import GOOD
from tests.fakes.world import FakeWorld, spec_of, world_of

BEFORE, AFTER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
URI = "s3://models/fraud"


async def from_a_bucket() -> FakeWorld:
    """Version 1 serves, with what the bucket held when its pods started."""
    world = world_of(spec_of(model={"version": "1", "uri": URI}))
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
