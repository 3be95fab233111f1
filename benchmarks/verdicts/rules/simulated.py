"""The operator's rule with a threshold simulated for as long as it watches."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.verdicts.counts import Floats
from benchmarks.verdicts.rules.ours import FALSE_ROLLBACK_RATE, Layer, Ours, OursWatch
from benchmarks.verdicts.rules.rule import Look, Said, Setting
from serinus.evidence.simulated import known_duration
from serinus.resource.rollout import RolloutPolicy, Step, Threshold

MEASURED = Ours(layer=Layer.MEASURED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """`threshold: simulated`, with the dispersion measured; a rate that is a guess spends half."""

    ours: Ours = MEASURED

    @property
    def name(self) -> str:
        return f"{self.ours.name}, simulated"

    @property
    def weights(self) -> tuple[float, ...]:
        return self.ours.weights

    def watch(self, setting: Setting) -> ThresholdWatch:
        of = self.ours.watch(setting)
        less = saved(setting.seconds, setting.look_seconds, self.weights)
        return ThresholdWatch(of=of, roll_back_at=of.roll_back_at - less)


@dataclass(frozen=True, slots=True)
class ThresholdWatch:
    """The same evidence, held against another threshold."""

    of: OursWatch
    roll_back_at: float | Floats

    def look(self, seen: Look) -> Said:
        said, against = self.of.look(seen), self.of.against(seen)
        return replace(said, rolls_back=against >= self.roll_back_at)


def saved(seconds: int, look_seconds: int, weights: tuple[float, ...]) -> float:
    """Return by how many nats less the operator asks for where it knows the duration."""
    policy = RolloutPolicy(
        steps=tuple(Step(weight=round(100 * weight)) for weight in weights),
        threshold=Threshold.SIMULATED,
        interval_seconds=float(look_seconds),
        max_duration=float(seconds),
    )
    known = known_duration(policy)
    return known.saved(FALSE_ROLLBACK_RATE, minutes=0) if known else 0.0
