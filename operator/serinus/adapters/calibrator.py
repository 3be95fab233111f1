"""The calibrator: has policies replayed on models' pasts, one at a time, in other processes."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from serinus.errors import OutsideUnavailable
from serinus.evidence.policy import policy_digest
from serinus.replay.schedule import is_due
from serinus.resource.body import NO_TEMPLATE, Resource
from serinus.resource.calibration import Calibration
from serinus.resource.incident import incidents_digest
from serinus.resource.segments import by_objective
from serinus.resource.spec import Spec
from serinus.resource.status import Memory

logger = logging.getLogger(__name__)

WITHIN_SECONDS = 300.0
"""Nearly all of it is Prometheus' time."""
AGAIN_AFTER_SECONDS = 900.0
"""After one that failed."""

Place = tuple[str, str]
"""Namespace and name of a resource."""
Job = Mapping[str, Any]


async def in_a_process_of_its_own(job: Job) -> Calibration:
    """Return what `python -m serinus.calibrate` makes of a job.

    Raises:
        OutsideUnavailable: it could not be made; the message says why.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "serinus.calibrate"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            answer, words = await process.communicate(json.dumps(job).encode())
    except TimeoutError as late:
        raise OutsideUnavailable(f"no calibration within {WITHIN_SECONDS:g} s") from late
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        *_, last = ["it ended without a word", *words.decode(errors="replace").split("\n")[:-1]]
        raise OutsideUnavailable(last)
    return Calibration.model_validate_json(answer)


class Calibrator:
    """Knows the newest calibration of each model, and makes those that are due."""

    def __init__(
        self,
        make: Callable[[Job], Awaitable[Calibration]] = in_a_process_of_its_own,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make nothing yet; see `keep_calibrating`."""
        self.on_made: Callable[[str, str], None] = lambda _namespace, _name: None
        """Told of every new calibration; set by whoever listens."""
        self._make, self._now = make, now
        self._made: dict[Place, Calibration] = {}
        self._wanted: dict[Place, Job] = {}
        self._failed_at: dict[tuple[Place, str], float] = {}
        self._under_way: Place | None = None
        self._is_wanted = asyncio.Event()

    def newest(self, resource: Resource, spec: Spec, memory: Memory) -> Calibration | None:
        """Return one that is newer than what is remembered; see observe.gather.Reader."""
        place, policy = (resource.namespace, resource.name), policy_digest(spec)
        made, known = self._made.get(place), memory.calibration
        if made is not None and known is not None and made.at <= known.at:
            made = None
        incidents = incidents_digest(spec.rollout.incidents)
        if is_due(policy, made or known, memory, resource.uid, self._now(), incidents):
            self._want(place, policy, spec)
        return made

    def forget(self, namespace: str, name: str) -> None:
        """Take in that a resource is no more."""
        place = namespace, name
        self._made.pop(place, None)
        self._wanted.pop(place, None)
        self._failed_at = {key: at for key, at in self._failed_at.items() if key[0] != place}

    async def keep_calibrating(self) -> None:
        """Make what is wanted, first come first served; no failure ends it."""
        while True:
            await self._is_wanted.wait()
            while self._wanted:
                place = next(iter(self._wanted))
                self._under_way = place
                await self._calibrate(place, self._wanted.pop(place))
                self._under_way = None
            self._is_wanted.clear()

    def _want(self, place: Place, policy: str, spec: Spec) -> None:
        failed_at = self._failed_at.get((place, policy))
        if failed_at is not None and time.monotonic() - failed_at < AGAIN_AFTER_SECONDS:
            return
        if place == self._under_way:
            return
        self._wanted[place] = {
            "namespace": place[0],
            "name": place[1],
            "policy": policy,
            "spec": job_spec(spec),
        }
        self._is_wanted.set()

    async def _calibrate(self, place: Place, job: Job) -> None:
        namespace, name = place
        try:
            made = await self._make(job)
        except (OutsideUnavailable, OSError, ValueError) as failure:
            logger.info("%s/%s: not calibrated: %s", namespace, name, failure)
            self._failed_at[place, job["policy"]] = time.monotonic()
            return
        self._failed_at.pop((place, job["policy"]), None)
        logger.info("%s/%s: %s", namespace, name, made.message)
        self._made[place] = made
        self.on_made(namespace, name)


def job_spec(spec: Spec) -> dict[str, Any]:
    """Return what a replay needs of a spec: its policy, objectives of templates included."""
    as_written = spec.model_copy(update={"objectives": by_objective(spec.objectives)})
    written = as_written.model_dump(
        mode="json",
        by_alias=True,
        exclude_none=True,
        exclude_unset=True,
        include={"metrics", "objectives", "rollout", "traffic"},
    )
    model = spec.model.model_dump(
        mode="json", by_alias=True, exclude_none=True, include={"version", "server", "name"}
    )
    return {**written, "model": model, "template": NO_TEMPLATE}
