"""`python -m serinus.calibrate`: one policy on one model's past, in a process of its own.

The job comes as JSON on standard input, the calibration goes as JSON to standard output, and where
Prometheus is comes from the environment, as for the operator.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from serinus.adapters.prometheuses import Prometheuses
from serinus.errors import SerinusError
from serinus.replay.aa import Model, replayed
from serinus.replay.summary import calibration_of
from serinus.resource.objectives import in_force
from serinus.resource.spec import parse_spec
from serinus.settings import Settings, SettingsInvalid, read_settings

NICENESS = 10
"""The operator's own looks come first."""
TIMEOUT_SECONDS = 60.0
"""For one answer: days of samples take longer than the ones of a look."""


def main() -> int:
    """Do one job; the exit code is 1 where it could not be done, and why is on standard error."""
    os.nice(NICENESS)
    gc.disable()  # it would go through millions of samples for what a few seconds leave behind
    try:
        settings = read_settings(os.environ)
        print(asyncio.run(_calibrated(json.load(sys.stdin), settings)))  # noqa: T201 - its answer
    except (SerinusError, SettingsInvalid) as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


async def _calibrated(job: Mapping[str, Any], settings: Settings) -> str:
    patient = {
        name: each.model_copy(update={"timeout": max(each.timeout, TIMEOUT_SECONDS)})
        for name, each in settings.prometheuses.items()
    }
    prometheuses = Prometheuses(patient, identity=settings.aws_identity)
    source, now = prometheuses.source(job["namespace"], job["spec"]), datetime.now(UTC)
    model = Model(namespace=job["namespace"], name=job["name"], labels=source.labels)
    try:
        spec = in_force(parse_spec(job["spec"]), None)
        found = await replayed(model, spec, source.reader, until=now)
    finally:
        await prometheuses.close()
    return calibration_of(found, now).model_dump_json(by_alias=True, exclude_none=True)


if __name__ == "__main__":
    sys.exit(main())
