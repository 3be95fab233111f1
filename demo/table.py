"""The live table on a terminal; elsewhere, such as in CI, a line whenever something changes."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo.names import MODEL
from demo.sights import Load, Sight
from serinus.resource.status import Status, VerdictValue

QUIET_SECONDS = 10.0
"""On plain output a sign of life, even when nothing changes."""
SHARE_SECONDS = 5.0
"""How far back the measured split looks."""

COLOURS = {VerdictValue.PASS: "green", VerdictValue.FAIL: "red", VerdictValue.UNDECIDED: "yellow"}


class Display(Protocol):
    """What acts and sights are shown on."""

    def announce(self, text: str) -> None: ...

    def show(self, sight: Sight) -> None: ...


@dataclass
class Shares:
    """Each version's measured share of the last seconds' requests."""

    loads: deque[Load] = field(default_factory=deque)

    def add(self, load: Load | None) -> None:
        if load is None:
            return
        self.loads.append(load)
        while load.at - self.loads[0].at > SHARE_SECONDS:
            self.loads.popleft()

    def of(self, version: str) -> float | None:
        if not self.loads:
            return None
        first, last = self.loads[0], self.loads[-1]
        by = {name: last.by(name).requests - first.by(name).requests for name in last.served}
        total = sum(by.values())
        return by.get(version, 0) / total if total else None


@dataclass
class PlainLines:
    """For logs."""

    started: float
    said: str = ""
    said_at: float = 0.0

    def announce(self, text: str) -> None:
        print(f"== {text}", flush=True)
        self.said = ""

    def show(self, sight: Sight) -> None:
        what = where_it_stands(sight.status)
        if what == self.said and sight.at - self.said_at < QUIET_SECONDS:
            return
        self.said, self.said_at = what, sight.at
        seconds = f"{sight.at - self.started:5.0f} s"
        print(f"{seconds}  {what}{_counts(sight.load)}", flush=True)


@dataclass
class LiveTable:
    """For people."""

    live: Live
    started: float
    act: str = ""
    shares: Shares = field(default_factory=Shares)

    def announce(self, text: str) -> None:
        self.act = text
        self.live.console.print(Text(f"• {text}", style="bold"))

    def show(self, sight: Sight) -> None:
        self.shares.add(sight.load)
        self.live.update(draw(sight, self.shares, sight.at - self.started), refresh=True)


@contextmanager
def display(started: float) -> Iterator[Display]:
    console = Console()
    if not (sys.stdout.isatty() and console.is_terminal):
        yield PlainLines(started)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield LiveTable(live, started)


def where_it_stands(status: Status) -> str:
    """A line of its own for each change of this."""
    words = [str(status.phase)]
    if status.stable_version:
        words.append(f"stable {status.stable_version}")
    if is_compared(status):
        words.append(f"canary {status.canary_version} at {status.weight} %, step {status.step}")
        verdicts = (f"{each.objective}={each.verdict}" for each in status.verdicts)
        words.append(" ".join(verdicts))
    return ", ".join(word for word in words if word)


def is_compared(status: Status) -> bool:
    """Whether there is a canary; the first version has nothing to be one of."""
    return bool(status.canary_version and status.stable_version)


def _counts(load: Load | None) -> str:
    if load is None:
        return ""
    answered = " ".join(f"{name}:{load.by(name).requests}" for name in sorted(load.served))
    return f" | answers {answered} | lost {load.failures}"


def draw(sight: Sight, shares: Shares, seconds: float) -> RenderableType:
    parts: list[RenderableType] = [_heading(sight, seconds), _versions(sight, shares)]
    if is_compared(sight.status) and sight.status.verdicts:
        parts.append(_verdicts(sight.status))
    parts.append(Text(sight.status.message, style="dim", overflow="ellipsis", no_wrap=True))
    return Group(*parts)


def _heading(sight: Sight, seconds: float) -> Text:
    status = sight.status
    text = Text.assemble((MODEL, "bold"), f"  {seconds:.0f} s  ", (str(status.phase), "bold cyan"))
    if is_compared(status):
        text.append(f"  step {status.step}, canary {status.weight} %")
    lost = sight.load.failures if sight.load else 0
    text.append(f"  lost requests: {lost}", style="red bold" if lost else "green")
    return text


def _versions(sight: Sight, shares: Shares) -> Table:
    table = Table("version", "track")
    for title in ("weight", "measured", "answers", "nulls", "errors", "p99"):
        table.add_column(title, justify="right")
    load = sight.load or Load()
    for version in versions_of(sight):
        track, weight = track_of(version, sight.status)
        counts, share = load.by(version), shares.of(version)
        table.add_row(
            version,
            track,
            weight,
            f"{share:.0%}" if share is not None else "",
            f"{counts.requests:,}",
            f"{counts.null_outputs:,}",
            f"{counts.model_errors:,}",
            f"{counts.p99_seconds * 1000:.0f} ms" if counts.requests else "",
        )
    return table


def versions_of(sight: Sight) -> list[str]:
    status, load = sight.status, sight.load
    known = {status.stable_version, status.canary_version, *(load.served if load else ())}
    past = {record.version for record in status.history}
    return sorted(version for version in known | past if version)


def track_of(version: str, status: Status) -> tuple[str, str]:
    """The version's place in words, and its weight."""
    if version == status.canary_version and not is_compared(status):
        return "starting", ""
    if version == status.canary_version:
        return "canary", f"{status.weight} %"
    if version == status.stable_version:
        return "stable", f"{100 - status.weight} %"
    fates = (past.fate for past in status.history if past.version == version)
    return next((str(fate) for fate in fates), ""), "0 %"


def _verdicts(status: Status) -> Table:
    table = Table("objective", "verdict", "canary", "stable", "allowed", "samples")
    for each in status.verdicts:
        table.add_row(
            each.objective,
            Text(str(each.verdict), style=COLOURS[each.verdict]),
            each.canary or "",
            each.stable or "",
            each.limit or "",
            f"{each.canary_samples:,} / {each.stable_samples:,}",
        )
    return table
