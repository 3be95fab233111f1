"""Raw samples, fetched for all models at once and fanned out by pod."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from serinus.observe.fetch import Answers, Fetch
from serinus.resource.names import workload_name
from serinus.servers.selectors import shown_label
from serinus.signals.blocks import Due
from serinus.signals.compile import Tracks, scrapes_query
from serinus.signals.counts import Heard, hear, target_of
from serinus.signals.doubts import Doubt, gravest, shown_twice, unsettled
from serinus.signals.native import as_buckets, edges_of
from serinus.signals.part import Part
from serinus.signals.series import ScrapeLabels, Series, of_pods


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Raw samples, fetched for all models at once and fanned out by pod."""

    due: Due
    tracks: Tracks
    pods_started_at: Mapping[str, datetime]
    pods_running_since: Mapping[str, datetime]
    pods_began_before: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    _natives: dict[Part, dict[str, list[Series]]] = field(default_factory=dict, compare=False)
    """Native histograms as buckets, worked out once for all that ask for them."""

    def fetches(self, parts: Sequence[Part]) -> tuple[Fetch, ...]:
        """Return what is needed to count these parts."""
        queries = (*(part.query for part in parts), scrapes_query(self.tracks.labels))
        return tuple(self._fetch(query) for query in dict.fromkeys(queries))

    def of(self, answers: Answers, parts: Sequence[Part], *revisions: str) -> list[Series]:
        """Return the series of some parts that belong to some revisions."""
        return [
            series
            for part in parts
            for revision in revisions
            for series in (
                self._as_buckets(answers, part)[revision]
                if part.are_native
                else part.of(self._of_revision(answers, part, revision))
            )
        ]

    def _as_buckets(self, answers: Answers, part: Part) -> dict[str, list[Series]]:
        """Both tracks need the same edges."""
        if part not in self._natives:
            of_tracks = {
                revision: part.kept(self._of_revision(answers, part, revision))
                for revision in (self.tracks.canary, self.tracks.stable)
            }
            edges = edges_of(chain.from_iterable(of_tracks.values()), part.limit)
            self._natives[part] = {
                revision: as_buckets(series, edges) for revision, series in of_tracks.items()
            }
        return self._natives[part]

    def heard(
        self, answers: Answers, parts: Sequence[Part], revision: str
    ) -> dict[tuple[str, ...], Heard]:
        """Return what is known of the scrapes of a revision's pods, by target."""
        series = self.of(answers, parts, revision)
        are_proxies = any(part.workload for part in parts)
        return self._heard(
            series,
            self._scrapes_of(answers, series) if are_proxies else self._scrapes(answers, revision),
        )

    def whole(self, answers: Answers, query: str) -> Sequence[Series]:
        """Return all series of a query, whosever they are."""
        return answers[self._fetch(query)]

    def heard_of(self, answers: Answers, series: Sequence[Series]) -> dict[tuple[str, ...], Heard]:
        """Return what is known of the scrapes of whoever shows some series."""
        targets = {target_of(one.labels) for one in series}
        ups = self.whole(answers, scrapes_query(self.tracks.labels))
        return self._heard(series, [up for up in ups if target_of(up.labels) in targets])

    def _heard(
        self, series: Sequence[Series], scrapes: Sequence[Series]
    ) -> dict[tuple[str, ...], Heard]:
        since = self.due.until - self.due.window_seconds
        young = (pod for pod, at in self.pods_started_at.items() if at.timestamp() > since)
        return hear(
            series,
            scrapes,
            young_pods=frozenset(young),
            pod_label=self.tracks.labels.pod,
            spacing_seconds=self.due.scrape_interval_seconds,
        )

    def doubt(
        self,
        answers: Answers,
        parts: Sequence[Part],
        revision: str,
        heard: Mapping[tuple[str, ...], Heard],
    ) -> Doubt | None:
        """Return why what a revision's pods show can't be what they counted, if it can't."""
        ups, pod_label = self._scrapes(answers, revision), self.tracks.labels.pod
        twice = (shown_twice(self.of(answers, (p,), revision), ups, pod_label) for p in parts)
        running = {pod: at.timestamp() for pod, at in self.pods_running_since.items()}
        before = {
            pod: [at.timestamp() for at in those] for pod, those in self.pods_began_before.items()
        }
        return gravest((*twice, unsettled(heard.values(), running, before, self.due.until)))

    def silence(self, answers: Answers, parts: Sequence[Part]) -> str:
        """Return what is missing of the canary, where something is."""
        missing = (part for part in parts if not self.of(answers, (part,), self.tracks.canary))
        if part := next(missing, None):
            if part.workload is not None:
                return f"nobody shows {part.shown} about its workload"
            ups = self._scrapes(answers, self.tracks.canary)
            is_scraped = any(value == 1 for up in ups for _, value in up.samples)
            state = (
                "its pods are scraped, but show" if is_scraped else "no scrape of its pods, and"
            )
            return f"{state} no {part.shown}{self._other_models(answers, part)}"
        return "its pods are not scraped any more"

    def _other_models(self, answers: Answers, part: Part) -> str:
        """Which models a server shows where the one that was asked for is not among them."""
        own = part.keep.matchers[-1:] if part.keep else ()
        if part.keep is None or not own or own[0].wanted != self.tracks.served_name:
            return ""
        whole = Part(query=part.query, keep=replace(part.keep, matchers=part.keep.matchers[:-1]))
        series = self.of(answers, (whole,), self.tracks.canary)
        names = sorted({shown_label(one.labels, own[0].label) for one in series})
        found = f", but of {', '.join(names)}" if names else ""
        return f" of model {own[0].wanted}{found} (spec.model.name)"

    def _scrapes(self, answers: Answers, revision: str) -> tuple[Series, ...]:
        return self._of_pods(answers, scrapes_query(self.tracks.labels), revision)

    def _scrapes_of(self, answers: Answers, series: Sequence[Series]) -> list[Series]:
        """Return when the proxies that show some series were scraped."""
        tracks, answer = self.tracks, answers[self._fetch(scrapes_query(self.tracks.labels))]
        names = (tracks.labels.namespace, tracks.labels.pod)
        whose = {tuple(one.labels.get(name, "") for name in names) for one in series}
        return [
            up
            for namespace, pod in whose
            for up in of_pods(answer, namespace, pod, tracks.labels)
            if up.labels.get(tracks.labels.pod) == pod
        ]

    def _of_revision(self, answers: Answers, part: Part, revision: str) -> tuple[Series, ...]:
        tracks, by = self.tracks, part.workload
        if by is None:
            return self._of_pods(answers, part.query, revision)
        prefix = by.prefix(tracks.namespace, workload_name(tracks.model, revision))
        labels = ScrapeLabels(namespace=by.namespace_label or "", pod=by.label)
        namespace = tracks.namespace if by.namespace_label else ""
        return of_pods(answers[self._fetch(part.query)], namespace, prefix, labels)

    def _of_pods(self, answers: Answers, query: str, revision: str) -> tuple[Series, ...]:
        tracks = self.tracks
        answer = answers[self._fetch(query)]
        return of_pods(answer, tracks.namespace, tracks.prefix(revision), tracks.labels)

    def _fetch(self, query: str) -> Fetch:
        return Fetch(query=query, window_seconds=self.due.window_seconds, until=self.due.until)
