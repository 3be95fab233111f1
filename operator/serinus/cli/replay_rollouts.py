"""`serinus replay rollouts`: rollouts there were, by their own policy and by others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from serinus.cli.exits import Ended, ExitCode
from serinus.cli.given import text_of, write, yaml_of
from serinus.cli.history import Asked, History
from serinus.errors import SpecInvalid
from serinus.evidence.wording import stretch
from serinus.replay.past import Past, rollouts_of
from serinus.replay.play import Moment, play
from serinus.replay.plot import Curve, svg
from serinus.replay.recorded import records_of
from serinus.replay.story import Line, compared, curve, spec_of, story
from serinus.resource.spec import Spec


def replay_rollouts(
    asked: Asked,
    log: Path,
    policies: Sequence[Path],
    scrape_interval_seconds: float | None,
) -> None:
    """Replay logged rollouts and write what was decided when."""
    records = records_of(text_of(log))
    pasts = rollouts_of(records)
    if not pasts:
        raise Ended(ExitCode.FAILED, f"{log} tells of no rollout from its first traffic on")
    changes = [None, *(_changes(file, pasts) for file in policies)]
    again = partial(_played, changes, scrape_interval_seconds)
    played = [asked.with_metrics(p.records[0].raw_spec, partial(again, p)) for p in pasts]
    names = ["as it was", *(file.name for file in policies)]
    if asked.plot:
        write(asked.plot, _plotted(played[-1], names))
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
    policies: Sequence[Mapping[str, Any] | None],
    scrape_interval_seconds: float | None,
    past: Past,
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


def _changes(file: Path, pasts: Sequence[Past]) -> Mapping[str, Any]:
    """Return what a policy changes of specs that were logged; a name that is none is no change."""
    spec = yaml_of(file)["spec"]
    known = {field.alias or name for name, field in Spec.model_fields.items()}
    if unknown := sorted(spec.keys() - known):
        raise Ended(ExitCode.USAGE, f"{file}: spec has no field {', '.join(unknown)}")
    changes = {key: spec[key] for key in ("objectives", "rollout") if key in spec}
    if not changes:
        raise Ended(ExitCode.USAGE, f"{file}: spec has neither objectives nor rollout to replay")
    try:
        for past in pasts:
            spec_of(past, changes)
    except SpecInvalid as wrong:
        raise Ended(ExitCode.USAGE, f"{file}: {wrong}") from wrong
    return changes
