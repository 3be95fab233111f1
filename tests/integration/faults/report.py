"""The table and the figures that `make faults` prints."""

from collections.abc import Iterable

from tests.integration.faults.jobs import Told

KILLED = ("before", "after ", "")
HEAD = (
    "act",
    "killed before",
    "killed after",
    "other faults",
    "violations",
    "lost requests",
    "events lost",
)


def table(told: Iterable[Told]) -> str:
    """Return one line an act: kills before and after a write, and what came of them."""
    acts: dict[str, list[Told]] = {}
    for each in told:
        acts.setdefault(each.act or "(the write never came)", []).append(each)
    rows = [HEAD, *(_row(act, those) for act, those in acts.items())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _row(act: str, told: list[Told]) -> tuple[str, ...]:
    return (
        act,
        str(sum(each.injected.startswith("before ") for each in told)),
        str(sum(each.injected.startswith("after ") for each in told)),
        str(sum(each.times for each in told if each.injected[:6] not in KILLED)),
        str(sum(len(each.violations) for each in told)),
        f"{sum(each.lost for each in told):.0f}",
        str(sum(len(each.events_lost) for each in told)),
    )


def figures(told: list[Told]) -> str:
    """Return the lines that others read."""
    injected = sum(each.times for each in told if each.injected)
    violations = sum(len(each.violations) for each in told)
    lost = sum(each.lost for each in told)
    return "\n".join(
        (
            f"figure faults.injected {injected}",
            f"figure faults.violations {violations}",
            f"figure faults.lost_requests {lost:.0f}",
        )
    )
