"""`serinus replay rollouts`: rollouts there were, by their own policy and by others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from serinus.cli.exits import Ended, ExitCode
from serinus.cli.history import Asked, History, text_of, yaml_of
from serinus.evidence.wording import stretch
from serinus.replay.past import Past, rollouts_of
from serinus.replay.play import Moment, play
from serinus.replay.plot import Curve, svg
from serinus.replay.recorded import records_of
from serinus.replay.story import Line, compared, curve, spec_of, story
from serinus.resource.quantities import parse_duration
from serinus.resource.spec import Spec


def replay_rollouts(
    asked: Asked,
    log: Path,
    policies: Sequence[Path],
    scrape_interval: str | None,
) -> None:
    """Replay logged rollouts and write what was decided when."""
    records = records_of(text_of(log))
    pasts = rollouts_of(records)
    if not pasts:
        raise Ended(ExitCode.FAILED, f"{log} tells of no rollout from its first traffic on")
    seconds = parse_duration(scrape_interval) if scrape_interval else None
    changes = [None, *map(_changes, policies)]
    played = [
        asked.with_metrics(past.records[0].raw_spec, partial(_played, past, changes, seconds))
        for past in pasts
    ]
    names = ["as it was", *(file.name for file in policies)]
    if asked.plot:
        asked.plot.write_text(_plotted(played[-1], names))
    if asked.is_json:
        print(json.dumps([_as_json(each, names) for each in played], indent=2))
        return
    for each in played:
        _print_rollout(each, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One rollout under each policy, its own first."""

    past: Past
    moments: tuple[tuple[Moment, ...], ...]
    specs: tuple[Spec, ...]

    def told(self, number: int) -> str:
        """Return how a policy's end compares with what was logged."""
        return compared(self.past, self.moments[number], is_as_logged=number == 0)

    def lines(self, number: int) -> list[Line]:
        """Return what happened under a policy."""
        return story(self.past, self.moments[number], self.specs[number])

    def curve(self, number: int, name: str) -> Curve:
        """Return the evidence under a policy."""
        return curve(name, self.past, self.moments[number], self.specs[number])


async def _played(
    past: Past,
    policies: Sequence[Mapping[str, Any] | None],
    scrape_interval_seconds: float | None,
    history: History,
) -> Played:
    seconds = scrape_interval_seconds or history.scrape_interval_seconds
    return Played(
        past=past,
        moments=tuple(
            [await play(past, history.metrics, seconds, each, history.labels) for each in policies]
        ),
        specs=tuple(spec_of(past, each) for each in policies),
    )


def _print_rollout(played: Played, names: Sequence[str]) -> None:
    rollout = played.past.rollout
    print(f"version {rollout.version} ({rollout.revision}), {played.past.begins_at:%F %T} UTC")
    for number, name in enumerate(names):
        print(f"  {name}: {played.told(number)}")
        for line in played.lines(number):
            time, weight = stretch(line.seconds), f"{line.weight_percent} %"
            print(f"    {time:>8}  {weight:>5}  {line.phase:<12}  {line.message}")


def _plotted(played: Played, names: Sequence[str]) -> str:
    curves = [played.curve(number, name) for number, name in enumerate(names)]
    return svg(f"Evidence against version {played.past.rollout.version}: odds", curves)


def _as_json(played: Played, names: Sequence[str]) -> dict[str, Any]:
    return {
        "version": played.past.rollout.version,
        "revision": played.past.rollout.revision,
        "policies": [
            {
                "policy": name,
                "compared": played.told(number),
                "moments": [asdict(line) for line in played.lines(number)],
            }
            for number, name in enumerate(names)
        ],
    }


def _changes(file: Path) -> Mapping[str, Any]:
    spec = yaml_of(file).get("spec") or {}
    return {key: spec[key] for key in ("objectives", "rollout") if key in spec}
