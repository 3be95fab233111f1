"""What a scrape of a monitor shows, by name and labels."""

from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from serinus_sdk import Baseline, Monitor

ROWS = [{"age": float(age), "city": "Rome" if age % 3 else "Oslo"} for age in range(20, 80)]
SAID = [age / 100 for age in range(20, 80)]


class Shown(dict[tuple[str, frozenset[tuple[str, str]]], float]):
    """Samples by name and labels; what is not there is None."""

    @classmethod
    def of(cls, exposition: bytes) -> "Shown":
        return cls(
            ((sample.name, frozenset((k, v) for k, v in sample.labels.items() if v)), sample.value)
            for family in text_string_to_metric_families(exposition.decode())
            for sample in family.samples
            if not sample.name.endswith("_created")
        )

    def value(self, name: str, **labels: str) -> float | None:
        return self.get((name, frozenset(labels.items())))

    def sum(self, name: str, **labels: str) -> float:
        wanted = set(labels.items())
        return sum(value for (one, has), value in self.items() if one == name and wanted <= has)


def baseline() -> Baseline:
    return Baseline.fit(ROWS, SAID, version="7")


def monitor(known: Baseline | None = None, **options: object) -> Monitor:
    return Monitor(known, registry=CollectorRegistry(), **options)  # type: ignore[arg-type]


def shown(seen: Monitor) -> Shown:
    return Shown.of(seen.exposition())
