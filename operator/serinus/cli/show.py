"""A resource's status, laid out for people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from serinus.cli.standing import pending_commands
from serinus.errors import UNRESOLVED
from serinus.resource.body import Resource
from serinus.resource.status import Phase, Status, VerdictValue

GOOD, BAD, OPEN = "green", "red", "yellow"
PHASE_STYLES = {
    Phase.HEALTHY: GOOD,
    Phase.DEGRADED: BAD,
    Phase.ROLLED_BACK: BAD,
    Phase.ROLLING_BACK: BAD,
    Phase.INVALID: BAD,
}
VERDICT_STYLES = {VerdictValue.PASS: GOOD, VerdictValue.FAIL: BAD, VerdictValue.UNDECIDED: OPEN}
HISTORY_SHOWN = 5


def page(resource: Resource, status: Status, now: datetime) -> RenderableType:
    """Return everything there is to say about a resource, the most important first."""
    parts: list[RenderableType] = [_headline(resource, status), _tracks(status, now)]
    for title, table in (
        ("Objectives", objectives_table(status)),
        ("Rollout", _policy(status)),
        ("Verdicts", _verdicts(status)),
        ("Drift, worst first", _drift(status)),
        ("Conditions", _conditions(status, now)),
        ("History", _history(status, now)),
    ):
        if table.row_count:
            parts += [Text(f"\n{title}", style="bold"), _indented(table)]
    if status.calibration:
        parts += [Text("\nCalibration", style="bold"), _indented(Text(status.calibration.message))]
    hints = list(_hints(resource, status))
    return Group(*parts, *([Text("")] if hints else []), *map(Text, hints))


def _headline(resource: Resource, status: Status) -> RenderableType:
    style = PHASE_STYLES.get(status.phase, OPEN)
    line = Text.assemble(
        (resource.name, "bold"), f" in {resource.namespace}: ", (status.phase, f"bold {style}")
    )
    return Group(line, _indented(Text(status.message))) if status.message else line


def _tracks(status: Status, now: datetime) -> RenderableType:
    table = _grid()
    stable, rollout = status.stable, status.rollout
    if stable:
        ready = f"{status.ready_replicas} of {status.replicas} pods ready"
        since = f"for {age(now, stable.since)}"
        table.add_row(
            *_cells("stable", f"version {stable.version}", stable.revision, ready, since)
        )
    if rollout:
        where = f"{rollout.weight} % of the traffic, step {rollout.step + 1}/{rollout.steps}"
        since = f"for {age(now, rollout.started_at)}"
        table.add_row(
            *_cells("canary", f"version {rollout.version}", rollout.revision, where, since)
        )
    return _indented(table)


def objectives_table(status: Status) -> Table:
    """Return the objectives in force, and where each comes from."""
    table = _grid()
    for each in status.objectives:
        name = f"{each.name} (advisory)" if each.advisory else each.name
        table.add_row(*_cells(name, each.limit, f"from {each.source}"))
    return table


def _policy(status: Status) -> Table:
    table = _grid()
    for each in status.policy:
        table.add_row(*_cells(each.name, each.value, f"from {each.source}"))
    return table


def _verdicts(status: Status) -> Table:
    table = _grid()
    for verdict in status.verdicts:
        word = Text(verdict.verdict, style=VERDICT_STYLES[verdict.verdict])
        name = f"{verdict.objective} (advisory)" if verdict.advisory else verdict.objective
        numbers = (
            f"canary {verdict.canary or '-'}",
            f"stable {verdict.stable or '-'}",
            f"limit {verdict.limit or '-'}",
            f"samples {verdict.canary_samples}/{verdict.stable_samples}",
        )
        table.add_row(Text(name), word, *_cells(*numbers), Text(verdict.message))
    return table


def _drift(status: Status) -> Table:
    table = _grid()
    for verdict in status.verdicts:
        for each in verdict.features or ():
            distance = "-" if each.distance is None else f"{each.distance:.3g}"
            word = Text("drifted", style=OPEN) if each.is_drifted else Text("")
            samples = f"{each.samples:,} values"
            table.add_row(*_cells(verdict.objective, each.feature, distance, samples), word)
    return table


def _conditions(status: Status, now: datetime) -> Table:
    table = _grid()
    for condition in status.conditions:
        since = f"for {age(now, condition.last_transition_time)}"
        table.add_row(
            *_cells(condition.type, condition.status, condition.reason, since, condition.message)
        )
    return table


def _history(status: Status, now: datetime) -> Table:
    table = _grid()
    for past in status.history[:HISTORY_SHOWN]:
        when = f"{age(now, past.at)} ago"
        table.add_row(
            *_cells(
                f"version {past.version}",
                past.revision,
                past.fate,
                when,
                past.reason,
                past.message,
            )
        )
    return table


def _hints(resource: Resource, status: Status) -> Iterator[str]:
    """Yield what a person can do now."""
    if status.observed_generation < resource.generation:
        yield "The operator has not looked at the newest spec yet; is it running?"
    for name in pending_commands(resource, status):
        yield f"{name} was asked for and is not carried out yet."
    if status.phase is Phase.ROLLED_BACK:
        yield f"Change the spec, or: kubectl serinus retry {resource.name}"
    rollout = status.rollout
    if rollout is None or status.stable is None or status.decision is not None:
        return
    verbs = ["promote", "abort"]
    is_for_approval = not any(each.reason in UNRESOLVED for each in status.conditions)
    if status.phase is Phase.PAUSED and rollout.approved_step < rollout.step and is_for_approval:
        verbs.insert(0, "approve")
    yield f"You can: kubectl serinus {'|'.join(verbs)} {resource.name}"


def age(now: datetime, then: datetime) -> str:
    """Return the time since as its largest unit: 45s, 12m, 3h, 9d."""
    seconds = max(0, (now - then) // timedelta(seconds=1))
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _grid() -> Table:
    return Table.grid(padding=(0, 3, 0, 0))


def _cells(*texts: str) -> Iterator[Text]:
    """Texts of the cluster are shown as they are: a bracket in a message is no markup."""
    return map(Text, texts)


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, 2), expand=False)
