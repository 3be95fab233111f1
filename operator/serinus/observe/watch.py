"""A watch: whose evidence is gathered; what it needs to fetch, and the blocks the answers give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf

from serinus.evidence.ledger import Block, Ledger
from serinus.observe.apart import apart, signal_on
from serinus.observe.capture import in_scope
from serinus.observe.counting import Counting, counting
from serinus.observe.fetch import PATIENCE_SECONDS, Answers, Fetch
from serinus.observe.samples import Samples
from serinus.observe.tracked import Tracked
from serinus.resource.comparison import why_alone
from serinus.resource.objective import Objective
from serinus.resource.revision import Shows
from serinus.servers.preset import STANDARD, ingredients_of, preset_of, source_of
from serinus.signals.blocks import Due, close, due, next_due_at, objective_key
from serinus.signals.compile import Tracks
from serinus.signals.series import KUBERNETES_LABELS, ScrapeLabels
from serinus.signals.signal import Signal, signal_of
from serinus.signals.tally import Bins


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Whose evidence is gathered, and how far it got."""

    namespace: str
    model: str
    stable: str
    """Digest of the stable revision."""
    canary: str
    rollout: str
    """Which of the canary's rollouts it is: a retry starts its evidence anew."""
    objectives: tuple[Objective, ...]
    ledger: Ledger
    """As stored; one of another rollout counts for nothing."""
    evidence_since: datetime
    """When the canary got its first traffic; nothing before it is counted."""
    now: datetime
    interval_seconds: float
    scrape_interval_seconds: float = 15.0
    pods_started_at: Mapping[str, datetime] = field(default_factory=dict)
    """Start times of the pods there are, by name."""
    pods_running_since: Mapping[str, datetime] = field(default_factory=dict)
    """When the youngest process of each pod that runs began."""
    pods_began_before: Mapping[str, tuple[datetime, ...]] = field(default_factory=dict)
    """When all others of it began, as far as the kubelet remembers."""
    step_entered_at: datetime | None = None
    """When the weight was set last."""
    weight_percent: int = 0
    is_bet_on: bool = True
    """Whether evidence decides, not time."""
    versions: tuple[str, str] = ("", "")
    """What people call stable's model, and the canary's."""
    server: str = STANDARD
    """Name of the model server's preset."""
    source: str | None = None
    """Who else is asked for what the server is not."""
    served_name: str | None = None
    """The model's name inside its server."""
    stable_shows: Shows | None = None
    """As what stable is asked; None for what the canary is asked as."""
    labels: ScrapeLabels = KUBERNETES_LABELS
    patience_seconds: float = PATIENCE_SECONDS
    captured: Bins = field(default_factory=dict)
    """Of stable's traffic: every feature, and the predictions."""

    @property
    def current_ledger(self) -> Ledger:
        """The ledger of this rollout, without objectives that are gone."""
        if self.ledger.rollout != self.rollout:
            return Ledger(rollout=self.rollout).beginning(self._begins(self.evidence_since))
        return self.ledger.beginning(self._begins(self.now))

    def _begins(self, at: datetime) -> dict[str, datetime]:
        """Return from when on each objective is counted.

        Labels that come first are no fair sample of all: outcomes count once the canary has had
        traffic for as long as labels take.
        """
        delays = {objective_key(each): each.label_delay or 0.0 for each in self.objectives}
        return {
            key: max(at, self.evidence_since + timedelta(seconds=delay))
            for key, delay in delays.items()
        }

    @property
    def tracks(self) -> Tracks:
        """Whose pods are whose."""
        return Tracks(
            namespace=self.namespace,
            model=self.model,
            stable=self.stable,
            canary=self.canary,
            labels=self.labels,
            served_name=self.served_name,
            versions=self.versions,
        )

    def extended(self, ledger: Ledger, new: Mapping[str, tuple[Block, ...]]) -> Ledger:
        """Return the ledger with closed blocks, bet on where evidence decides."""
        ledger = ledger.extended(new)
        if not self.is_bet_on:
            return ledger
        objectives = {objective_key(each): each for each in self.objectives}
        ledger = ledger.staked(objectives, new, self.step_entered_at)
        first = next((digest for digest in objectives if digest in ledger.accounts), "")
        return ledger.split_as(self.weight_percent, new.get(first, ()), self.step_entered_at)

    @property
    def next_block_at(self) -> datetime:
        """When a block may be closed that can't be closed now."""
        return _moment(
            next_due_at(
                now=self.now.timestamp(),
                interval_seconds=self.interval_seconds,
                scrape_interval_seconds=self.scrape_interval_seconds,
            )
        )

    def counted_until(self, objective: Objective) -> datetime:
        """Return the end of an objective's last block, or where the first one begins."""
        ledger, key = self.current_ledger, objective_key(objective)
        return ledger.until(key) or ledger.begun[key]


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An objective with a stretch of time to be counted."""

    objective: Objective
    due: Due
    signal: Signal
    watch: Watch = field(repr=False)

    @property
    def key(self) -> str:
        """What the objective's blocks are kept under."""
        return objective_key(self.objective)

    @property
    def advice(self) -> str:
        """What has to be done so that there are metrics at all, "" where nothing has."""
        server, source = self.watch.server, self.watch.source
        asked = preset_of(server) if source is None else source_of(source)
        preset = self.objective.preset
        if preset is None or str(preset) not in asked.metrics.presets:
            return ""
        return f" ({source or server} needs {asked.needs})" if asked.needs else ""

    @property
    def counting(self) -> Counting:
        """How the answers are counted."""
        watch = self.watch
        samples = Samples(
            due=self.due,
            tracks=watch.tracks,
            pods_started_at=watch.pods_started_at,
            pods_running_since=watch.pods_running_since,
            pods_began_before=watch.pods_began_before,
        )
        captured = in_scope(self.objective, watch.captured)
        of_stable, shows = stable_signal(watch, self.objective), watch.stable_shows
        return apart(
            lambda signal: counting(signal, samples, captured),
            self.signal,
            of_stable,
            why_alone(self.objective, watch.server, shows) if shows else "",
        )


def open_objectives(watch: Watch) -> tuple[Open, ...]:
    """Return the objectives that have something to count, one for each definition."""
    ingredients = ingredients_of(watch.server, watch.source)
    distinct = {objective_key(each): each for each in watch.objectives}
    return tuple(
        Open(
            objective=objective,
            due=stretch,
            signal=signal_of(objective, ingredients, watch.tracks),
            watch=watch,
        )
        for objective in distinct.values()
        if (stretch := _due(watch, objective)) is not None
    )


def stable_signal(watch: Watch, objective: Objective) -> Signal | None:
    """Return what an objective's numbers are made of on stable's server; None for of nothing."""
    shows = watch.stable_shows or Shows(server=watch.server, served_name=watch.served_name)
    return signal_on(shows, watch.source, objective, watch.tracks)


def _due(watch: Watch, objective: Objective) -> Due | None:
    return due(
        counted_until=watch.counted_until(objective).timestamp(),
        now=watch.now.timestamp(),
        interval_seconds=watch.interval_seconds,
        scrape_interval_seconds=watch.scrape_interval_seconds,
        step_entered_at=watch.step_entered_at.timestamp() if watch.step_entered_at else None,
    )


def due_fetches(opened: Iterable[Open]) -> tuple[Fetch, ...]:
    """Return what must be fetched to close the blocks that are due, each fetch once."""
    return tuple(dict.fromkeys(fetch for each in opened for fetch in each.counting.fetches))


def count(opened: Iterable[Open], answers: Answers) -> dict[str, Tracked]:
    """Return what the answers hold, by objective; nothing of one that lacks an answer."""
    return {
        each.key: each.counting.tracked(answers)
        for each in opened
        if all(fetch in answers for fetch in each.counting.fetches)
    }


def close_blocks(
    opened: Iterable[Open], counted: Mapping[str, Tracked]
) -> dict[str, tuple[Block, ...]]:
    """Return the new blocks by objective, of what was counted and is not in doubt."""
    return {each.key: _closed(each, counted[each.key]) for each in opened if each.key in counted}


def _closed(each: Open, counted: Tracked) -> tuple[Block, ...]:
    blocks = close(
        each.due,
        counted.canary,
        counted.stable,
        compares=each.objective.is_compared,
        doubted_since=counted.doubt.since if counted.doubt else inf,
    )
    return tuple(
        Block(
            since=_moment(block.since),
            until=_moment(block.until),
            canary=block.canary,
            stable=block.stable,
        )
        for block in blocks
    )


def _moment(unix_seconds: float) -> datetime:
    return datetime.fromtimestamp(unix_seconds, UTC)
