"""Evidence gathered from what servers show, as the operator gathers it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from serinus.evidence.ledger import Ledger, Tally
from serinus.observe.measure import measure
from serinus.observe.watch import Watch
from serinus.resource.objective import Objective
from serinus.resource.revision import Shows
from serinus.servers.preset import STANDARD, server_names
from serinus.signals.blocks import objective_key
from serinus.signals.series import Answer, Series
from serinus.signals.tally import tallied
from tests.presets.shows import MODEL, NAMESPACE, SCRAPE_SECONDS, as_series, shows, target
from tests.presets.stories import SCRAPES, Story

START = datetime(2030, 1, 1, 14, 0, tzinfo=UTC)
CANARY, STABLE = "bbb", "aaa"
_NAMES = re.compile(r'\{__name__=~"([^"]*)"|([^{]*)\{')


@dataclass
class Reader:
    """A Prometheus that has scraped everything."""

    series: Sequence[Series]
    asked: list[tuple[str, float, datetime]] = field(default_factory=list)

    async def raw(self, selector: str, window_seconds: float, at: datetime) -> tuple[Series, ...]:
        self.asked.append((selector, window_seconds, at))
        found = _NAMES.match(selector)
        assert found
        names = (found[1] or found[2]).split("|")
        since, until = at.timestamp() - window_seconds, at.timestamp()
        return Answer(
            Series(labels=one.labels, samples=window)
            for one in self.series
            if one.labels["__name__"] in names
            and (window := tuple(s for s in one.samples if since <= s[0] <= until))
        )

    async def evaluate(
        self, expression: str, since: datetime, until: datetime, step_seconds: float
    ) -> tuple[Series, ...]:
        raise NotImplementedError("presets are counted from raw samples")


def scraped(name: str, canary: Story, stable: Story) -> list[Series]:
    """Return all series of both tracks, and when they were scraped."""
    server = shows(name)
    pods, found = set(), []
    for revision, story in ((CANARY, canary), (STABLE, stable)):
        workload = f"{MODEL}-{revision}"
        pod = server.pod(workload)
        pods.add(pod)
        found += as_series(server.values(story, workload), pod, START.timestamp())
    ups = tuple((START.timestamp() + n * SCRAPE_SECONDS, 1.0) for n in range(SCRAPES))
    return found + [Series(labels={"__name__": "up", **target(pod)}, samples=ups) for pod in pods]


def asked(name: str) -> tuple[str, str | None]:
    """Return the model server and the source that a preset is asked as."""
    return (name, None) if name in server_names() else (STANDARD, name)


async def counts(
    reader: Reader, name: str, objective: Objective, served_name: str | None = None
) -> tuple[Tally, Tally]:
    """Return what was counted of canary and stable in all, in a look every four minutes."""
    ledger = Ledger()
    for minute in range(4, SCRAPES // 4 + 5, 4):
        watch = watch_at(name, objective, minute, ledger, served_name)
        ledger = (await measure(watch, reader)).ledger
    blocks = ledger.of(objective_key(objective))
    return (
        tallied(block.canary for block in blocks),
        tallied(block.stable for block in blocks),
    )


def watch_at(
    name: str,
    objective: Objective,
    minute: int,
    ledger: Ledger | None = None,
    served_name: str | None = None,
    stable_shows: Shows | None = None,
) -> Watch:
    """Return a watch over a preset's canary, some minutes after its first traffic."""
    server, source = asked(name)
    return Watch(
        namespace=NAMESPACE,
        model=MODEL,
        stable=STABLE,
        canary=CANARY,
        rollout="r1",
        objectives=(objective,),
        ledger=ledger or Ledger(),
        evidence_since=START,
        now=START + timedelta(minutes=minute),
        interval_seconds=SCRAPE_SECONDS,
        scrape_interval_seconds=SCRAPE_SECONDS,
        pods_started_at={shows(name).pod(f"{MODEL}-{CANARY}"): START},
        server=server,
        source=source,
        served_name=served_name,
        stable_shows=stable_shows,
    )
