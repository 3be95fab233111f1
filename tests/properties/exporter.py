"""A simulated exporter and the Prometheus that scrapes it: what was counted, and what was seen."""

from dataclasses import dataclass, field

from serinus.signals.series import Series

Samples = dict[str, list[tuple[float, float]]]
"""By code: (time, value)."""


@dataclass(frozen=True)
class PodLife:
    """A pod's script, in seconds since the rollout began."""

    name: str
    starts_at: int
    ends_at: int
    scrape_offset: int
    """Second within the scrape interval."""
    events: tuple[tuple[int, int], ...]
    """Good and bad requests of each second, repeated."""
    restarts: frozenset[int] = frozenset()
    """Seconds at which its process starts again from zero."""
    failed_scrapes: frozenset[int] = frozenset()
    """Scrapes that fail, by their number."""


@dataclass
class Scraped:
    """What Prometheus stored of one pod, and what each life of its process had counted."""

    pod: PodLife
    samples: Samples = field(default_factory=dict)
    ups: list[tuple[float, float]] = field(default_factory=list)
    lives: list[Samples] = field(default_factory=lambda: [{}])
    job: str = "pods"
    are_restarts_visible: bool = True
    """Whether the largest counter was lower at the first scrape after each restart."""

    def truth(self, until: float, code: str) -> float:
        """Events that some scrape showed until a time: each life's last scraped count."""
        counts = (
            [value for at, value in life.get(code, []) if at <= until] for life in self.lives
        )
        return sum(count[-1] for count in counts if count)


def scrape(pod: PodLife, start: float, interval: int) -> Scraped:
    """Play a pod's whole life."""
    seen, counters = Scraped(pod), dict[str, float]()
    for second in range(pod.starts_at, pod.ends_at):
        if second in pod.restarts:
            counters = {}
            seen.lives.append({})
        good, bad = pod.events[second % len(pod.events)]
        for code, count in (("200", good), ("500", bad)):
            if count:  # a label value appears with its first event
                counters[code] = counters.get(code, 0.0) + count
        if second % interval == pod.scrape_offset:
            is_up = second // interval not in pod.failed_scrapes
            seen.ups.append((start + second, float(is_up)))
            if is_up:
                _store(seen, counters, start + second)
    return seen


def _store(seen: Scraped, counters: dict[str, float], at: float) -> None:
    is_new_life = len(seen.lives) > 1 and not seen.lives[-1]
    before = {code: samples[-1][1] for code, samples in seen.samples.items()}
    if is_new_life and before:
        largest = max(before, key=lambda code: max(value for _, value in seen.samples[code]))
        has_fallen = largest in counters and counters[largest] < before[largest]
        # A counter away from a good scrape is seen to be new whatever it shows when it is back.
        seen.are_restarts_visible &= has_fallen or not (counters.keys() & before.keys())
    for code, value in counters.items():
        seen.samples.setdefault(code, []).append((at, value))
        seen.lives[-1].setdefault(code, []).append((at, value))


def target_labels(seen: Scraped) -> dict[str, str]:
    name = seen.pod.name
    return {"namespace": "prod", "pod": name, "instance": name, "job": seen.job}


def series_of(seen: Scraped) -> list[Series]:
    labels = target_labels(seen)
    return [
        Series(
            labels={"__name__": "model_requests_total", "code": code, **labels},
            samples=tuple(samples),
        )
        for code, samples in seen.samples.items()
    ]


def ups_of(seen: Scraped) -> list[Series]:
    labels = target_labels(seen)
    return [Series(labels={"__name__": "up", **labels}, samples=tuple(seen.ups))]


def within(series: list[Series], since: float, until: float) -> list[Series]:
    """What a range selector answers."""
    cut = (
        Series(labels=one.labels, samples=tuple(s for s in one.samples if since <= s[0] <= until))
        for one in series
    )
    return [one for one in cut if one.samples]
