"""What was recorded of real services, as counts in steps of equal length."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.scenario import Disturbance

FILES = {
    Disturbance.PETSHOP_LOW: "petshop-low-petsite.csv",
    Disturbance.PETSHOP_SEARCH: "petshop-low-petsearch.csv",
    Disturbance.PETSHOP_HIGH: "petshop-high-petsite.csv",
    Disturbance.AZURE_CONVERSATION: "azure-llm-conversation.csv",
    Disturbance.AZURE_CODE: "azure-llm-code.csv",
}
"""By name of the disturbance; each has a first line that names its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Requests of each step, and how many of them were bad where that was recorded."""

    step_seconds: int
    requests: Floats
    bad: Floats | None

    @property
    def lasts_seconds(self) -> int:
        return self.step_seconds * len(self.requests)

    @property
    def bad_shares(self) -> Floats | None:
        if self.bad is None:
            return None
        shares: Floats = self.bad / np.maximum(1.0, self.requests)
        return shares


@cache
def recording(disturbance: Disturbance) -> Recording:
    """Read the recording behind a disturbance."""
    path = Path(__file__).with_name("recorded") / FILES[disturbance]
    rows = list(csv.DictReader(path.read_text().splitlines()))
    seconds = [int(row["second"]) for row in rows]
    bad = [float(row["bad"]) for row in rows] if "bad" in rows[0] else None
    return Recording(
        step_seconds=seconds[1] - seconds[0],
        requests=np.array([float(row["requests"]) for row in rows]),
        bad=None if bad is None else np.array(bad),
    )
