"""One model's whole life in acts: install, promote, roll back, supersede, a canary that dies."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.integration.admin import Admin
from tests.integration.faults.recorder import Object, Recorder
from tests.integration.faults.surroundings import Behaviour, Surroundings

MODEL = "fraud"
REPLICAS = 2
ERRING = Behaviour(error_share=0.4)


def manifest(namespace: str) -> Object:
    """Return the resource: short steps, quick verdicts, nothing else out of the ordinary."""
    return {
        "apiVersion": "serinus.dev/v1alpha1",
        "kind": "MLModelDeployment",
        "metadata": {"namespace": namespace, "name": MODEL},
        "spec": {
            "replicas": REPLICAS,
            **version_fields("1"),
            "objectives": [
                {
                    "preset": "error-rate",
                    "limit": "10%",
                    "minSamples": 10,
                    "failureLimit": {"failed": 1, "of": 1},
                }
            ],
            "rollout": {
                "advance": "time",
                "steps": [{"weight": 10}, {"weight": 50}],
                "interval": "1s",
                "minTime": "1s",
                "maxDuration": "30m",
                "scaleDownDelay": "1s",
            },
            "traffic": {"gatewayAPI": {"parentRefs": [{"name": "public"}]}},
        },
    }


def version_fields(version: str) -> dict[str, Any]:
    """Return what a new version changes in the spec."""
    container = {
        "name": "model",
        "image": f"{MODEL}:{version}",
        "ports": [{"name": "http", "containerPort": 8080}],
    }
    return {"model": {"version": version}, "template": {"spec": {"containers": [container]}}}


@dataclass
class Story:
    """Does what people do, and waits for what they would wait for."""

    admin: Admin
    namespace: str
    recorder: Recorder
    surroundings: Surroundings
    act: str = "before"
    asked: list[Object] = field(default_factory=list)
    """Every spec that a person wrote, in order."""
    in_the_middle: Callable[[], Awaitable[None]] | None = None
    """Awaited while a canary has traffic, for faults that last a while."""
    act_seconds: float = 240.0
    """An act takes a few seconds; a start of the operator takes half a minute where much runs."""

    @property
    def status(self) -> Object:
        """The resource's status as it is now."""
        found = self.recorder.live.get(("MLModelDeployment", MODEL)) or {}
        return dict(found.get("status") or {})

    async def install(self) -> None:
        """The first version serves."""
        self.act = "install 1"
        created = await self.admin.create(manifest(self.namespace))
        self.asked.append(created["spec"])
        await self._until(lambda s: is_settled(s, "Healthy", "1"))

    async def promote(self, version: str) -> None:
        """A good version becomes stable."""
        self.act = f"promote {version}"
        await self._deploy(version)
        await self._suffer(version)
        await self._until(lambda s: is_settled(s, "Healthy", version))

    async def roll_back(self, version: str) -> None:
        """A version fails its objective."""
        self.act = f"roll back {version}"
        self.surroundings.behaviours[version] = ERRING
        before = self.status["stableVersion"]
        await self._deploy(version)
        await self._suffer(version)
        await self._until(lambda s: is_settled(s, "RolledBack", before))

    async def supersede(self, version: str, newer: str) -> None:
        """A newer version takes a canary's place while it has traffic."""
        self.act = f"supersede {version}"
        await self._deploy(version)
        await self._until(lambda s: has_traffic(s, version))
        await self._deploy(newer)
        await self._until(lambda s: has_traffic(s, newer))

    async def take_back(self) -> None:
        """The spec returns to what is stable, in the middle of a rollout."""
        before = self.status["stableVersion"]
        self.act = f"take back {self.status['canaryVersion']}"
        await self._deploy(before)
        await self._until(lambda s: is_settled(s, "Healthy", before))

    async def die(self, version: str) -> None:
        """A canary loses its pods while it has traffic, and then they keep crashing."""
        self.act = f"lose {version}"
        before = self.status["stableVersion"]
        await self._deploy(version)
        await self._until(lambda s: has_traffic(s, version))
        await self.surroundings.behave(version, Behaviour(status="lost"))
        await self._until(lambda s: not has_traffic(s, version))
        await self.surroundings.behave(version, Behaviour(status="crashing"))
        await self._until(lambda s: is_settled(s, "RolledBack", before))

    async def _deploy(self, version: str) -> None:
        change = {"spec": version_fields(version)}
        edited = await self.admin.edit("MLModelDeployment", self.namespace, MODEL, change)
        self.asked.append(edited["spec"])

    async def _suffer(self, version: str) -> None:
        if self.in_the_middle is not None:
            await self._until(lambda s: has_traffic(s, version))
            await self.in_the_middle()

    async def _until(self, is_so: Callable[[Object], bool]) -> None:
        await self.recorder.until(lambda: is_so(self.status), self.act_seconds)


async def whole(story: Story) -> None:
    """Play every act."""
    await story.install()
    await story.promote("2")
    await story.roll_back("3")
    await story.supersede("4", "5")
    await story.take_back()
    await story.die("6")


async def a_good_version(story: Story) -> None:
    """Play a promotion."""
    await story.install()
    await story.promote("2")


async def versions_that_do_not_stay(story: Story) -> None:
    """Play a rollback, a supersession and a change of mind."""
    await story.install()
    await story.roll_back("2")
    await story.supersede("3", "4")
    await story.take_back()


ANNOUNCED = {
    "whole": {
        "Installed": 1,
        "RolloutStarted": 4,
        "PromotionDecided": 1,
        "Promoted": 1,
        "ObjectiveFailed": 1,
        "Superseded": 1,
        "Reverted": 1,
        "CanaryCrashLooping": 1,
        "RolledBack": 3,
    },
    "a_good_version": {"Installed": 1, "RolloutStarted": 1, "PromotionDecided": 1, "Promoted": 1},
    "versions_that_do_not_stay": {
        "Installed": 1,
        "RolloutStarted": 2,
        "ObjectiveFailed": 1,
        "Superseded": 1,
        "Reverted": 1,
        "RolledBack": 2,
    },
}
"""How often each play announces what happens once."""


def is_settled(status: Object, phase: str, stable_version: str) -> bool:
    """Return whether a rollout is over, its decision carried out and everything drained."""
    is_over = not any(status.get(part) for part in ("rollout", "decision", "draining"))
    return is_over and (status.get("phase"), status.get("stableVersion")) == (
        phase,
        stable_version,
    )


def has_traffic(status: Object, version: str) -> bool:
    """Return whether a version is the canary and gets requests."""
    return status.get("canaryVersion") == version and status.get("weight", 0) > 0
