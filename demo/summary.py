"""The end of the story: what was decided when and why, who answered what, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

from demo.names import CRASHES, FIRST, GOOD, IGNORES, NULLS
from demo.sights import Load, Sight, Told
from demo.stage import Kill
from serinus.resource.status import Fate, RevisionRecord

WIDTH = 110
CRASH_REASONS = ("CanaryCrashLooping", "CanaryCannotStart")
FAILED_OBJECTIVE = {NULLS: "null-outputs", IGNORES: "missing-inputs"}
"""What has to give a version away; each is a preset of the resource."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """All that is known when the story is over, however it ended."""

    started: float
    ended: float
    sight: Sight
    events: tuple[Told, ...] = ()
    kill: Kill | None = None
    final_load: Load | None = None
    trouble: str = ""
    """What ended the story early, "" if nothing did."""

    @property
    def load(self) -> Load:
        return self.final_load or self.sight.load or Load()

    def count_of(self, fate: Fate) -> int:
        return sum(record.fate is fate for record in self.sight.status.history)


def faults(account: Account) -> list[str]:
    """Everything that went otherwise than it should, a sentence each; none is a success."""
    return [account.trouble] * bool(account.trouble) + [
        *_faults_of_decisions(account),
        *_faults_of_traffic(account.load),
        *_faults_of_the_kill(account.kill),
    ]


def _faults_of_decisions(account: Account) -> Iterator[str]:
    wanted = {
        FIRST: Fate.INSTALLED,
        GOOD: Fate.PROMOTED,
        NULLS: Fate.ROLLED_BACK,
        CRASHES: Fate.ROLLED_BACK,
        IGNORES: Fate.ROLLED_BACK,
    }
    for version, fate in wanted.items():
        record = account.sight.record_of(version)
        if record is None:
            yield f"version {version} was to be {fate}, and is undecided"
        elif record.fate is not fate:
            yield f"version {version} was to be {fate}, and is {record.fate}: {_why(record)}"
        elif not _is_for_its_reason(record):
            yield f"version {version} was {fate} for another reason: {_why(record)}"
    if account.sight.status.stable_version != GOOD:
        yield f"stable is {account.sight.status.stable_version}, not {GOOD}"


def _is_for_its_reason(record: RevisionRecord) -> bool:
    if objective := FAILED_OBJECTIVE.get(record.version):
        return record.reason == "ObjectiveFailed" and objective in record.message
    return record.version != CRASHES or record.reason in CRASH_REASONS


def _why(record: RevisionRecord) -> str:
    return f"{record.reason}: {record.message}"


def _faults_of_traffic(load: Load) -> Iterator[str]:
    if not load.is_final:
        yield "the clients' count is not complete"
    if load.failures:
        causes = ", ".join(f"{count} {cause}" for cause, count in sorted(load.causes.items()))
        yield f"{load.failures} requests were lost by a traffic shift: {causes}"
    if load.by(CRASHES).requests:
        yield f"version {CRASHES} got {load.by(CRASHES).requests} requests"
    for version in (FIRST, GOOD, NULLS, IGNORES):
        if not load.by(version).requests:
            yield f"version {version} got no request"
    for version in (FIRST, GOOD, IGNORES):  # whose callers see nothing of what is wrong
        if load.by(version).bad:
            yield f"version {version} gave {load.by(version).bad} bad answers"
    if not load.by(NULLS).null_outputs:
        yield f"version {NULLS} gave no null: it was no bad model"


def _faults_of_the_kill(kill: Kill | None) -> Iterator[str]:
    if kill is None or not kill.successor:
        yield "no operator was killed and followed by another"
    elif not kill.was_resumed:
        yield f"after the operator's death the rollout of {kill.version} began anew"


def figures(account: Account) -> dict[str, int]:
    load = account.load
    return {
        "requests_total": load.sent,
        "requests_failed_by_shift": load.failures,
        "promoted": account.count_of(Fate.PROMOTED),
        "rolled_back": account.count_of(Fate.ROLLED_BACK),
        "crashed_version_requests": load.by(CRASHES).requests,
        "bad_answers_before_rollback": load.by(NULLS).bad,
        "seconds": round(account.ended - account.started),
    }


def written(account: Account) -> str:
    """The whole summary; its last lines are the figures."""
    wrong = faults(account)
    outcome = ["", "As it should be." if not wrong else "Not as it should be:"]
    lines = [
        "",
        "What was decided, when and why",
        *_timeline(account),
        "",
        "Who answered",
        *_answers(account.load, account.started),
        *outcome,
        *(f"  - {fault}" for fault in wrong),
        "",
        *(f"figure demo.{name} {value}" for name, value in figures(account).items()),
    ]
    return "\n".join(lines)


def _timeline(account: Account) -> Iterator[str]:
    before = ""
    for told in sorted(_all_told(account), key=lambda told: told.at):
        mark = "!" if told.is_warning else " "
        head = f"{told.at - account.started:6.0f} s {mark} {told.reason:<18} "
        # A rollback that is over says again why it began.
        message = told.message.removesuffix(f": {before}")
        first, *rest = wrap(message, WIDTH - len(head), break_on_hyphens=False) or [""]
        yield head + first
        yield from (" " * len(head) + line for line in rest)
        before = told.message


def _all_told(account: Account) -> Iterable[Told]:
    yield from account.events
    if kill := account.kill:
        text = f"killed at {kill.weight} % for version {kill.version}: pod {kill.pod}"
        yield Told(at=kill.at, reason="(operator)", message=text, is_warning=True)
    if kill and kill.successor:
        text = f"{kill.successor} took over after {kill.seconds_without:.0f} s"
        yield Told(at=kill.at + kill.seconds_without, reason="(operator)", message=text)


def _answers(load: Load, started: float) -> Iterator[str]:
    yield f"  {'version':<8}{'answers':>9}{'nulls':>7}{'errors':>8}{'p99':>9}   from - to"
    for version in (FIRST, GOOD, NULLS, CRASHES, IGNORES):
        counts = load.by(version)
        line = f"  {version:<8}{counts.requests:>9,}{counts.null_outputs:>7}"
        line += f"{counts.model_errors:>8}"
        if counts.requests:
            since, until = counts.first_seen - started, counts.last_seen - started
            line += f"{counts.p99_seconds * 1000:>6.0f} ms   {since:.0f} - {until:.0f} s"
        yield line
    yield f"  lost on the way: {load.failures} of {load.sent:,}"
    if load.skipped:
        yield f"  not sent, since too many waited for an answer: {load.skipped}"
